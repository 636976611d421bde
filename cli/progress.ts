import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import type { EventSink, RunEvent } from "../local/events.ts";
import { failureText } from "./summary.ts";

/** Milliseconds between two drawings of the live lines. */
const FRAME = 100;

/** How a run is shown while it goes on. */
export interface Progress {
  sink: EventSink;
  /** A line about the command itself, for people. */
  say(line: string): void;
  /** Takes the live lines away. */
  end(): void;
}

const count = (value: unknown, noun: "row" | "page" | "part"): string =>
  `${Number(value ?? 0).toLocaleString("en")} ${noun}${value === 1 ? "" : "s"}`;

/** How long the machine waits: as asked for, and here. */
const machineWait = ({ seconds, scaled_seconds }: RunEvent): string =>
  `asks again in ${seconds} s${scaled_seconds === seconds ? "" : ` (here ${Number(scaled_seconds).toFixed(1)} s)`}`;

/** The line that stays when a resource is finished or stops; null for what needs none. */
const lastingLine = (event: RunEvent): string | null => {
  const name = `${event.source}.${event.resource}`;
  switch (event.type) {
    case "outcome": {
      const facts = `${count(event.rows, "row")}, ${count(event.pages, "page")}, ${count(event.parts, "part")}`;
      if (event.status === "done") return `${styleText("green", "done")}      ${name}: ${facts}`;
      return event.status === "partial" ? `partial   ${name}: ${facts} so far` : null;
    }
    case "waiting":
      return `${styleText("yellow", "waiting")}   ${name}: ${machineWait(event)}`;
    case "failure":
      return `${styleText("red", "failed")}    ${failureText(name, `${event.name}: ${event.message}`)}`;
    case "checkpoint rebuilt":
    case "adopted":
      return `${styleText("yellow", "note")}      ${name}: ${event.type}${event.why === undefined ? "" : ` (${event.why})`}`;
    default:
      return null;
  }
};

interface Running {
  resource: string;
  done: number;
  pages: number;
  rows: number;
  note: string;
}

const BAR_WIDTH = 20;
const NARROW_BAR_WIDTH = 8;
/** Below this many columns, the bar gives way to the words. */
const WIDE = 100;

const bar = (done: number, total: number, width: number): string => {
  const full = total === 0 ? 0 : Math.round((done / total) * width);
  return "#".repeat(full) + "-".repeat(width - full);
};

const liveProgress = (totals: Map<string, number>, stream: NodeJS.WriteStream): Progress => {
  const view = createLogUpdate(stream, { showCursor: false });
  const running = new Map<string, Running>();
  const width = Math.max(...[...totals.keys()].map((name) => name.length));
  const draw = () => {
    const { columns } = stream;
    const barWidth = columns < WIDE ? NARROW_BAR_WIDTH : BAR_WIDTH;
    const lines = [...running].map(([source, { resource, done, pages, rows, note }]) => {
      const total = totals.get(source) ?? 0;
      const line = `${source.padEnd(width)} ${bar(done, total, barWidth)} ${done}/${total} ${resource}: ${count(rows, "row")}, ${count(pages, "page")}${note}`;
      // A line that wraps would make the picture jump.
      return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
    });
    view(lines.join("\n"));
  };
  const timer = setInterval(draw, FRAME);

  const follow = (event: RunEvent) => {
    const state = running.get(event.source) ?? { resource: "", done: 0, pages: 0, rows: 0, note: "" };
    running.set(event.source, state);
    if (event.type === "resource") Object.assign(state, { resource: event.resource, pages: 0, rows: 0, note: "" });
    if (event.type === "page") Object.assign(state, { pages: event.page, rows: event.rows, note: "" });
    if (event.type === "wait") state.note = `, waits ${Number(event.seconds).toFixed(1)} s (${event.reason})`;
    if (event.type === "waiting") state.note = `, ${machineWait(event)}`;
    if (event.type === "failure" || (event.type === "outcome" && event.status === "done")) state.done++;
    if (event.type === "ended") running.delete(event.source);
  };

  const say = (line: string) => {
    view.clear();
    stream.write(`${line}\n`);
    draw();
  };

  return {
    sink(event) {
      follow(event);
      const line = lastingLine(event);
      if (line !== null) say(line);
    },
    say,
    end() {
      clearInterval(timer);
      view.clear();
      view.done();
    },
  };
};

const plainProgress = (stream: NodeJS.WritableStream): Progress => ({
  sink(event) {
    const line = lastingLine(event);
    if (line !== null) stream.write(`${line}\n`);
  },
  say: console.error,
  end() {},
});

/**
 * Live lines on a terminal: one per source, with a bar of finished resources and the counts of the one that runs.
 * Plain lines elsewhere.
 *
 * @param totals number of resources by source.
 */
export const createProgress = (totals: Map<string, number>, stream: NodeJS.WriteStream): Progress =>
  stream.isTTY ? liveProgress(totals, stream) : plainProgress(stream);

/** One JSON object per event and line. */
export const jsonProgress = (stream: NodeJS.WritableStream): Progress => ({
  sink: (event) => stream.write(`${JSON.stringify(event)}\n`),
  say: console.error,
  end() {},
});
