import { formatBytes, formatDollars, formatDuration, formatNumber } from "../format.ts";
import type { EarlierRun } from "../run-report.ts";
import { cell, columnHeadings, timeElement } from "./elements.ts";
import { type Html, html, isolate } from "./html.ts";

/** A run in a table of runs. */
export interface ListedRun
  extends Pick<
    EarlierRun,
    "run_id" | "finished_at" | "status" | "complete" | "window" | "duration_seconds" | "dollars"
  > {
  /** Link to its page, relative to the page with the table; null when it has no page. */
  href: string | null;
  /** Set in a table with runs of several sources. */
  source?: string;
  rows: number;
  bytes: number;
}

/** Returns an earlier run for a table on the page of another run of the same source. */
export const listedRun = ({ resources, ...run }: EarlierRun): ListedRun => {
  const done = Object.values(resources);
  return {
    ...run,
    href: `${encodeURIComponent(run.run_id.toWellFormed())}.html`,
    rows: done.reduce((sum, { rows }) => sum + rows, 0),
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
  };
};

const statusText = ({ status, complete, window }: ListedRun): string => {
  if (status === "failed") return "failed";
  if (window !== null) return "window";
  return complete ? "done" : "partial";
};

const statusTag = (run: ListedRun): Html => {
  const tone = run.status === "failed" ? "bad" : run.complete ? "good" : "warn";
  return html`<span class="tag ${tone}">${statusText(run)}</span>`;
};

/** Renders the run id; in a table of several sources, the source with the run id below it. */
const runName = ({ run_id, source, href }: ListedRun): Html => {
  const code = html`<span class="code">${run_id}</span>`;
  const name = source === undefined ? code : isolate(source);
  const below = source !== undefined && html` <span class="small muted">${code}</span>`;
  return html`${href === null ? name : html`<a href="${href}">${name}</a>`}${below}`;
};

const row = (run: ListedRun): Html => {
  const { finished_at, duration_seconds, rows, bytes, dollars } = run;
  return html`<tr role="row"><th scope="row" class="pair" role="rowheader">${runName(run)}</th><td class="aside" role="cell">${statusTag(run)}</td>${[
    cell("Finished (UTC)", timeElement(finished_at, "")),
    cell("Duration", formatDuration(duration_seconds)),
    cell("Rows", formatNumber(rows)),
    cell("Size", formatBytes(bytes)),
    cell("Cost", formatDollars(dollars)),
  ]}</tr>`;
};

const HEADINGS = ["Status", "Finished (UTC)", "Duration", "Rows", "Size", "Cost"];

/** Renders a table with one row per run, in the given order. */
export const runTable = (
  runs: ListedRun[],
  caption: string,
): Html => html`<div class="card scroll"><table class="cards" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row"><th class="text" scope="col" role="columnheader">Run</th>${columnHeadings(HEADINGS)}</tr></thead>
<tbody role="rowgroup">${runs.map(row)}</tbody></table></div>`;
