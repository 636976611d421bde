import { formatCount, formatDuration, formatTime } from "../format.ts";
import type { ReportedInterval, ResourceReport, RunReport } from "../run-report.ts";
import { foreign, type Html, html } from "./html.ts";

/** Width of a lane in its own units, and the least that is still seen of a piece of it. */
const WIDTH = 1000;
const LEAST = 2.5;
const SECOND = 1000;
/** What lies between two ticks of the axis, in seconds: what a clock has. */
const STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
];
/** Ticks less one, at most: on a phone there is room for no more. */
const MOST_STEPS = 3;

interface Span {
  from: number;
  to: number;
}

/** A piece of a lane. */
export interface Piece extends Span {
  kind: "work" | "wait" | "stop";
}

/** What a resource did when: its invocations, and where the machine waited between them. Milliseconds since 1970. */
export const piecesOf = (timeline: ReportedInterval[], finished_at: string): Piece[] =>
  timeline.flatMap((interval, index) => {
    const [from, to] = [Date.parse(interval.started_at), Date.parse(interval.ended_at)];
    const work: Piece = { kind: interval.status === "failed" ? "stop" : "work", from, to };
    if (interval.waited_until === null) return [work];
    // It may have been asked again sooner, by another start or where waits are shortened, or not at all.
    const next = timeline[index + 1]?.started_at ?? finished_at;
    const until = Math.min(Date.parse(interval.waited_until), Date.parse(next));
    return until > to ? [work, { kind: "wait", from: to, to: until }] : [work];
  });

const spanOf = (pieces: Piece[]): Span => {
  const from = pieces.reduce((least, piece) => Math.min(least, piece.from), Number.POSITIVE_INFINITY);
  const to = pieces.reduce((most, piece) => Math.max(most, piece.to), Number.NEGATIVE_INFINITY);
  return { from, to: Math.max(to, from + SECOND) };
};

const lane = (
  { resource, timeline, duration_seconds, waited_seconds, invocations }: ResourceReport,
  span: Span,
  finished_at: string,
): Html => {
  const scale = WIDTH / (span.to - span.from);
  const bars = piecesOf(timeline, finished_at).map(({ kind, from, to }) => {
    const width = Math.max(LEAST, (to - from) * scale);
    const x = Math.min((from - span.from) * scale, WIDTH - width);
    return html`<rect class="${kind}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="16"/>`;
  });
  const first = timeline[0];
  const text =
    first === undefined
      ? "nothing is known"
      : `began ${formatTime(first.started_at)} UTC, took ${formatDuration(duration_seconds ?? 0)} in ${formatCount(invocations, "invocation")}, of which the API asked to wait ${formatDuration(waited_seconds)}`;
  return html`<div class="lane"><span class="name">${foreign(resource)}</span><svg viewBox="0 0 ${WIDTH} 16" preserveAspectRatio="none" role="img" aria-label="${resource}: ${text}"><title>${text}</title>${bars}</svg><span class="took">${duration_seconds === null ? "unknown" : formatDuration(duration_seconds)}</span></div>`;
};

const axis = ({ from, to }: Span): Html => {
  const seconds = (to - from) / SECOND;
  const step = (STEPS.find((candidate) => seconds / candidate <= MOST_STEPS) ?? seconds / MOST_STEPS) * SECOND;
  const ticks: Html[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const share = (time - from) / (to - from);
    const [date = "", clock = ""] = formatTime(new Date(time).toISOString()).split(" ");
    const text = step >= 86_400 * SECOND ? date : step >= 60 * SECOND ? clock.slice(0, 5) : clock;
    const edge = share < 0.08 ? "start" : share > 0.92 ? "end" : "";
    ticks.push(html`<span class="${edge}" style="left:${(share * 100).toFixed(2)}%">${text}</span>`);
  }
  return html`<div class="axis" aria-hidden="true"><div class="ticks">${ticks}</div></div>`;
};

/** When each resource was fetched, and when it waited; null when no invocation is known. */
export const timelineSection = ({ resources, finished_at }: RunReport): Html | null => {
  const known = resources.filter(({ timeline }) => timeline.length > 0);
  if (known.length === 0) return null;
  const pieces = known.flatMap(({ timeline }) => piecesOf(timeline, finished_at));
  const span = spanOf(pieces);
  const has = (kind: Piece["kind"]) => pieces.some((piece) => piece.kind === kind);
  return html`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<div class="card lanes"><p class="legend"><span><i></i>fetching</span>${has("wait") && html`<span><i class="wait"></i>waiting, nothing runs</span>`}${has("stop") && html`<span><i class="stop"></i>failed</span>`}<span>from ${formatTime(new Date(span.from).toISOString())} UTC</span></p>
${known.map((resource) => lane(resource, span, finished_at))}
${axis(span)}</div></section>`;
};
