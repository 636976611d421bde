import { describe, expect, test } from "vitest";
import { nextStepOf } from "../../lib/errors/next-step.ts";
import { reportPage } from "../../lib/report/page/page.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { earlierRun, interval, resourceReport, runReport } from "./report.fixture.ts";

/** Returns the visible text of a page in one line, without the tooltips of drawings. */
const textOf = (page: string): string =>
  page
    .replace(/<head>.*<\/head>/s, "")
    .replaceAll(/<title>.*?<\/title>/gs, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ");
const textOfRun = (more: Partial<RunReport>): string => textOf(reportPage(runReport(more)));
const headings = (page: string): string[] =>
  [...page.matchAll(/<h2[^>]*>(.*?)<\/h2>/g)].map((match) => match[1] as string);

const error = { name: "AuthError", message: "the API returned 401", next_step: nextStepOf("AuthError") };
const notStarted = { name: "NotReached", message: "not started", next_step: nextStepOf("NotReached") };
const failed = (name: string, more = error) =>
  resourceReport(name, { status: "failed", bytes: null, full_refresh: null, error: more });

describe("the report page", () => {
  test("of a run that is done starts with the status, rows, size, requests, cost and times in UTC", () => {
    const text = textOfRun({ freshness_seconds: 86_400 });
    expect(text).toMatch(/^ ?shop Done Loaded 1,234 rows from 1 resource\. Run 20261120T030000Z-0a1b2c3d /);
    for (const fact of [
      "Opened 2026-11-20 03:00:00 UTC",
      "Finished 2026-11-20 03:02:05 UTC",
      "Size 56.8 kB",
      "Duration 2 min 5 s",
      "Requests 14 for 13 pages",
      "Cost $0.0008 estimate at list prices",
      "Data age 1 d before this run",
      "21.50 GB-seconds, 4 requests",
      "31 PUTs, 44 GETs",
    ]) {
      expect(text).toContain(fact);
    }
  });

  test("of a failed run starts with the failures, their causes and the next steps", () => {
    const resources = [failed("orders"), failed("lines", notStarted), resourceReport("items")];
    const page = reportPage(runReport({ status: "failed", closed: false, complete: false, resources }));
    expect(headings(page)[0]).toBe("Failures");
    const text = textOf(page);
    expect(text).toContain(
      "2 of 3 resources failed. The other one is loaded. The next start resumes this run where it stopped.",
    );
    expect(text).toContain(`orders AuthError the API returned 401 Next: ${error.next_step.replaceAll("'", "&#39;")}`);
    expect(text).toMatch(/Not started lines Next: Start the state machine again/);
  });

  test("of a run with an error that needs a new run names new_run, and no resume", () => {
    const text = textOfRun({
      ...{ status: "failed", closed: false, complete: false },
      resources: [failed("orders", { ...error, name: "RepeatedPageError" })],
    });
    expect(text).toContain("The resource failed. The run stays open: correct the cause, then start with new_run.");
    expect(text).not.toContain("resumes this run");
  });

  test("of an abandoned run does not announce that the next start resumes it", () => {
    const text = textOfRun({ status: "failed", closed: true, resources: [failed("orders")] });
    expect(text).toContain(
      "Abandoned The resource failed again without progress. The run was abandoned and replaced by a new run.",
    );
    expect(text).not.toContain("resumes this run");
  });

  test("of a run with selected resources shows how many other resources are not loaded yet", () => {
    const text = textOfRun({
      closed: false,
      complete: false,
      resources: [resourceReport("a"), failed("b", notStarted)],
    });
    expect(text).toContain(
      "Done for selected resources The selected resources are loaded. 1 other resource is not loaded yet: the next start resumes this run.",
    );
    expect(text).toContain("b not started");
    expect(text).not.toContain("failed");
  });

  test("shows the window of a run, or that it is a full refresh", () => {
    expect(textOfRun({ window: { start: "2026-01-01", end: "2026-02-01" } })).toContain(
      "Mode window from 2026-01-01 to 2026-02-01 (exclusive)",
    );
    expect(textOfRun({ refresh: "full" })).toContain("Mode full refresh");
  });

  test("warns about resources that became empty, and about data that schema_contract discarded", () => {
    const text = textOfRun({
      empty_resources: ["orders"],
      resources: [
        resourceReport("orders", { rows: 0 }),
        resourceReport("b", { discarded_rows: 1, discarded_values: 2 }),
      ],
      earlier: [earlierRun(1)],
    });
    expect(text).toContain("orders is empty The previous full load had 1,190 rows.");
    expect(text).toContain("b has discarded data schema_contract discarded 1 row and 2 values.");
  });

  test("shows the number of rows in which keys were masked", () => {
    const text = textOfRun({ resources: [resourceReport("orders", { masked_rows: 3 })] });
    expect(text).toContain("3 rows masked");
  });

  test("shows the rows read with the total of the API, and the number of rows that repeat a key", () => {
    const counted = resourceReport("orders", { read_rows: 1200, reported_rows: 1201, repeated_rows: 1 });
    const text = textOfRun({ resources: [counted, resourceReport("users")] });
    expect(text).toContain("1,200 of 1,201 reported rows read · 1 row repeated");
    expect(text.match(/reported row/g)).toHaveLength(1);
  });

  test("has no section without content", () => {
    expect(headings(reportPage(runReport()))).toEqual(["Resources", "Timeline", "Cost", "Earlier runs"]);
    const quiet = runReport({ resources: [resourceReport("orders", { timeline: [] })] });
    expect(headings(reportPage(quiet))).toEqual(["Resources", "Cost", "Earlier runs"]);
  });

  test("of 150 resources and twenty earlier runs has a row for each resource, and is smaller than 600 kB", () => {
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

describe("rows compared with earlier runs", () => {
  const compared = (more: Partial<RunReport>) => textOfRun({ earlier: [earlierRun(1), earlierRun(2)], ...more });

  test("are shown as a difference to the previous run, and as a chart of all runs", () => {
    expect(compared({})).toMatch(/orders done 1,234 \+44 /);
    expect(reportPage(runReport({ earlier: [earlierRun(1), earlierRun(2)] }))).toContain(
      "Rows in 3 runs, oldest first: 1,180, 1,190, 1,234",
    );
  });

  test("are not compared when one run read all rows and the other only new ones", () => {
    const text = compared({ resources: [resourceReport("orders", { full_refresh: false, rows: 3 })] });
    expect(text).toMatch(/orders done · incremental 3 \d?/);
    expect(text).not.toContain("−");
  });

  test("are not compared when one of the runs has a window", () => {
    expect(compared({ window: { start: 1, end: 2 } })).not.toContain("+44");
    const earlier = [earlierRun(1, { window: { start: 1, end: 2 } }), earlierRun(2)];
    expect(compared({ earlier })).toContain("1,234 +54");
  });

  test("are not compared when the resource failed in this run", () => {
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

  test("shows the work and the state machine's waits to scale", () => {
    expect(draw([throttled(0, 10, 60), interval(70, 100)])).toEqual([
      [
        ["work", 0, 100],
        ["wait", 100, 600],
        ["work", 700, 300],
      ],
    ]);
  });

  test("ends a wait when the resource continues earlier, or when the report is written", () => {
    expect(draw([throttled(0, 10, 60), interval(20, 100)])[0]?.[1]).toEqual(["wait", 100, 100]);
    expect(draw([throttled(0, 25, 9999)])).toEqual([
      [
        ["work", 0, 200],
        ["wait", 200, 800],
      ],
    ]);
  });

  test("marks the failed invocation, and keeps short segments visible and inside the lane", () => {
    expect(draw([interval(0, 1000)], [interval(1000, 1000, { status: "failed" })])).toEqual([
      [["work", 0, 1000]],
      [["failed", 997.5, 2.5]],
    ]);
  });

  test("has at most four ticks, in order and inside the axis, whatever the duration", () => {
    for (const seconds of [0, 1, 7, 61, 3601, 86_400, 30 * 86_400, 4000 * 86_400]) {
      const page = reportPage(runReport({ resources: [resourceReport("r", { timeline: [interval(0, seconds)] })] }));
      const ticks = [...page.matchAll(/style="left:([\d.]+)%"/g)].map((match) => Number(match[1]));
      expect(ticks.length, `${seconds} s`).toBeLessThanOrEqual(4);
      expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
      for (const tick of ticks) expect(tick).toBeLessThanOrEqual(100);
    }
  });
});
