import { DAY, MINUTE, SECOND } from "../../time/durations.ts";
import { formatCount, formatDuration, formatTime } from "../format.ts";
import type { ReportedInterval, ResourceReport, RunReport } from "../run-report.ts";
import { type Html, html, isolate } from "./html.ts";

/** Width of a lane in units of the drawing, and the minimum width of a segment that is still visible. */
const WIDTH = 1000;
const MIN_SEGMENT_WIDTH = 2.5;
/** Seconds between two ticks of the axis: the intervals that people read off a clock. */
const TICK_STEPS = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800,
];
/** Maximum number of steps on the axis. More do not fit on a phone. */
const MAX_STEPS = 3;

/** A span of time in milliseconds since 1970. */
interface Span {
  from: number;
  to: number;
}

/** A segment of a lane: an invocation that worked or failed, or a wait of the state machine. */
export interface Segment extends Span {
  kind: "work" | "wait" | "failed";
}

/** Returns the invocations of a resource, and the state machine's waits between them. */
export const segmentsOf = (timeline: ReportedInterval[], finished_at: string): Segment[] =>
  timeline.flatMap((interval, index) => {
    const [from, to] = [Date.parse(interval.started_at), Date.parse(interval.ended_at)];
    const work: Segment = { kind: interval.status === "failed" ? "failed" : "work", from, to };
    if (interval.waited_until === null) return [work];
    // The wait can be shorter than planned: another start may resume the run, or the run may end.
    const next = timeline[index + 1]?.started_at ?? finished_at;
    const until = Math.min(Date.parse(interval.waited_until), Date.parse(next));
    return until > to ? [work, { kind: "wait", from: to, to: until }] : [work];
  });

const spanOf = (segments: Segment[]): Span => {
  const from = segments.reduce((first, segment) => Math.min(first, segment.from), Number.POSITIVE_INFINITY);
  const to = segments.reduce((last, segment) => Math.max(last, segment.to), Number.NEGATIVE_INFINITY);
  return { from, to: Math.max(to, from + SECOND) };
};

const description = ({ duration_seconds, waited_seconds, invocations }: ResourceReport, started_at: number): string => {
  const duration = `${formatDuration(duration_seconds ?? 0)} in ${formatCount(invocations, "invocation")}`;
  return `started at ${formatTime(started_at)} UTC, took ${duration}, waited ${formatDuration(waited_seconds)} for the API`;
};

const lane = (report: ResourceReport, span: Span, finished_at: string): Html => {
  const segments = segmentsOf(report.timeline, finished_at);
  const scale = WIDTH / (span.to - span.from);
  const bars = segments.map(({ kind, from, to }) => {
    const width = Math.max(MIN_SEGMENT_WIDTH, (to - from) * scale);
    const x = Math.min((from - span.from) * scale, WIDTH - width);
    return html`<rect class="${kind}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="16"/>`;
  });
  const text = description(report, spanOf(segments).from);
  const duration = formatDuration(report.duration_seconds ?? 0);
  return html`<div class="lane"><span class="name">${isolate(report.resource)}</span><svg viewBox="0 0 ${WIDTH} 16" preserveAspectRatio="none" role="img" aria-label="${report.resource}: ${text}"><title>${text}</title>${bars}</svg><span class="duration">${duration}</span></div>`;
};

/** Formats the time of a tick as precisely as the step requires. */
const formatTick = (time: number, step: number): string => {
  const [date = "", clock = ""] = formatTime(time).split(" ");
  if (step >= DAY) return date;
  return step >= MINUTE ? clock.slice(0, 5) : clock;
};

const axis = ({ from, to }: Span): Html => {
  const seconds = (to - from) / SECOND;
  const step = (TICK_STEPS.find((candidate) => seconds / candidate <= MAX_STEPS) ?? seconds / MAX_STEPS) * SECOND;
  const ticks: Html[] = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
    const share = (time - from) / (to - from);
    const edge = share < 0.08 ? "start" : share > 0.92 ? "end" : "";
    ticks.push(html`<span class="${edge}" style="left:${(share * 100).toFixed(2)}%">${formatTick(time, step)}</span>`);
  }
  return html`<div class="axis" aria-hidden="true"><div class="ticks">${ticks}</div></div>`;
};

const legend = (segments: Segment[], from: number): Html => {
  const has = (kind: Segment["kind"]) => segments.some((segment) => segment.kind === kind);
  return html`<p class="legend"><span><i></i>working</span>${
    has("wait") && html`<span><i class="wait"></i>waiting for the API, no Lambda running</span>`
  }${has("failed") && html`<span><i class="failed"></i>failed</span>`}<span>start: ${formatTime(from)} UTC</span></p>`;
};

/** Renders when each resource worked, waited and failed; null when no invocation is known. */
export const timelineSection = ({ resources, finished_at }: RunReport): Html | null => {
  const known = resources.filter(({ timeline }) => timeline.length > 0);
  if (known.length === 0) return null;
  const segments = known.flatMap(({ timeline }) => segmentsOf(timeline, finished_at));
  const span = spanOf(segments);
  return html`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
<div class="card lanes">${legend(segments, span.from)}
${known.map((resource) => lane(resource, span, finished_at))}
${axis(span)}</div></section>`;
};
