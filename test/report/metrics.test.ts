import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { RunReport } from "../../lib/report/run-report.ts";
import { resourceReport, runReport } from "./report.fixture.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const COUNT = `
  import { countRun } from "./lib/aws/metrics.ts";
  import { metrics } from "./lib/aws/observability.ts";
  for (const report of JSON.parse(process.argv[1])) {
    countRun(report);
    metrics.publishStoredMetrics();
  }
`;

interface Line {
  _aws: {
    CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }[];
  };
  [name: string]: unknown;
}

/** Returns the metrics that a Lambda writes for these runs, in CloudWatch's embedded metric format. */
const counted = (reports: RunReport[]): Line[] =>
  execFileSync(process.execPath, ["--input-type=module", "--eval", COUNT, JSON.stringify(reports)], {
    cwd: PROJECT,
    env: { POWERTOOLS_SERVICE_NAME: "restlake-prod" },
    encoding: "utf8",
  })
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

test("countRun emits duration, freshness, empty resources and throttled time by stage and source", () => {
  const resources = [
    resourceReport("orders", { waited_seconds: 20 }),
    resourceReport("items", { waited_seconds: 11.25 }),
  ];
  const [line, ...others] = counted([
    runReport({ resources, freshness_seconds: 86_400, empty_resources: ["items", "orders"] }),
  ]);
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    service: "restlake-prod",
    source: "shop",
    duration: 125,
    freshness: 86_400,
    empty_resources: 2,
    throttled_percent: 25,
  });
  const [metrics] = line?._aws.CloudWatchMetrics ?? [];
  expect(metrics).toMatchObject({ Namespace: "restlake", Dimensions: [["service", "source"]] });
  expect(Object.fromEntries(metrics?.Metrics.map(({ Name, Unit }) => [Name, Unit]) ?? [])).toEqual({
    duration: "Seconds",
    freshness: "Seconds",
    empty_resources: "Count",
    throttled_percent: "Percent",
  });
});

test("countRun emits no duration for an incomplete run, so a missing metric means that data is missing", () => {
  const [failed, first] = counted([
    runReport({ complete: false, status: "failed", freshness_seconds: 86_400 }),
    runReport({ freshness_seconds: null }),
  ]);
  expect(failed).not.toHaveProperty("duration");
  expect(failed).not.toHaveProperty("freshness");
  expect(failed).toHaveProperty("throttled_percent", 0);
  expect(first).toHaveProperty("duration", 125);
  expect(first).not.toHaveProperty("freshness");
});

test("countRun limits the throttled time to 100 percent of the duration, and to 0 percent of no duration", () => {
  const resources = [resourceReport("orders", { waited_seconds: 3600 })];
  const [long, none] = counted([runReport({ resources }), runReport({ resources, duration_seconds: 0 })]);
  expect(long).toHaveProperty("throttled_percent", 100);
  expect(none).toHaveProperty("throttled_percent", 0);
});
