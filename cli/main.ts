import { ConfigError, RestlakeError } from "../lib/errors/index.ts";
import { HelpWanted } from "./arguments.ts";
import { type Command, EXIT } from "./command.ts";
import { Interrupted } from "./interrupt.ts";

const commands: Record<string, () => Promise<{ run: Command }>> = {
  start: () => import("./start.ts"),
  check: () => import("./check.ts"),
  example: () => import("./example.ts"),
  sync: () => import("./sync.ts"),
  offline: () => import("./offline.ts"),
  query: () => import("./query.ts"),
  tables: () => import("./tables.ts"),
  report: () => import("./report.ts"),
};

/**
 * Runs a command. A user's mistake (ConfigError) is told on stderr, without a stack, and exits with 2; trouble of the
 * family exits with 1; anything else is a bug of ours and shows its stack.
 */
export const main = async (name: string, args: string[]): Promise<number> => {
  try {
    const command = await commands[name]?.();
    return command === undefined ? EXIT.usage : await command.run(args);
  } catch (error) {
    if (error instanceof HelpWanted) {
      console.log(error.usage);
      return EXIT.done;
    }
    if (error instanceof Interrupted) {
      console.error("Stopped; nothing was begun.");
      return EXIT.stopped;
    }
    if (error instanceof ConfigError) {
      console.error(error.message);
      return EXIT.usage;
    }
    if (error instanceof RestlakeError) {
      console.error(`${error.name}: ${error.message}`);
      return EXIT.failed;
    }
    console.error(error);
    return EXIT.failed;
  }
};
