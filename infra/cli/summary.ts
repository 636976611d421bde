import { readFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import { reportKey } from "../../lib/lake/keys.ts";
import type { RunReport } from "../../lib/run/report.ts";
import type { EventSink, RunEvent } from "../local/events.ts";

/** How one resource came out, as `--json` prints it. */
export interface ResourceSummary {
  resource: string;
  /** `done`, `partial`, `throttled`, `skipped`, `failed`, or `not_started`. */
  status: string;
  rows: number;
  pages: number;
  parts: number;
  requests: number;
  /** Seconds, in place and by the machine, unscaled. */
  wait_seconds: number;
  /** `Name: message`; null when all is well. */
  error: string | null;
}

/** How a source came out. */
export interface SourceSummary {
  source: string;
  run_id: string | null;
  resources: ResourceSummary[];
  /** Seconds by resource, on this machine. */
  durations: Map<string, number>;
}

/** Follows the events of one source and keeps the last word on each resource. */
export interface Tracker {
  sink: EventSink;
  /** @param bucket folder of the local bucket: the report of `finish`, when there is one, knows better. */
  summary(bucket: string): SourceSummary;
}

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

const readReport = (bucket: string, source: string, run_id: string | null): RunReport | null => {
  try {
    return run_id === null
      ? null
      : (JSON.parse(readFileSync(join(bucket, reportKey(source, run_id)), "utf8")) as RunReport);
  } catch {
    // The execution ended before `finish`: the events are all there is.
    return null;
  }
};

/**
 * @param resources those that were asked for.
 */
export const createTracker = (source: string, resources: string[]): Tracker => {
  const known = new Map<string, ResourceSummary>(
    resources.map((resource) => [
      resource,
      { resource, status: "not_started", rows: 0, pages: 0, parts: 0, requests: 0, wait_seconds: 0, error: null },
    ]),
  );
  const started = new Map<string, number>();
  const durations = new Map<string, number>();
  let run_id: string | null = null;

  const follow = (event: RunEvent) => {
    if (event.type === "run" && typeof event.run_id === "string") run_id = event.run_id;
    const current = known.get(event.resource ?? "");
    if (event.resource === undefined || current === undefined) return;
    const now = performance.now();
    if (!started.has(event.resource)) started.set(event.resource, now);
    durations.set(event.resource, (now - (started.get(event.resource) ?? now)) / 1000);
    if (event.type === "page") Object.assign(current, { pages: event.page, rows: event.rows });
    if (event.type === "outcome" && event.reason !== "not_in_run") {
      const { status, rows, pages, parts, requests, waited_seconds } = event;
      Object.assign(current, {
        status,
        rows,
        pages,
        parts,
        requests,
        wait_seconds: number(waited_seconds),
        error: null,
      });
      if (typeof event.run_id === "string") run_id = event.run_id;
    }
    if (event.type === "failure") {
      Object.assign(current, { status: "failed", error: `${event.name}: ${event.message}` });
    }
  };

  return {
    sink: follow,
    summary(bucket) {
      const report = readReport(bucket, source, run_id);
      for (const { resource, status, error, ...counts } of report?.resources ?? []) {
        const current = known.get(resource);
        if (current === undefined || current.status === "not_started" || current.status === "skipped") continue;
        const { rows, pages, parts, requests, wait_seconds } = counts;
        Object.assign(current, { status, rows, pages, parts, requests, wait_seconds });
        current.error = error === null ? null : `${error.name}: ${error.message}`;
      }
      return { source, run_id, resources: [...known.values()], durations };
    },
  };
};

const STYLES: Record<string, Parameters<typeof styleText>[0]> = { done: "green", failed: "red" };

/** A table for people: a row per resource and a total. */
export const summaryTable = (summaries: SourceSummary[]): string => {
  const header = ["resource", "status", "rows", "pages", "parts", "requests", "waits s", "seconds"];
  const text = (value: number, digits = 0) =>
    value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const row = (
    name: string,
    status: string,
    of: Omit<ResourceSummary, "resource" | "status" | "error">,
    seconds: number,
  ) => [
    name,
    status,
    text(of.rows),
    text(of.pages),
    text(of.parts),
    text(of.requests),
    text(of.wait_seconds),
    text(seconds, 1),
  ];
  const rows = summaries.flatMap(({ source, resources, durations }) =>
    resources.map((resource) =>
      row(`${source}.${resource.resource}`, resource.status, resource, durations.get(resource.resource) ?? 0),
    ),
  );
  const all = summaries.flatMap(({ resources }) => resources);
  const sum = (key: "rows" | "pages" | "parts" | "requests" | "wait_seconds") =>
    all.reduce((total, resource) => total + resource[key], 0);
  const seconds = summaries.flatMap(({ durations }) => [...durations.values()]).reduce((a, b) => a + b, 0);
  const done = all.filter(({ status }) => status === "done").length;
  const totals = {
    rows: sum("rows"),
    pages: sum("pages"),
    parts: sum("parts"),
    requests: sum("requests"),
    wait_seconds: sum("wait_seconds"),
  };
  const table = [header, ...rows, row("total", `${done}/${all.length}`, totals, seconds)];
  const widths = header.map((_, column) => Math.max(...table.map((cells) => (cells[column] as string).length)));
  const line = (cells: string[]) =>
    cells
      .map((cell, column) => {
        const padded = column < 2 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number);
        const style = column === 1 ? STYLES[cell] : undefined;
        return style === undefined ? padded : styleText(style, padded);
      })
      .join("  ")
      .trimEnd();
  const rule = "-".repeat(widths.reduce((a, b) => a + b + 2, -2));
  return [line(table[0] as string[]), rule, ...table.slice(1, -1).map(line), rule, line(table.at(-1) as string[])].join(
    "\n",
  );
};

/** The errors of a run, one line each. */
export const errorLines = (summaries: SourceSummary[]): string[] =>
  summaries.flatMap(({ source, resources }) =>
    resources.filter(({ error }) => error !== null).map(({ resource, error }) => `${source}.${resource}: ${error}`),
  );
