import { MetricUnit } from "@aws-lambda-powertools/metrics";
import type { ResourceStats } from "../metering/resource-stats.ts";
import type { RunReport } from "../report/run-report.ts";
import { metrics } from "./observability.ts";

/** The numbers that are metrics. CloudWatch bills each metric, so there are few. */
const COUNTED = ["rows", "pages", "parts", "discarded_rows", "retries"] as const;

/**
 * Adds the metrics of one invocation, by source only: CloudWatch bills every combination of dimensions as a separate metric.
 * The resource is a field of the log line that carries the metrics, where Logs Insights finds it.
 */
export const countInvocation = (source: string, resource: string, added: ResourceStats): void => {
  metrics.addDimensions({ source });
  metrics.addMetadata("resource", resource);
  for (const name of COUNTED) metrics.addMetric(name, MetricUnit.Count, added[name]);
  metrics.addMetric("waited_seconds", MetricUnit.Seconds, added.waited_seconds);
};

/** Percentage of a run's time in which it waited for its API. */
const throttledPercent = ({ resources, duration_seconds }: RunReport): number => {
  const waited = resources.reduce((sum, { waited_seconds }) => sum + waited_seconds, 0);
  return duration_seconds === 0 ? 0 : Math.min(100, (100 * waited) / duration_seconds);
};

/**
 * Adds the metrics of a run, by source. Only a complete run has a `duration`, so a day without one means that no run was
 * completed. A window does not show how fresh the tables are, so it adds only the time waited.
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
