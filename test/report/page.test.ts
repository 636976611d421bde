import { describe, expect, test } from "vitest";
import { nextStepOf } from "../../lib/errors/next-step.ts";
import { reportPage } from "../../lib/report/page/page.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { earlierRun, interval, resourceReport, runReport } from "./report.fixture.ts";

/** What one reads on a page, in one line: labels of drawings aside. */
const words = (page: string): string =>
  page
    .replace(/<head>.*<\/head>/s, "")
    .replaceAll(/<title>.*?<\/title>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
const wordsOf = (more: Partial<RunReport>): string => words(reportPage(runReport(more)));
const headings = (page: string): string[] =>
  [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map((match) => match[1] as string);

const error = { name: "AuthError", message: "the API returned 401", next_step: nextStepOf("AuthError") };
const unreached = { name: "NotReached", message: "nothing was tried", next_step: nextStepOf("NotReached") };
const failed = (name: string, more = error) =>
  resourceReport(name, { status: "failed", bytes: null, full_refresh: null, error: more });

describe("the page of a run", () => {
  test("that is done says so first, with rows, size, requests, cost and times in UTC", () => {
    const text = wordsOf({ freshness_seconds: 86_400 });
    expect(text).toMatch(/^ ?shop Done The resource is in the lake, with 1,234 rows\. Run 20261120T030000Z-0a1b2c3d /);
    for (const fact of [
      "Opened 2026-11-20 03:00:00 UTC",
      "Finished 2026-11-20 03:02:05 UTC",
      "Size 56.8 kB",
      "Took 2 min 5 s",
      "Requests 14 for 13 pages",
      "Cost $0.0008 at list price",
      "Tables were 1 d old until now",
      "21.50 GB-seconds, 4 requests",
      "31 PUTs, 44 GETs",
    ]) {
      expect(text).toContain(fact);
    }
  });

  test("that failed tells before everything else what failed, why, and what to do next", () => {
    const resources = [failed("orders"), failed("lines", unreached), resourceReport("items")];
    const page = reportPage(runReport({ status: "failed", closed: false, complete: false, resources }));
    expect(headings(page)[0]).toBe("What failed");
    const text = words(page);
    expect(text).toContain(
      "2 of 3 resources failed; the others are kept, and the next start goes on where these stopped.",
    );
    expect(text).toContain(`orders AuthError the API returned 401 Next: ${error.next_step.replaceAll("'", "&#39;")}`);
    expect(text).toMatch(/Not tried lines Next: Start the state machine again/);
  });

  test("that was given up does not promise that the next start goes on with it", () => {
    const text = wordsOf({ status: "failed", closed: true, resources: [failed("orders")] });
    expect(text).toContain("Given up");
    expect(text).not.toContain("goes on where these stopped");
  });

  test("that did what it was asked for, and no more, says what is to come", () => {
    const text = wordsOf({ closed: false, complete: false, resources: [resourceReport("a"), failed("b", unreached)] });
    expect(text).toContain(
      "Done, as far as asked What was asked for is in the lake. 1 other resource is still to come",
    );
    expect(text).not.toContain("failed;");
  });

  test("of a window or a full refresh says so", () => {
    expect(wordsOf({ window: { start: "2026-01-01", end: "2026-02-01" } })).toContain(
      "Loaded the window from 2026-01-01 up to 2026-02-01",
    );
    expect(wordsOf({ refresh: "full" })).toContain("Loaded a full refresh");
  });

  test("points at resources that are suddenly empty, and at what a contract discards", () => {
    const text = wordsOf({
      empty_resources: ["orders"],
      resources: [
        resourceReport("orders", { rows: 0 }),
        resourceReport("b", { discarded_rows: 1, discarded_values: 2 }),
      ],
      earlier: [earlierRun(1)],
    });
    expect(text).toContain("orders is empty It had 1,190 rows the time before, and none came now.");
    expect(text).toContain("b left something out 1 row and 2 values broke its schema_contract");
  });

  test("has no heading without something below it", () => {
    expect(headings(reportPage(runReport()))).toEqual(["Resources", "Timeline", "Cost", "Earlier runs"]);
    const quiet = runReport({ resources: [resourceReport("orders", { timeline: [] })] });
    expect(headings(reportPage(quiet))).toEqual(["Resources", "Cost", "Earlier runs"]);
  });

  test("of 150 resources and twenty earlier runs has a line for each, and is no burden", () => {
    const resources = Array.from({ length: 150 }, (_, index) => resourceReport(`resource_${index}`));
    const known = Object.fromEntries(
      resources.map(({ resource }) => [resource, { rows: 9, bytes: 9, full_refresh: true }]),
    );
    const earlier = Array.from({ length: 20 }, (_, index) => earlierRun(index + 1, { resources: known }));
    const page = reportPage(runReport({ resources, earlier }));
    expect(page.match(/class="lane"/g)).toHaveLength(150);
    expect(page.match(/class="spark"/g)).toHaveLength(150);
    expect(page.length).toBeLessThan(600_000);
  });
});

describe("rows against earlier runs", () => {
  const compared = (more: Partial<RunReport>) => wordsOf({ earlier: [earlierRun(1), earlierRun(2)], ...more });

  test("are told as a difference to the run before, and drawn for all of them", () => {
    expect(compared({})).toMatch(/orders done 1,234 \+44 /);
    expect(reportPage(runReport({ earlier: [earlierRun(1), earlierRun(2)] }))).toContain(
      "Rows of 3 runs, the newest last: 1,180, 1,190, 1,234",
    );
  });

  test("are not compared where one run read everything and the other what is new", () => {
    const text = compared({ resources: [resourceReport("orders", { full_refresh: false, rows: 3 })] });
    expect(text).toMatch(/orders done · what is new 3 \d?/);
    expect(text).not.toContain("−");
  });

  test("are not compared with a window's, nor a window's with them", () => {
    expect(compared({ window: { start: 1, end: 2 } })).not.toContain("+44");
    const earlier = [earlierRun(1, { window: { start: 1, end: 2 } }), earlierRun(2)];
    expect(compared({ earlier })).toContain("1,234 +54");
  });

  test("are not compared where the resource failed now", () => {
    expect(compared({ resources: [failed("orders")] })).not.toContain("+44");
  });
});

describe("the timeline", () => {
  const lanes = (page: string) => [...page.matchAll(/<div class="lane">.*?<\/div>/gs)].map(([lane]) => lane);
  const rects = (lane = "") =>
    [...lane.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="0" width="([\d.]+)"/g)].map(([, kind, x, width]) => [
      kind,
      Number(x),
      Number(width),
    ]);
  const draw = (...timelines: ReturnType<typeof interval>[][]) =>
    lanes(
      reportPage(
        runReport({ resources: timelines.map((timeline, index) => resourceReport(`r${index}`, { timeline })) }),
      ),
    ).map(rects);
  const throttled = (from: number, to: number, seconds: number) =>
    interval(from, to, { status: "throttled", waited_until: interval(to, to + seconds).ended_at });

  test("has the work and the machine's waits to scale", () => {
    expect(draw([throttled(0, 10, 60), interval(70, 100)])).toEqual([
      [
        ["work", 0, 100],
        ["wait", 100, 600],
        ["work", 700, 300],
      ],
    ]);
  });

  test("ends a wait where the resource was asked again sooner, and at the report where it was not", () => {
    expect(draw([throttled(0, 10, 60), interval(20, 100)])[0]?.[1]).toEqual(["wait", 100, 100]);
    expect(draw([throttled(0, 25, 9999)])).toEqual([
      [
        ["work", 0, 200],
        ["wait", 200, 800],
      ],
    ]);
  });

  test("marks the invocation that failed, and keeps what is short in sight and inside", () => {
    expect(draw([interval(0, 1000)], [interval(1000, 1000, { status: "failed" })])).toEqual([
      [["work", 0, 1000]],
      [["stop", 997.5, 2.5]],
    ]);
  });

  test("has at most four ticks, in order and inside, however long the run", () => {
    for (const seconds of [0, 1, 7, 61, 3601, 86_400, 30 * 86_400, 4000 * 86_400]) {
      const page = reportPage(runReport({ resources: [resourceReport("r", { timeline: [interval(0, seconds)] })] }));
      const ticks = [...page.matchAll(/style="left:([\d.]+)%"/g)].map((match) => Number(match[1]));
      expect(ticks.length, `${seconds} s`).toBeLessThanOrEqual(4);
      expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
      for (const tick of ticks) expect(tick).toBeLessThanOrEqual(100);
    }
  });
});
