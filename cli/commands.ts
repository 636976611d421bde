import type { Command, CommandDefinition } from "./command.ts";
import * as definitions from "./definitions.ts";

/** A command: its definition, and its code, which is loaded when it runs. */
export interface CommandEntry {
  definition: CommandDefinition;
  run: Command;
}

const entry = (definition: CommandDefinition, load: () => Promise<{ run: Command }>): CommandEntry => ({
  definition,
  run: async (args) => (await load()).run(args),
});

/** All commands, in the order of help and docs/cli.md. */
export const COMMANDS: readonly CommandEntry[] = [
  entry(definitions.start, () => import("./start.ts")),
  entry(definitions.example, () => import("./example.ts")),
  entry(definitions.check, () => import("./check.ts")),
  entry(definitions.sync, () => import("./sync.ts")),
  entry(definitions.offline, () => import("./offline.ts")),
  entry(definitions.query, () => import("./query.ts")),
  entry(definitions.tables, () => import("./tables.ts")),
  entry(definitions.report, () => import("./report.ts")),
];
