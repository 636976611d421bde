import { ConfigError } from "../lib/errors/index.ts";
import type { Command, CommandDefinition } from "./command.ts";
import * as definitions from "./definitions.ts";

/** A command: its definition, and its code, which is loaded when it runs. */
export interface CommandEntry {
  definition: CommandDefinition;
  run: Command;
}

/** Packages that only some commands need, and that a project installs by itself. */
const OPTIONAL_PACKAGES: Record<string, string> = { "@duckdb/node-api": "DuckDB" };

/** Returns the error for a missing optional package; every other error as it is. */
const loadingError = (thrown: unknown): unknown => {
  const { code, message } = thrown as NodeJS.ErrnoException;
  const [name, title] = Object.entries(OPTIONAL_PACKAGES).find(([each]) => message.includes(`'${each}'`)) ?? [];
  if (code !== "ERR_MODULE_NOT_FOUND" || name === undefined) return thrown;
  return new ConfigError(`${title} is not installed: run npm install --save-dev ${name}`);
};

const entry = (definition: CommandDefinition, load: () => Promise<{ run: Command }>): CommandEntry => ({
  definition,
  async run(args) {
    const command = await load().catch((thrown: unknown) => {
      throw loadingError(thrown);
    });
    return command.run(args);
  },
});

/** All commands, in the order of help and docs/cli.md. */
export const COMMANDS: readonly CommandEntry[] = [
  entry(definitions.init, () => import("./init.ts")),
  entry(definitions.start, () => import("./start.ts")),
  entry(definitions.example, () => import("./example.ts")),
  entry(definitions.check, () => import("./check.ts")),
  entry(definitions.sync, () => import("./sync.ts")),
  entry(definitions.offline, () => import("./offline.ts")),
  entry(definitions.query, () => import("./query.ts")),
  entry(definitions.tables, () => import("./tables.ts")),
  entry(definitions.report, () => import("./report.ts")),
  entry(definitions.packageStack, () => import("./package.ts")),
  entry(definitions.deploy, () => import("./deploy.ts")),
  entry(definitions.remove, () => import("./remove.ts")),
];
