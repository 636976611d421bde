import { mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { functionsFolder } from "../../infra/project.ts";
import { loadSources } from "../../infra/sources.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { sampleTables } from "../../local/sample-apis/index.ts";
import { type Ended, type Running, start } from "../cli/command.fixture.ts";
import { filesBelow, readTable } from "../cli/lake.fixture.ts";
import { expectRows } from "./oracle.fixture.ts";
import { type Descendants, followDescendants } from "./processes.fixture.ts";

const sources = (await loadSources()).map(({ resolved }) => ({
  name: resolved.name,
  resources: resolved.resources,
}));
const tables = sources.flatMap(({ name: source, resources }) => resources.map(({ name }) => ({ source, name })));

const folder = mkdtempSync(join(tmpdir(), "restlake-start-"));
const lake = join(folder, "lake");
let ended: Ended;
let descendants: Descendants;

/** Runs `npm start -- <names> --out lake`, and follows the processes that it starts. */
const run = async (names: string[], meanwhile = async (_running: Running) => {}) => {
  const running = start(["start", ...names, "--out", "lake"], folder);
  descendants = followDescendants(running.child.pid as number);
  await meanwhile(running);
  ended = await running.ended;
  descendants.stop();
};

beforeAll(() => run([]));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("npm start loads all 26 resources of the five sources, exits with 0, and prints the next steps", () => {
  expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: "" });
  expect(tables).toHaveLength(26);
  expect(ended.out).toMatch(/^total +26\/26 +3,912 /m);
  for (const { source, name } of tables) {
    const rows = sampleTables(source)[name]?.length ?? 0;
    expect(ended.out).toMatch(new RegExp(`^done +${source}\\.${name}: ${rows} rows?, `, "m"));
    expect(ended.out).toMatch(new RegExp(`^${source}\\.${name} +done +${rows} `, "m"));
  }
  expect(ended.out).toContain("waiting   asset_management.assets: retries in 60 s (scaled to 3.0 s)");
  expect(ended.out).toMatch(
    /^Estimated AWS cost: \$0\.\d{4} at list price \(\d+\.\d GB-s measured here, .* S3 PUTs, .* transitions\)\.$/m,
  );
  const pages = /^Reports:\n((?: {2}.*\.html\n)+) {2}npm run report -- --out /m
    .exec(ended.out)?.[1]
    ?.trim()
    .split(/\s+/);
  expect(pages).toHaveLength(sources.length);
  expect(ended.out).toMatch(/^Loaded all 26 resources into lake\/s3\/lake in \d.* Next steps:\n {2}npm run query /m);
});

test("npm start leaves no process running", async () => {
  // At least the packaging, serverless-offline, and the compilers of both.
  expect(descendants.seen()).toBeGreaterThanOrEqual(4);
  await descendants.gone();
});

test("every report contains the Lambda usage of its run, and its cost", () => {
  const reports = filesBelow(join(lake, "s3/lake/reports"))
    .filter((file) => /Z-[0-9a-f]+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as RunReport);
  expect(reports).toHaveLength(sources.length);
  for (const { cost, resources } of reports) {
    // Two more for open and finish.
    const invocations = resources.reduce((sum, { usage }) => sum + usage.invocations, 2);
    expect(cost.usage.invocations).toBe(invocations);
    for (const { usage } of resources) expect(usage.gb_seconds).toBeGreaterThan(0);
    expect(cost.dollars.total).toBeGreaterThan(0);
  }
});

describe.for(sources)("$name", ({ name: source, resources }) => {
  test.for(resources)("$name has every row of the API once, in order", ({ name, columns }) => {
    const [loaded, ...others] = readTable(lake, source, name);
    expect(others).toEqual([]);
    const records = sampleTables(source)[name] as Record<string, unknown>[];
    expectRows(loaded, records, columns);
  });
});

test("every part has complete lines, with the same columns in the same order", () => {
  const parts = filesBelow(join(lake, "s3/lake/data"));
  expect(parts.length).toBeGreaterThanOrEqual(tables.length);
  for (const part of parts) {
    const text = gunzipSync(readFileSync(part)).toString();
    expect(text === "" || text.endsWith("}\n"), part).toBe(true);
    const orders = new Set(
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => Object.keys(JSON.parse(line) as object).join()),
    );
    expect(orders.size, part).toBeLessThanOrEqual(1);
  }
});

test("no file and no output contains the key of an API, plain or encoded", () => {
  const keys = sources.map(({ name }) => `local-key-of-${name.replaceAll("_", "-")}`);
  const forms = keys.flatMap((key) =>
    [key, Buffer.from(key).toString("base64"), Buffer.from(key).toString("hex")].map((form) => form.replace(/=+$/, "")),
  );
  const texts = filesBelow(folder).map((file) => {
    const bytes = readFileSync(file);
    return { file, text: (file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1") };
  });
  expect(texts.length).toBeGreaterThan(100);
  for (const { file, text } of [...texts, { file: "the output", text: ended.out + ended.err }]) {
    for (const form of forms) expect(text.includes(form), `${form} in ${file}`).toBe(false);
  }
});

test("a second start of one source adds a run, keeps the other sources unchanged, and ignores that a source file is saved", async () => {
  const before = readTable(lake, "stock_analytics", "items");
  await run(["inventory_management"], async (running) => {
    await running.prints(/^Ready: /m);
    const now = new Date();
    utimesSync(join(functionsFolder(), "inventory-management.ts"), now, now);
  });
  expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: "" });
  expect(ended.out).toMatch(/^total +1\/1 +350 /m);
  const runs = readTable(lake, "inventory_management", "inventory_items");
  expect(runs.map(({ rows }) => rows.length)).toEqual([350, 350]);
  expect(new Set(runs.map(({ run_id }) => run_id)).size).toBe(2);
  expect(runs[1]?.rows.map(({ id }) => id)).toEqual(runs[0]?.rows.map(({ id }) => id));
  expect(readTable(lake, "stock_analytics", "items")).toEqual(before);
  await descendants.gone();
});
