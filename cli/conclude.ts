import { ConfigError } from "../lib/errors/index.ts";
import type { Execution } from "../local/state-machine/index.ts";
import { EXIT } from "./command.ts";
import { errorLines, type SourceSummary } from "./summary.ts";
import { printError } from "./terminal.ts";

/** Returns the message for an execution that did nothing because another one runs the source; null for any other output. */
export const busyText = (source: string, output: unknown): string | null => {
  const { status, owner, expires_at } = (output ?? {}) as { status?: string; owner?: string; expires_at?: string };
  if (status !== "skipped") return null;
  const holder = `held by ${owner ?? "another execution"}${expires_at === undefined ? "" : ` until ${expires_at}`}`;
  return `${source} is already running (lease ${holder}): start it again after that execution has ended`;
};

/**
 * Prints on stderr how the execution of a source ended, unless it succeeded.
 *
 * @param again the command that resumes a stopped run, for the message.
 * @returns the exit code.
 * @throws ConfigError if the execution failed with one, so that it is printed as all of them are.
 */
export const conclude = (execution: Execution, summary: SourceSummary, again: string): number => {
  if (execution.status === "stopped") {
    const resume = summary.run_id === null ? "" : ` To resume run ${summary.run_id}, run ${again}.`;
    printError(`Stopped. All pages read so far are kept.${resume}`);
    return EXIT.stopped;
  }
  if (execution.status === "failed") {
    if (execution.error === "ConfigError") throw new ConfigError(execution.cause);
    for (const line of errorLines([summary])) printError(line);
    printError(`${execution.error}: ${execution.cause}`);
    return EXIT.failed;
  }
  const busy = busyText(summary.source, execution.output);
  if (busy !== null) printError(busy);
  return busy === null ? EXIT.done : EXIT.failed;
};
