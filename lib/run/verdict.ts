import type { ResourceFacts, RunBounds, RunRecord } from "../lake/run-record.ts";
import type { ResourceState } from "../report/resource-report.ts";
import type { ResourceReport } from "../report/run-report.ts";
import { SECOND } from "../time/durations.ts";
import { wantedResources } from "./selection.ts";
import type { StartOptions } from "./start-options.ts";

/** Conclusion of `finish` from the states of a run's resources. */
export interface Verdict {
  /** Resources that this execution was started for. */
  requested: ResourceReport[];
  /** Those of them that are not done. */
  failed: ResourceReport[];
  /** Whether every resource of the run is done. */
  isComplete: boolean;
  /**
   * Whether the run is abandoned: it is old, and its failing resources got no further in this execution. One resource that
   * fails in every execution must not keep the others from loading.
   */
  isAbandoned: boolean;
  /** Whether the same execution continues with a new run. */
  continuesWithNewRun: boolean;
}

/** Whether a resource committed nothing since this execution joined the run. */
export const isUnchangedSince = ({ committed_at }: ResourceState, joined_at: string): boolean =>
  (committed_at ?? 0) < Date.parse(joined_at);

/** The execution that finishes. */
interface JudgedExecution {
  owner: string;
  options: StartOptions;
  /** Milliseconds since 1970. */
  now: number;
}

/** Judges a run by the states of its resources. */
export const judge = (
  run: RunRecord,
  states: ResourceState[],
  { resources, bounds }: { resources: ResourceFacts[]; bounds: RunBounds },
  { owner, options, now }: JudgedExecution,
): Verdict => {
  const wanted = wantedResources(resources, options);
  const reports = states.map(({ report }) => report);
  const requested = reports.filter(({ resource }) => wanted === null || wanted.includes(resource));
  const failed = requested.filter(({ status }) => status === "failed");
  const isComplete = reports.every(({ status }) => status === "done");
  const isOld = now - Date.parse(run.opened_at) > bounds.fresh_after * SECOND;
  // An execution that took this long with a run that it opened itself is slow, not late.
  const isLate = run.opened_by !== owner && options.window === null && (isOld || run.window !== null);
  const hasProgress = states.some((state) => state.report.status !== "done" && !isUnchangedSince(state, run.joined_at));
  const isAbandoned = failed.length > 0 && isLate && isOld && !hasProgress;
  return { requested, failed, isComplete, isAbandoned, continuesWithNewRun: isLate && (isComplete || isAbandoned) };
};
