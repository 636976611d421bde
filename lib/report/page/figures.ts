import type { ResourceStats } from "../../metering/resource-stats.ts";
import { formatBytes, formatCount, formatDifference, formatDollars, formatDuration, formatNumber } from "../format.ts";
import { rowDifference } from "../history.ts";
import type { RunReport } from "../run-report.ts";
import { type Html, html } from "./html.ts";

const figure = (name: string, value: string, note: string | null): Html =>
  html`<div><dt>${name}</dt><dd>${value}${note !== null && html` <span class="small muted">${note}</span>`}</dd></div>`;

/** Returns the rows of this run compared with the previous run; null unless all resources can be compared. */
const comparison = (report: RunReport): string | null => {
  const differences = report.resources.map((resource) => rowDifference(resource, report));
  if (differences.length === 0 || differences.includes(null)) return null;
  const sum = differences.reduce<number>((total, difference) => total + (difference ?? 0), 0);
  return `${formatDifference(sum)} vs. previous run`;
};

/** Renders the totals of the run. */
export const figures = (report: RunReport): Html => {
  const { cost, freshness_seconds, resources } = report;
  const sum = (key: keyof ResourceStats) => resources.reduce((total, resource) => total + resource[key], 0);
  const bytes = resources.reduce((total, resource) => total + (resource.bytes ?? 0), 0);
  return html`<dl class="figures card">${[
    figure("Rows", formatNumber(sum("rows")), comparison(report)),
    figure("Size", formatBytes(bytes), "compressed, in S3"),
    figure("Duration", formatDuration(report.duration_seconds), "since the run was opened"),
    figure("Waited", formatDuration(sum("waited_seconds")), "for rate limits and retries"),
    figure("Requests", formatNumber(sum("requests")), `for ${formatCount(sum("pages"), "page")}`),
    figure("Retries", formatNumber(sum("retries")), "included in requests"),
    figure("Cost", formatDollars(cost.dollars.total), "estimate at list prices"),
    freshness_seconds === null
      ? figure("Data age", "unknown", "no earlier complete run")
      : figure("Data age", formatDuration(freshness_seconds), "before this run"),
  ]}</dl>`;
};
