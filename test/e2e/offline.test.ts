import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleTables } from "../../local/sample-apis/index.ts";
import { withoutStopNote } from "../cli/command.fixture.ts";
import { readObject, readTable } from "../cli/lake.fixture.ts";
import { type Offline, startOffline } from "./offline.fixture.ts";

const MINUTE = 60_000;
const OPEN_RUN = "20260101T000000Z-0badcafe";

const folder = mkdtempSync(join(tmpdir(), "restlake-offline-"));
const lake = join(folder, "lake");
let offline: Offline;

/** Writes the lease of a process that was killed. */
const leaveLease = (source: string, owner: string) => {
  const state = join(lake, "s3/lake/state", source);
  mkdirSync(state, { recursive: true });
  const opened_at = new Date().toISOString();
  const lease = { owner, expires_at: new Date(Date.now() + 20 * MINUTE).toISOString() };
  const run = {
    version: 1,
    run_id: OPEN_RUN,
    opened_at,
    opened_by: owner,
    joined_at: opened_at,
    lease,
    incremental: {},
  };
  const rest = { refresh: null, window: null, resources: null, closed_at: null, failed_by: null };
  writeFileSync(join(state, "run.json"), JSON.stringify({ ...run, ...rest }));
};

const rowsOf = (source: string, resource: string) => sampleTables(source)[resource] as Record<string, unknown>[];
const idsIn = (source: string, resource: string) => readTable(lake, source, resource)[0]?.rows.map(({ id }) => id);

beforeAll(async () => {
  leaveLease("workforce_analytics", `local:${hostname()}:999999.1.0.deadbeef:00000000`);
  leaveLease("stock_analytics", "lambda:00000000-dead-beef-0000-000000000000");
  offline = await startOffline(folder);
});

afterAll(() => {
  offline.descendants.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("a manual invocation with {} opens the run, loads its resource and releases the source; a second one returns the same outcome", async () => {
  const first = await offline.invoke("restlake-dev-asset_management-inventories");
  expect(first).toMatchObject({ status: "done", source: "asset_management", resource: "inventories", rows: 180 });
  expect(idsIn("asset_management", "inventories")).toEqual(
    rowsOf("asset_management", "inventories").map(({ id }) => id),
  );
  const run = JSON.parse(readObject(lake, "state/asset_management/run.json"));
  expect(run).toMatchObject({ run_id: first.run_id, lease: null, closed_at: null });

  const again = await offline.invoke(
    "restlake-dev-asset_management-inventories",
    '{"key1": "value1", "key2": "value2"}',
  );
  expect(again).toEqual(first);
});

test("a throttled Lambda returns retry_after_seconds, and resumes when it is invoked again", async () => {
  const throttled = await offline.invoke("restlake-dev-asset_management-assets");
  expect(throttled).toMatchObject({ status: "throttled", rows: 25, pages: 1, parts: 1, retry_after_seconds: 60 });
  expect(readTable(lake, "asset_management", "assets")).toEqual([]);
  const done = await offline.invoke("restlake-dev-asset_management-assets");
  expect(done).toMatchObject({ status: "done", run_id: throttled.run_id, rows: 240, pages: 11, parts: 2 });
  expect(idsIn("asset_management", "assets")).toEqual(rowsOf("asset_management", "assets").map(({ id }) => id));
});

test("a child whose parent is not done fails with ParentError, and an unknown Lambda is not found", async () => {
  expect(await offline.invoke("restlake-dev-order_management-returns")).toMatchObject({
    errorMessage: expect.stringContaining("its parent orders is not done"),
    trace: [expect.stringMatching(/^ParentError: /)],
  });
  expect(await offline.invoke("restlake-dev-order_management-refunds")).toMatchObject({
    Message: "Function not found: restlake-dev-order_management-refunds",
  });
});

test("the lease of an ended process, or of a Lambda of an ended process, does not block a run", async () => {
  for (const [source, resource] of [
    ["workforce_analytics", "schedules"],
    ["stock_analytics", "items"],
  ] as const) {
    const outcome = await offline.invoke(`restlake-dev-${source}-${resource}`);
    expect(outcome).toMatchObject({ status: "done", run_id: OPEN_RUN, rows: rowsOf(source, resource).length });
  }
});

test("Ctrl-C ends every process and frees every port", async () => {
  const { running, descendants, port } = offline;
  expect(descendants.alive().length).toBeGreaterThan(0);
  expect(readdirSync(join(lake, "lambdas"))).toHaveLength(1);
  running.child.kill("SIGINT");
  const { code, out, err } = await running.ended;
  expect({ code, err: withoutStopNote(err) }).toEqual({ code: 130, err: "" });
  expect(out).toMatch(/\nStopped\.\n$/);
  expect(readdirSync(join(lake, "lambdas"))).toEqual([]);
  await descendants.gone();
  for (const taken of [port, port + 8, port + 9, port + 18, port + 22]) {
    const server = createServer().listen(taken, "127.0.0.1");
    await once(server, "listening");
    server.close();
  }
});
