import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { costLine } from "../../cli/cost-line.ts";
import { logText } from "../../cli/lambda-log.ts";
import { createProgress } from "../../cli/progress.ts";
import type { ResourceSummary, SourceSummary } from "../../cli/summary.ts";
import { summaryTable } from "../../cli/summary-table.ts";
import { printable } from "../../cli/terminal.ts";
import { costOf } from "../../lib/metering/cost.ts";
import { NO_STATS } from "../../lib/metering/resource-stats.ts";

const resource = (name: string, status: string, rows: number) => ({
  resource: name,
  status,
  ...NO_STATS,
  rows,
  pages: 12,
  parts: 1,
  requests: 1300,
  waited_seconds: 61.5,
  error: null,
  warnings: [],
});

const summaries: SourceSummary[] = [
  {
    source: "workforce_analytics",
    run_id: null,
    resources: [resource("webhook_subscriptions", "done", 1_234_567), resource("tasks", "not_started", 0)],
    durations: new Map([["webhook_subscriptions", 3.14]]),
    cost: null,
  },
];

const linesAt = (width?: number) => stripVTControlCharacters(printable(summaryTable(summaries, width))).split("\n");
const widest = (lines: string[]) => Math.max(...lines.map((line) => line.length));

describe("the summary table", () => {
  test("has full resource names and all columns in a wide terminal", () => {
    expect(linesAt()).toEqual([
      "resource                                   status            rows  pages  parts  requests  waits (s)  time (s)",
      "--------------------------------------------------------------------------------------------------------------",
      "workforce_analytics.webhook_subscriptions  done         1,234,567     12      1     1,300         62       3.1",
      "workforce_analytics.tasks                  not started          0     12      1     1,300         62       0.0",
      "--------------------------------------------------------------------------------------------------------------",
      "total                                      1/2          1,234,567     24      2     2,600        123       3.1",
    ]);
    expect(linesAt(110)).toEqual(linesAt());
  });

  test("groups resources by source in a narrower terminal", () => {
    expect(linesAt(109).slice(0, 5)).toEqual([
      "resource                 status            rows  pages  parts  requests  waits (s)  time (s)",
      "--------------------------------------------------------------------------------------------",
      "workforce_analytics",
      "  webhook_subscriptions  done         1,234,567     12      1     1,300         62       3.1",
      "  tasks                  not started          0     12      1     1,300         62       0.0",
    ]);
  });

  test("has the rows read and the totals of the API, if it reports some", () => {
    const [summary] = summaries as [SourceSummary];
    const [first, second] = summary.resources as [ResourceSummary, ResourceSummary];
    const counted = { ...first, read_rows: 1_234_568, reported_rows: 1_234_569 };
    const table = summaryTable([{ ...summary, resources: [counted, { ...second, read_rows: 3 }] }]);
    const lines = stripVTControlCharacters(printable(table)).split("\n");
    expect(lines[0]).toMatch(/ rows +read\/total +pages /);
    expect(lines[2]).toMatch(/ 1,234,567 +1,234,568\/1,234,569 +12 /);
    expect(lines[3]).toMatch(/ 0 +3 +12 /);
  });

  test("omits counts one by one in a narrow terminal, but never the rows", () => {
    for (const width of [80, 70, 60, 50]) {
      const lines = linesAt(width);
      expect(widest(lines)).toBeLessThanOrEqual(width);
      expect(lines[0]).toMatch(/^resource +status +rows/);
    }
    expect(linesAt(20)[0]).toBe("resource                 status            rows");
  });
});

