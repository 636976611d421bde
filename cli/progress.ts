import { formatCount, formatNumber } from "../lib/report/format.ts";
import type { EventSink, RunEvent } from "../local/events.ts";
import { createLiveLines, printError, printTo, styled } from "./terminal.ts";
import { wrapText } from "./wrap-text.ts";

/** Milliseconds between two updates of the live lines. */
const FRAME_TIME = 100;

/** Prints the progress of runs. */
export interface Progress {
  sink: EventSink;
  /** Prints a message of the command itself. */
  say(line: string): void;
  /** Removes the live lines. */
  end(): void;
}

const countText = (value: unknown, noun: "row" | "page" | "part"): string => formatCount(Number(value ?? 0), noun);

/** Returns how long the state machine waits: what the API requested and, if scaled, the wait on this machine. */
const waitText = ({ seconds, scaled_seconds }: RunEvent): string =>
  `retries in ${seconds} s${scaled_seconds === seconds ? "" : ` (scaled to ${formatNumber(Number(scaled_seconds), 1)} s)`}`;

/** A line that stays on the screen: a label in a color, and its message. */
interface LastingLine {
  label: string;
  color: Parameters<typeof styled>[0] | null;
  text: string;
}

/** Width of the labels of lasting lines, including the gap after them. */
const LABEL_WIDTH = 10;

/** Returns the line about a resource that ends or waits; null for other events. */
const lastingLine = (event: RunEvent): LastingLine | null => {
  const name = `${event.source}.${event.resource}`;
  switch (event.type) {
    case "outcome": {
      const counts = `${countText(event.rows, "row")}, ${countText(event.pages, "page")}, ${countText(event.parts, "part")}`;
      if (event.status === "done") return { label: "done", color: "green", text: `${name}: ${counts}` };
      return event.status === "partial" ? { label: "partial", color: null, text: `${name}: ${counts} so far` } : null;
    }
    case "waiting":
      return { label: "waiting", color: "yellow", text: `${name}: ${waitText(event)}` };
    case "failure":
      // The command prints the message when the run has ended.
      return { label: "failed", color: "red", text: `${name} (${event.name})` };
    case "secret replaced":
      return { label: "note", color: "yellow", text: `${event.source}: refresh token replaced, ${event.why}` };
    case "checkpoint rebuilt":
    case "adopted": {
      const reason = event.why === undefined ? "" : ` (${event.why})`;
      return { label: "note", color: "yellow", text: `${name}: ${event.type}${reason}` };
    }
    case "children added": {
      const names = (event.resources as string[]).map((child) => `${event.source}.${child}`).join(", ");
      return {
        label: "note",
        color: "yellow",
        text: `also loads ${names}: without them, no cursor of their parents moves`,
      };
    }
    default:
      return null;
  }
};

/** Returns a lasting line, wrapped at spaces and aligned after its label. */
const wrappedLine = ({ label, color, text }: LastingLine, width: number): string => {
  const shown = color === null ? label : styled(color, label);
  return wrapText(text, Math.max(width - LABEL_WIDTH, 1))
    .map(
      (line, index) => (index === 0 ? shown + " ".repeat(LABEL_WIDTH - label.length) : " ".repeat(LABEL_WIDTH)) + line,
    )
    .join("\n");
};

/** State of a source's live line. */
interface LiveLine {
  resource: string;
  /** Resources that are done or failed. */
  ended: number;
  pages: number;
  rows: number;
  note: string;
}

const updateLine = (line: LiveLine, event: RunEvent): void => {
  if (event.type === "resource") Object.assign(line, { resource: event.resource, pages: 0, rows: 0, note: "" });
  if (event.type === "page") Object.assign(line, { pages: event.page, rows: event.rows, note: "" });
  if (event.type === "wait") line.note = `, waits ${formatNumber(Number(event.seconds), 1)} s (${event.reason})`;
  if (event.type === "waiting") line.note = `, ${waitText(event)}`;
  if (event.type === "failure" || (event.type === "outcome" && event.status === "done")) line.ended++;
};

const BAR_WIDTH = 20;
const NARROW_BAR_WIDTH = 8;
/** Terminals with fewer columns get the narrow bar. */
const MIN_WIDE_COLUMNS = 100;

const bar = (ended: number, total: number, width: number): string => {
  const full = total === 0 ? 0 : Math.round((ended / total) * width);
  return "#".repeat(full) + "-".repeat(width - full);
};

const lineText = (line: LiveLine, name: string, total: number, columns: number): string => {
  const { resource, ended, pages, rows, note } = line;
  const width = columns < MIN_WIDE_COLUMNS ? NARROW_BAR_WIDTH : BAR_WIDTH;
  const counts = `${countText(rows, "row")}, ${countText(pages, "page")}`;
  return `${name} ${bar(ended, total, width)} ${ended}/${total} ${resource}: ${counts}${note}`;
};

const liveProgress = (totals: Map<string, number>, stream: NodeJS.WriteStream): Progress => {
  const view = createLiveLines(stream);
  const live = new Map<string, LiveLine>();
  const nameWidth = Math.max(...[...totals.keys()].map((name) => name.length));
  const draw = () => {
    const lines = [...live].map(([source, line]) =>
      lineText(line, source.padEnd(nameWidth), totals.get(source) ?? 0, stream.columns),
    );
    view.update(lines);
  };
  const timer = setInterval(draw, FRAME_TIME);

  const follow = (event: RunEvent) => {
    const line = live.get(event.source) ?? { resource: "", ended: 0, pages: 0, rows: 0, note: "" };
    live.set(event.source, line);
    updateLine(line, event);
    if (event.type === "ended") live.delete(event.source);
  };

  const say = (line: string) => {
    view.clear();
    printTo(stream, line);
    draw();
  };

  return {
    sink(event) {
      follow(event);
      const line = lastingLine(event);
      if (line !== null) say(wrappedLine(line, stream.columns));
    },
    say,
    end() {
      clearInterval(timer);
      view.end();
    },
  };
};

const plainProgress = (stream: NodeJS.WritableStream): Progress => ({
  sink(event) {
    const line = lastingLine(event);
    if (line !== null) printTo(stream, wrappedLine(line, Number.POSITIVE_INFINITY));
  },
  say: printError,
  end() {},
});

/**
 * Creates the progress of a command: on a terminal one live line per source, with a bar of ended resources and the counts
 * of the current one; elsewhere plain lines only.
 *
 * @param totals number of resources by source.
 */
export const createProgress = (totals: Map<string, number>, stream: NodeJS.WriteStream): Progress =>
  stream.isTTY ? liveProgress(totals, stream) : plainProgress(stream);

/** Creates the progress that prints each event as a JSON object on one line. */
export const jsonProgress = (stream: NodeJS.WritableStream): Progress => ({
  sink: (event) => printTo(stream, JSON.stringify(event)),
  say: printError,
  end() {},
});
