import { costOf } from "../lib/metering/cost.ts";
import { addUsage, NO_USAGE } from "../lib/metering/usage.ts";
import type { SourceSummary } from "./summary.ts";

const number = (value: number, digits = 0): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Less than a dollar is told to a hundredth of a cent: a run costs little. */
const dollarText = (dollars: number): string => `$${number(dollars, dollars < 1 ? 4 : 2)}`;

/** What the runs of all sources would cost in the cloud, in a line; null when none of them has a report. */
export const costLine = (summaries: SourceSummary[]): string | null => {
  const costs = summaries.flatMap(({ cost }) => (cost === null ? [] : [cost]));
  if (costs.length === 0) return null;
  const used = costs.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
  const { gb_seconds, invocations, s3_puts, transitions } = used;
  const counts = [
    `${number(gb_seconds, 1)} GB-s as measured here`,
    `${number(invocations)} invocations`,
    `${number(s3_puts)} S3 PUTs`,
    `${number(transitions)} transitions`,
  ];
  return `About ${dollarText(costOf(used).dollars.total)} at list price: ${counts.join(", ")}; see reports/.`;
};