describe("progress", () => {
  const show = (columns: number, isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns, rows: 10 });
    const progress = createProgress(new Map([["workforce_analytics", 2]]), stream as unknown as NodeJS.WriteStream);
    const event = { source: "workforce_analytics", resource: "webhook_subscriptions" };
    progress.sink({ ...event, type: "resource" });
    progress.sink({ ...event, type: "page", page: 1, rows: 1 });
    progress.sink({ ...event, type: "wait", seconds: 2, reason: "status 429" });
    progress.say("A message.");
    progress.sink({ ...event, type: "waiting", seconds: 60, scaled_seconds: 3 });
    progress.sink({
      ...event,
      type: "failure",
      name: "HttpError",
      message: "workforce_analytics.webhook_subscriptions, page 2: no",
    });
    progress.end();
    return stripVTControlCharacters(String(stream.read())).split("\n");
  };

  test("never wraps a live line, even on a terminal with 40 columns", () => {
    for (const columns of [40, 60, 80, 120]) {
      const live = show(columns, true).filter((line) => line.startsWith("workforce_analytics "));
      expect(live.length).toBeGreaterThan(0);
      expect(widest(live)).toBeLessThan(columns);
    }
    expect(show(120, true)).toContain(
      "workforce_analytics -------------------- 0/2 webhook_subscriptions: 1 row, 1 page, waits 2.0 s (status 429)",
    );
  });

  test("wraps lasting lines at spaces, and aligns them after their label", () => {
    const lines = show(70, true);
    const at = lines.findIndex((line) => line.startsWith("waiting"));
    expect(lines.slice(at, at + 2)).toEqual([
      "waiting   workforce_analytics.webhook_subscriptions: retries in 60 s",
      "          (scaled to 3.0 s)",
    ]);
  });

  test("prints only lasting lines if the output is not a terminal", () => {
    expect(show(80, false)).toEqual([
      "waiting   workforce_analytics.webhook_subscriptions: retries in 60 s (scaled to 3.0 s)",
      "failed    workforce_analytics.webhook_subscriptions (HttpError)",
      "",
    ]);
  });
});

describe("a log line of a Lambda", () => {
  const printedText = (line: string) => {
    const text = logText(line);
    return text === null ? null : stripVTControlCharacters(printable(text));
  };

  test("is formatted as time, level, resource and message, without the fields that are the same in every line", () => {
    const entry = { level: "INFO", message: "part", timestamp: "2026-11-20T11:39:07.332Z", service: "restlake" };
    const place = { cold_start: false, function_name: "f", source: "shop", resource: "items", part: 1, why: "full" };
    expect(printedText(JSON.stringify({ ...entry, ...place }))).toBe(
      "11:39:07.332 INFO  shop.items part part=1 why=full",
    );
  });

  test("may be a bundling error of esbuild, which is formatted as message and place", () => {
    const lines = [
      "✘ [ERROR] functions/shop.yaml:3:1: invalid YAML: more than one document [plugin restlake-config-entry]",
      "✘ [ERROR] Expected identifier but found end of file",
      "",
      "    functions/shop.ts:2:0:",
      "      2 │ ",
    ];
    expect(lines.map(printedText)).toEqual([
      "ERROR functions/shop.yaml:3:1: invalid YAML: more than one document",
      "ERROR Expected identifier but found end of file",
      null,
      "      in functions/shop.ts:2:0",
      null,
    ]);
  });

  test("is not printed if it is not a log line", () => {
    for (const line of ["(λ: ShopItems) Duration: 1 ms", '{"_aws":{}}', "{", "[]", ""])
      expect(logText(line)).toBeNull();
  });
});

describe("the cost line", () => {
  const [summary] = summaries as [SourceSummary];
  const cost = costOf({ invocations: 13, gb_seconds: 617.25, s3_puts: 205, s3_gets: 400, transitions: 95 });

  test("adds up the cost of all sources, and fits into 120 columns", () => {
    const line = costLine([{ ...summary, cost }, { ...summary, cost }, summary]);
    expect(line).toBe(
      "Estimated AWS cost: $0.0236 at list price (1,234.5 GB-s measured here, 26 invocations, 410 S3 PUTs, 190 transitions).",
    );
    expect(line?.length).toBeLessThan(120);
  });

  test("is omitted if no run has a report", () => {
    expect(costLine([summary])).toBeNull();
  });
});
