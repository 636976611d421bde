import { formatBytes, formatCount, formatDifference, formatDuration, formatNumber } from "../format.ts";
import { beforeOf } from "../history.ts";
import type { EarlierRun, ResourceReport, RunReport } from "../run-report.ts";
import { cell, columnHeadings } from "./elements.ts";
import { type Content, foreign, type Html, html } from "./html.ts";

/** A sparkline's measures, in its own units: bars of a run each, with a gap between. */
const BAR = 3.2;
const STEP = 4;
const HEIGHT = 22;
const LOWEST = 1.2;
const BARS = 21;

/** Rows of the runs before and of this one, as bars; null when there is nothing to compare with. */
const sparkline = ({ resource, rows, status }: ResourceReport, earlier: EarlierRun[]): Html | null => {
  const past = earlier
    .filter(({ window, resources }) => window === null && Object.hasOwn(resources, resource))
    .map(({ resources }) => resources[resource]?.rows ?? 0)
    .reverse();
  if (past.length === 0) return null;
  const values = status === "done" ? [...past, rows] : past;
  const most = Math.max(1, ...values);
  const bars = values.map((value, index) => {
    const height = Math.max(LOWEST, (value / most) * HEIGHT);
    const isNow = status === "done" && index === values.length - 1;
    const x = (BARS - values.length + index) * STEP;
    return html`<rect class="${isNow ? (value === 0 ? "none" : "now") : ""}" x="${x.toFixed(1)}" y="${(HEIGHT - height).toFixed(2)}" width="${BAR}" height="${height.toFixed(2)}" rx="0.6"/>`;
  });
  const text = `Rows of ${formatCount(values.length, "run")}, the newest last: ${values.map((value) => formatNumber(value)).join(", ")}`;
  return html`<svg class="spark" viewBox="0 0 ${BARS * STEP} ${HEIGHT}" role="img" aria-label="${text}"><title>${text}</title>${bars}</svg>`;
};

/** How many rows more or less than the time before; only where both read the same kind of thing. */
const difference = ({ resource, rows, status, full_refresh }: ResourceReport, report: RunReport): Html | null => {
  const before = beforeOf(report.earlier, resource);
  if (before === null || status === "failed" || report.window !== null || before.full_refresh !== full_refresh)
    return null;
  const more = rows - before.rows;
  const tone = more === 0 ? "soft" : more > 0 ? "up" : "down";
  return html`<span class="small ${tone}">${formatDifference(more)}</span>`;
};

/** Nothing to tell is told softly. */
const quiet = (text: string, isNothing: boolean): Content =>
  isNothing ? html`<span class="soft">${text}</span>` : text;

const row = (resource: ResourceReport, report: RunReport): Html => {
  const { status, table, rows, bytes, pages, requests, retries, waited_seconds, duration_seconds, full_refresh } =
    resource;
  const { error, discarded_rows, discarded_values } = resource;
  const notes = [
    status === "failed" && (error?.name ?? "failed"),
    table !== resource.resource && `table ${table}`,
    full_refresh === false && "what is new",
    discarded_rows > 0 && `${formatCount(discarded_rows, "row")} discarded`,
    discarded_values > 0 && `${formatCount(discarded_values, "value")} discarded`,
  ].filter((note) => note !== false);
  return html`<tr role="row"><th scope="row" role="rowheader"><span class="named"><span class="dot ${status}"></span>${foreign(resource.resource)}</span> <span class="small soft">${status === "failed" ? "failed" : "done"}${notes.map((note) => [" · ", foreign(note)])}</span></th>${[
    cell("Rows", [formatNumber(rows), difference(resource, report)]),
    cell("Earlier runs", sparkline(resource, report.earlier)),
    cell("Size", bytes === null ? quiet("not yet", true) : formatBytes(bytes)),
    cell("Pages", formatNumber(pages)),
    cell("Requests", formatNumber(requests)),
    cell("Retries", quiet(formatNumber(retries), retries === 0)),
    cell("Waited", quiet(formatDuration(waited_seconds), waited_seconds === 0)),
    cell("Took", duration_seconds === null ? quiet("unknown", true) : formatDuration(duration_seconds)),
  ]}</tr>`;
};

const HEADINGS = ["Rows", "Earlier runs", "Size", "Pages", "Requests", "Retries", "Waited", "Took"];

/** Every resource in a line. */
export const resourceTable = (
  report: RunReport,
): Html => html`<section aria-labelledby="resources"><h2 id="resources">Resources</h2>
<div class="card scroll"><table class="cards" role="table"><caption>What every resource of the run came to</caption>
<thead role="rowgroup"><tr role="row"><th class="text" scope="col" role="columnheader">Resource</th>${columnHeadings(HEADINGS)}</tr></thead>
<tbody role="rowgroup">${report.resources.map((resource) => row(resource, report))}</tbody></table></div></section>`;
