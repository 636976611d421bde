import { ConfigError } from "../lib/errors/index.ts";
import type { Execution } from "../local/state-machine/index.ts";
import { EXIT } from "./command.ts";
import { busyText } from "./next-commands.ts";
import { errorLines, type SourceSummary } from "./summary.ts";

/**
 * Tells on stderr how the execution of a source's machine ended, where it did not end well.
 *
 * @param again the command that goes on with what was stopped.
 * @returns the exit code.
 * @throws ConfigError for a mistake of the config: it is told the way all of them are.
 */
export const conclude = (execution: Execution, summary: SourceSummary, again: string): number => {
  if (execution.status === "stopped") {
    const run = summary.run_id === null ? "" : ` with run ${summary.run_id}`;
    console.error(`Stopped; what was read is kept. ${again} goes on${run}.`);
    return EXIT.stopped;
  }
  if (execution.status === "failed") {
    if (execution.error === "ConfigError") throw new ConfigError(execution.cause);
    for (const line of errorLines([summary])) console.error(line);
    console.error(`${execution.error}: ${execution.cause}`);
    return EXIT.failed;
  }
  const busy = busyText(summary.source, execution.output);
  if (busy !== null) console.error(busy);
  return busy === null ? EXIT.done : EXIT.failed;
};
