import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import type { EventSink, RunEvent } from "../local/events.ts";

/** Milliseconds between two drawings of the live lines. */
const FRAME = 100;

/** How a run is shown while it goes on. */
export interface Progress {
  sink: EventSink;
  /** Takes the live lines away. */
  end(): void;
}

const count = (value: unknown, noun: "row" | "page" | "part"): string =>
  `${Number(value ?? 0).toLocaleString("en")} ${noun}${value === 1 ? "" : "s"}`;

/** The line that stays when a resource is finished or stops; null for what needs none. */
const lastingLine = (event: RunEvent): string | null => {
  const name = `${event.source}.${event.resource}`;
  switch (event.type) {
    case "outcome": {
      const facts = `${count(event.rows, "row")}, ${count(event.pages, "page")}, ${count(event.parts, "part")}`;
      if (event.status === "done") return `${styleText("green", "done")}      ${name}: ${facts}`;
      return event.status === "partial" ? `partial   ${name}: ${facts} so far, goes on in another invocation` : null;
    }
    case "waiting":
      return `${styleText("yellow", "waiting")}   ${name}: the API asked for ${event.seconds} s; the machine waits, nothing runs`;
    case "failure":
      return `${styleText("red", "failed")}    ${name}: ${event.name}: ${String(event.message)
        .replace(`${name}`, "")
        .replace(/^[:, ]+/, "")}`;
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

const bar = (done: number, total: number): string => {
  const full = total === 0 ? 0 : Math.round((done / total) * BAR_WIDTH);
  return "#".repeat(full) + "-".repeat(BAR_WIDTH - full);
};

const liveProgress = (totals: Map<string, number>, stream: NodeJS.WriteStream): Progress => {
  const view = createLogUpdate(stream, { showCursor: false });
  const running = new Map<string, Running>();
  const width = Math.max(...[...totals.keys()].map((name) => name.length));
  const draw = () => {
    const lines = [...running].map(([source, { resource, done, pages, rows, note }]) => {
      const total = totals.get(source) ?? 0;
      return `${source.padEnd(width)} ${bar(done, total)} ${done}/${total} ${resource} ${count(pages, "page")}, ${count(rows, "row")}${note}`;
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
    if (event.type === "waiting") state.note = `, the machine waits ${event.seconds} s`;
    if (event.type === "failure" || (event.type === "outcome" && event.status === "done")) state.done++;
    if (event.type === "ended") running.delete(event.source);
  };

  return {
    sink(event) {
      follow(event);
      const line = lastingLine(event);
      if (line !== null) {
        view.clear();
        stream.write(`${line}\n`);
        draw();
      }
    },
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
  end() {},
});
