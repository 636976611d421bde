import { ConfigError } from "../errors/index.ts";
import { isJsonObject } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import type { NamedError, RunReport } from "../report/run-report.ts";
import { type Finished, finishRun } from "./finish-run.ts";
import type { RunHandle } from "./run-handle.ts";
import type { SourceFacts } from "./source-facts.ts";

/** An error as the state machine catches it: Step Functions' error name and cause. */
interface CaughtError {
  Error?: string;
  Cause?: string;
}

/** Parameters of the `finish` state. */
export interface FinishEvent extends SourceFacts {
  run: RunHandle;
  /** Errors that the state machine caught, by resource. */
  failures: Record<string, CaughtError>;
}

/** Maximum length of a cause that is not Lambda's JSON. */
const MAX_CAUSE_LENGTH = 1000;

const namedError = ({ Error: name = "Unknown", Cause: cause = "" }: CaughtError): NamedError => {
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: unknown };
    if (typeof parsed.errorMessage === "string") return { name, message: parsed.errorMessage };
  } catch {
    // A cause that is not Lambda's JSON is plain text.
  }
  return { name, message: cause.slice(0, MAX_CAUSE_LENGTH) };
};

/**
 * Runs the state machine's last state.
 *
 * @param memory_mb of its Lambda; null outside of a Lambda.
 * @param onReport called with the run's report once it is written.
 * @throws RunFailedError when resources are not done; ConfigError when the event is not the state machine's.
 */
export const finish = async (
  ports: Ports,
  event: FinishEvent,
  memory_mb: number | null = null,
  onReport?: (report: RunReport) => void,
): Promise<Finished> => {
  if (!isJsonObject(event.run) || !Array.isArray(event.resources)) {
    throw new ConfigError("finish is a state of the source's state machine: start the state machine instead");
  }
  const { run_id, owner, successor, transitions, usage: opened } = event.run;
  const failures = Object.fromEntries(
    Object.entries(event.failures ?? {}).map(([resource, failure]) => [resource, namedError(failure)]),
  );
  return finishRun(ports, event, {
    options: { ...successor, new_run: false },
    run_id,
    owner,
    failures,
    transitions,
    opened,
    memory_mb,
    onReport,
  });
};
