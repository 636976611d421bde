import { costOf } from "../lib/metering/cost.ts";
import { addUsage, NO_USAGE } from "../lib/metering/usage.ts";
import { formatDollars, formatNumber } from "../lib/report/format.ts";
import type { SourceSummary } from "./summary.ts";

/** Returns what the runs of all sources would cost in AWS, in one line; null if none of them has a report. */
export const costLine = (summaries: SourceSummary[]): string | null => {
  const costs = summaries.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  if (costs.length === 0) return null;
  const usage = costs.reduce((sum, cost) => addUsage(sum, cost.usage), NO_USAGE);
  const { gb_seconds, invocations, s3_puts, transitions } = usage;
  const counts = [
    `${formatNumber(gb_seconds, 1)} GB-s measured here`,
    `${formatNumber(invocations)} invocations`,
    `${formatNumber(s3_puts)} S3 PUTs`,
    `${formatNumber(transitions)} transitions`,
  ];
  return `Estimated AWS cost: ${formatDollars(costOf(usage).dollars.total)} at list price (${counts.join(", ")}).`;
};
