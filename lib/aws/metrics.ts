import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { Counts } from "../extract/counts.ts";
import type { RunReport } from "../report/run-report.ts";
import { metrics } from "./observability.ts";

/**
 * Counts what an invocation did, by source alone: CloudWatch bills every combination of dimensions as a metric of its own. The
 * resource is a field of the log line that the metrics come in, which Logs Insights finds.
 */
export const countInvocation = (source: string, resource: string, counts: Counts): void => {
  metrics.addDimensions({ source });
  metrics.addMetadata("resource", resource);
  const { waited_seconds, ...others } = counts;
  for (const [name, value] of Object.entries(others)) metrics.addMetric(name, MetricUnit.Count, value);
  metrics.addMetric("waited_seconds", MetricUnit.Seconds, waited_seconds);
};

/** Percent of a run's time in which it waited for its API. */
const throttledPercent = ({ resources, duration_seconds }: RunReport): number => {
  const waited = resources.reduce((sum, { waited_seconds }) => sum + waited_seconds, 0);
  return duration_seconds === 0 ? 0 : Math.min(100, (100 * waited) / duration_seconds);
};

/**
 * Counts a run, by source. How long it took is told of complete runs alone, so that no `duration` for a day means that nothing was
 * completed; and windows, which say nothing of how the tables stand, tell only what they waited.
 */
export const countRun = (report: RunReport): void => {
  const { source, run_id, complete, duration_seconds, freshness_seconds, empty_resources } = report;
  metrics.addDimensions({ source });
  metrics.addMetadata("run_id", run_id);
  metrics.addMetric("throttled_percent", MetricUnit.Percent, throttledPercent(report));
  metrics.addMetric("empty_resources", MetricUnit.Count, empty_resources.length);
  if (!complete) return;
  metrics.addMetric("duration", MetricUnit.Seconds, duration_seconds);
  if (freshness_seconds !== null) metrics.addMetric("freshness", MetricUnit.Seconds, freshness_seconds);
};
