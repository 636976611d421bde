import { mkdtempSync, readFileSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FUNCTIONS_FOLDER, loadSources } from "../../infra/sources.ts";
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

/** `npm start -- <names> --out lake`, and everything that it starts. */
const run = async (names: string[], meanwhile = async (_running: Running) => {}) => {
  const running = start(["start", ...names, "--out", "lake"], folder);
  descendants = followDescendants(running.child.pid as number);
  await meanwhile(running);
  ended = await running.ended;
  descendants.stop();
};

beforeAll(() => run([]));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("npm start ends well: all 26 resources of the five sources are done, and it says what to type next", () => {
  expect({ code: ended.code, err: ended.err }).toEqual({ code: 0, err: "" });
  expect(tables).toHaveLength(26);
  expect(ended.out).toMatch(/^total +26\/26 +3,912 /m);
  for (const { source, name } of tables) {
    const rows = sampleTables(source)[name]?.length ?? 0;
    expect(ended.out).toMatch(new RegExp(`^done +${source}\\.${name}: ${rows} rows?, `, "m"));
    expect(ended.out).toMatch(new RegExp(`^${source}\\.${name} +done +${rows} `, "m"));
  }
  expect(ended.out).toContain("waiting   asset_management.assets: asks again in 60 s (here 3.0 s)");
  expect(ended.out).toMatch(
    /^About \$0\.\d{4} at list price: \d+\.\d GB-s as measured here, .* S3 PUTs, .* transitions; see/m,
  );
  const pages = /^The reports:\n((?: {2}.*\.html\n)+) {2}npm run report -- --out /m
    .exec(ended.out)?.[1]
    ?.trim()
    .split(/\s+/);
  expect(pages).toHaveLength(sources.length);
  expect(ended.out).toMatch(/^All 26 resources are in the lake, .*Next:\n {2}npm run query /m);
});

test("no process that it started is left over", async () => {
  // At least the packaging, serverless-offline, and their compilers.
  expect(descendants.seen()).toBeGreaterThanOrEqual(4);
  await descendants.gone();
});

test("every report says what its run used as Lambdas, and what that costs", () => {
  const reports = filesBelow(join(lake, "s3/lake/reports"))
    .filter((file) => /Z-[0-9a-f]+\.json$/.test(file))
    .map((file) => JSON.parse(readFileSync(file, "utf8")) as RunReport);
  expect(reports).toHaveLength(sources.length);
  for (const { cost, resources } of reports) {
    // The resources' invocations, open and finish.
    const invocations = resources.reduce((sum, { usage }) => sum + usage.invocations, 2);
    expect(cost.usage.invocations).toBe(invocations);
    for (const { usage } of resources) expect(usage.gb_seconds).toBeGreaterThan(0);
    expect(cost.dollars.total).toBeGreaterThan(0);
  }
});

describe.for(sources)("$name", ({ name: source, resources }) => {
  test.for(resources)("$name: every row is as the API has it, once, in order", ({ name, columns }) => {
    const [loaded, ...others] = readTable(lake, source, name);
    expect(others).toEqual([]);
    const records = sampleTables(source)[name] as Record<string, unknown>[];
    expectRows(loaded, records, columns);
  });
});

test("every part has whole lines, with the same columns in the same order", () => {
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

test("no key of an API is in any file, or in what was printed, in no form", () => {
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

test("a second start of one source makes a second run of it, leaves the others alone, and does not mind an editor that saves", async () => {
  const before = readTable(lake, "stock_analytics", "items");
  await run(["inventory_management"], async (running) => {
    await running.prints(/^Up: /m);
    const now = new Date();
    utimesSync(join(FUNCTIONS_FOLDER, "inventory-management.ts"), now, now);
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
