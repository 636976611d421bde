import { formatBytes, formatCount, formatDifference, formatDuration, formatNumber } from "../format.ts";
import { rowDifference } from "../history.ts";
import type { ResourceReport, RunReport } from "../run-report.ts";
import { cell, columnHeadings } from "./elements.ts";
import { isNotStarted } from "./failures.ts";
import { type Content, type Html, html, isolate } from "./html.ts";
import { sparkline } from "./sparkline.ts";

const difference = (resource: ResourceReport, report: RunReport): Html | null => {
  const rows = rowDifference(resource, report);
  if (rows === null) return null;
  const tone = rows === 0 ? "muted" : rows > 0 ? "up" : "down";
  return html`<span class="small ${tone}">${formatDifference(rows)}</span>`;
};

const muted = (text: string): Html => html`<span class="muted">${text}</span>`;

/** Renders zero values in muted text. */
const mutedIfZero = (text: string, value: number): Content => (value === 0 ? muted(text) : text);

const NOT_AVAILABLE = muted("n/a");

/** Returns the status and everything unusual about a resource, in short notes. */
const notesOf = (resource: ResourceReport): string[] => {
  const { status, table, full_refresh, error, discarded_rows, discarded_values, masked_rows, skipped_parents } =
    resource;
  const { read_rows, reported_rows, repeated_rows } = resource;
  return [
    isNotStarted(resource) ? "not started" : status,
    !isNotStarted(resource) && error?.name,
    table !== resource.resource && `table ${table}`,
    full_refresh === false && "incremental",
    reported_rows > 0 && `${formatNumber(read_rows)} of ${formatCount(reported_rows, "reported row")} read`,
    repeated_rows > 0 && `${formatCount(repeated_rows, "row")} repeated`,
    discarded_rows > 0 && `${formatCount(discarded_rows, "row")} discarded`,
    discarded_values > 0 && `${formatCount(discarded_values, "value")} discarded`,
    masked_rows > 0 && `${formatCount(masked_rows, "row")} masked`,
    skipped_parents > 0 && `${formatCount(skipped_parents, "parent row")} skipped`,
  ].filter((note) => typeof note === "string");
};

const row = (resource: ResourceReport, report: RunReport): Html => {
  const { status, rows, bytes, pages, requests, retries, waited_seconds, duration_seconds } = resource;
  const notes = notesOf(resource).map((note, index) => [index > 0 && " · ", isolate(note)]);
  return html`<tr role="row"><th scope="row" role="rowheader"><span class="named"><span class="dot ${isNotStarted(resource) ? "waiting" : status}"></span>${isolate(resource.resource)}</span> <span class="small muted">${notes}</span></th>${[
    cell("Rows", [formatNumber(rows), difference(resource, report)]),
    cell("Rows by run", sparkline(resource, report.earlier)),
    cell("Size", bytes === null ? NOT_AVAILABLE : formatBytes(bytes)),
    cell("Pages", formatNumber(pages)),
    cell("Requests", formatNumber(requests)),
    cell("Retries", mutedIfZero(formatNumber(retries), retries)),
    cell("Waited", mutedIfZero(formatDuration(waited_seconds), waited_seconds)),
    cell("Duration", duration_seconds === null ? NOT_AVAILABLE : formatDuration(duration_seconds)),
  ]}</tr>`;
};

const HEADINGS = ["Rows", "Rows by run", "Size", "Pages", "Requests", "Retries", "Waited", "Duration"];

/** Renders a table with one row per resource. */
export const resourceTable = (
  report: RunReport,
): Html => html`<section aria-labelledby="resources"><h2 id="resources">Resources</h2>
<div class="card scroll"><table class="cards" role="table"><caption>Results by resource</caption>
<thead role="rowgroup"><tr role="row"><th class="text" scope="col" role="columnheader">Resource</th>${columnHeadings(HEADINGS)}</tr></thead>
<tbody role="rowgroup">${report.resources.map((resource) => row(resource, report))}</tbody></table></div></section>`;
