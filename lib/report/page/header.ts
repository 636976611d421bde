import { formatBytes, formatCount, formatDifference, formatDollars, formatDuration, formatNumber } from "../format.ts";
import { beforeOf, fullBeforeOf } from "../history.ts";
import type { RunReport } from "../run-report.ts";
import { timeElement } from "./elements.ts";
import { type Content, foreign, type Html, html } from "./html.ts";

type Counted = "rows" | "pages" | "requests" | "retries" | "waited_seconds";

const sum = ({ resources }: RunReport, key: Counted): number =>
  resources.reduce((total, resource) => total + resource[key], 0);

const failedOf = ({ resources }: RunReport) => resources.filter(({ status }) => status === "failed");

/** How the run stands, in few words. */
export const statusText = (report: RunReport): string => {
  const failed = failedOf(report).length;
  if (report.status === "done") return failed === 0 ? "Done" : "Done, as far as asked";
  return report.closed ? "Given up" : `${formatNumber(failed)} failed`;
};

/** What came of the run, in a sentence or two. */
const leadText = (report: RunReport): string => {
  const { resources, status, closed } = report;
  const failed = failedOf(report).length;
  const rows = formatCount(sum(report, "rows"), "row");
  if (failed === 0) {
    const subject = resources.length === 1 ? "The resource is" : `All ${formatNumber(resources.length)} resources are`;
    return `${subject} in the lake, with ${rows}.`;
  }
  if (status === "done") {
    return `What was asked for is in the lake. ${formatCount(failed, "other resource is", "other resources are")} still to come: the next start goes on with this run.`;
  }
  const missing = `${formatNumber(failed)} of ${formatCount(resources.length, "resource")} failed`;
  return closed
    ? `${missing}, night after night, and the run was given up for a fresh one.`
    : `${missing}; the others are kept, and the next start goes on where these stopped.`;
};

const kindText = ({ refresh, window }: RunReport): string | null => {
  if (window !== null) return `the window from ${window.start} up to ${window.end}`;
  return refresh === "full" ? "a full refresh" : null;
};

const fact = (name: string, value: Content): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

const figure = (name: string, value: string, more: Content = null): Html =>
  html`<div><dt>${name}</dt><dd>${value}${more && html` <span class="small soft">${more}</span>`}</dd></div>`;

/** Rows of this run less those of the run before, where all its resources can be compared. */
const rowsMore = ({ resources, earlier, window }: RunReport): string | null => {
  const differences = resources.map(({ resource, rows, full_refresh, status }) => {
    const before = beforeOf(earlier, resource);
    return before === null || status === "failed" || before.full_refresh !== full_refresh ? null : rows - before.rows;
  });
  if (window !== null || differences.length === 0 || differences.includes(null)) return null;
  return `${formatDifference(differences.reduce<number>((total, difference) => total + (difference ?? 0), 0))} to the run before`;
};

const figures = (report: RunReport): Html => {
  const { cost, freshness_seconds, resources } = report;
  const bytes = resources.reduce((total, resource) => total + (resource.bytes ?? 0), 0);
  return html`<dl class="figures card">${[
    figure("Rows", formatNumber(sum(report, "rows")), rowsMore(report)),
    figure("Size", formatBytes(bytes), "compressed, in S3"),
    figure("Took", formatDuration(report.duration_seconds), "from open to here"),
    figure("Waited", formatDuration(sum(report, "waited_seconds")), "as the API asked"),
    figure("Requests", formatNumber(sum(report, "requests")), `for ${formatCount(sum(report, "pages"), "page")}`),
    figure("Retries", formatNumber(sum(report, "retries")), "requests asked again"),
    figure("Cost", formatDollars(cost.dollars.total), "at list price"),
    freshness_seconds === null
      ? figure("Tables were", "unknown", "no complete run before")
      : figure("Tables were", formatDuration(freshness_seconds), "old until now"),
  ]}</dl>`;
};

/** What is no failure, and still no good news; null when there is nothing of the kind. */
export const worthALook = ({ resources, empty_resources, earlier }: RunReport): Html | null => {
  const note = (name: string, what: string, text: string): Html =>
    html`<li class="card note"><h3>${foreign(name)} ${what}</h3><p>${text}</p></li>`;
  const empty = empty_resources.map((name) => {
    const before = formatCount(fullBeforeOf(earlier, name)?.rows ?? 0, "row");
    const advice = "See whether the API has moved them, or the config asks for something else.";
    return note(name, "is empty", `It had ${before} the time before, and none came now. ${advice}`);
  });
  const discarded = resources.flatMap(({ resource, discarded_rows: rows, discarded_values: values }) => {
    const counts = [rows > 0 && formatCount(rows, "row"), values > 0 && formatCount(values, "value")].filter(Boolean);
    const text = `${counts.join(" and ")} broke its schema_contract, which discards such.`;
    return counts.length === 0 ? [] : [note(resource, "left something out", text)];
  });
  if (empty.length + discarded.length === 0) return null;
  return html`<section aria-labelledby="notes"><h2 id="notes">Worth a look</h2><ul class="stack">${[...empty, ...discarded]}</ul></section>`;
};

/** What one wants to know first. */
export const header = (report: RunReport): Html => {
  const { source, run_id, opened_at, finished_at, status } = report;
  const kind = kindText(report);
  return html`<header>
<div class="top"><h1>${foreign(source)}</h1><span class="tag ${status === "done" ? "good" : "bad"}">${statusText(report)}</span></div>
<p class="lead">${leadText(report)}</p>
<dl class="facts">${[
    fact("Run", html`<span class="code">${run_id}</span>`),
    fact("Opened", timeElement(opened_at)),
    fact("Finished", timeElement(finished_at)),
    kind !== null && fact("Loaded", foreign(kind)),
  ]}</dl>
</header>
${figures(report)}`;
};
