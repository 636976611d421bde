import { formatBytes, formatDollars, formatDuration, formatNumber } from "../format.ts";
import type { EarlierRun } from "../run-report.ts";
import { cell, columnHeadings, timeElement } from "./elements.ts";
import { foreign, type Html, html } from "./html.ts";

/** A run in a list of runs. */
export interface ListedRun
  extends Pick<
    EarlierRun,
    "run_id" | "finished_at" | "status" | "complete" | "window" | "duration_seconds" | "dollars"
  > {
  /** Its page, from where the list is; null when it has none. */
  href: string | null;
  /** Told where a list is of several sources. */
  source?: string;
  rows: number;
  bytes: number;
}

/** An earlier run as a line of a list; its page lies beside this one's. */
export const listedRun = ({ resources, ...run }: EarlierRun): ListedRun => {
  const done = Object.values(resources);
  return {
    ...run,
    href: `${encodeURIComponent(run.run_id.toWellFormed())}.html`,
    rows: done.reduce((sum, { rows }) => sum + rows, 0),
    bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
  };
};

const kindText = ({ status, complete, window }: ListedRun): string => {
  if (status === "failed") return "failed";
  if (window !== null) return "a window";
  return complete ? "done" : "a part of it";
};

const statusTag = (run: ListedRun): Html => {
  const tone = run.status === "failed" ? "bad" : run.complete ? "good" : "warn";
  return html`<span class="tag ${tone}">${kindText(run)}</span>`;
};

/** Of one source, its run_id; of several, the source, and the run_id below it. */
const nameOf = ({ run_id, source, href }: ListedRun): Html => {
  const code = html`<span class="code">${run_id}</span>`;
  const name = source === undefined ? code : foreign(source);
  const below = source !== undefined && html` <span class="small soft">${code}</span>`;
  return html`${href === null ? name : html`<a href="${href}">${name}</a>`}${below}`;
};

const line = (run: ListedRun): Html => {
  const { finished_at, duration_seconds, rows, bytes, dollars } = run;
  return html`<tr role="row"><th scope="row" class="pair" role="rowheader">${nameOf(run)}</th><td class="aside" role="cell">${statusTag(run)}</td>${[
    cell("Finished, UTC", timeElement(finished_at, "")),
    cell("Took", formatDuration(duration_seconds)),
    cell("Rows", formatNumber(rows)),
    cell("Size", formatBytes(bytes)),
    cell("Cost", formatDollars(dollars)),
  ]}</tr>`;
};

const HEADINGS = ["Status", "Finished, UTC", "Took", "Rows", "Size", "Cost"];

/** A table of runs, in the order given. */
export const runTable = (
  runs: ListedRun[],
  caption: string,
): Html => html`<div class="card scroll"><table class="cards" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row"><th class="text" scope="col" role="columnheader">Run</th>${columnHeadings(HEADINGS)}</tr></thead>
<tbody role="rowgroup">${runs.map(line)}</tbody></table></div>`;
