import { describe, expect, test } from "vitest";
import { CheckpointError } from "../../lib/errors/index.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { ALL, finish, opened, RESOURCES, seal, work } from "./run.fixture.ts";

const STATE = "state/shop/orders.json";
const LOST =
  /^shop\.orders: the incremental state is lost \(run \S+ stored state\/shop\/orders\.json, which does not exist\): restore an older version of the object, or start with refresh: "full"/;
const cursor = (value: number) => ({ value, hashes: [] });

/** Runs all resources once, of which orders have a cursor, and returns the run. */
const loadAll = async (lake: Lake, start: Parameters<typeof opened>[2] = {}): Promise<string> => {
  const { run_id } = await opened(lake, "first", start);
  const wanted = start.resources ?? ALL;
  if (wanted.includes("orders")) await work(lake, run_id, "orders", { cursor: cursor(5) });
  await seal(
    lake,
    run_id,
    wanted.filter((name) => name !== "orders"),
  );
  await finish(lake, run_id, "first", start);
  lake.clock.advance(1000);
  return run_id;
};

describe("an incremental state that does not exist", () => {
  test("although an earlier run stored it is a CheckpointError that names the run and the way out", async () => {
    await using lake = await startLake();
    const run_id = await loadAll(lake);
    await lake.remove(STATE);
    await expect(opened(lake, "a")).rejects.toThrow(CheckpointError);
    await expect(opened(lake, "a")).rejects.toThrow(LOST);
    await expect(opened(lake, "a")).rejects.toThrow(run_id);
    await expect(opened(lake, "a", { resources: ["lines"] })).rejects.toThrow(LOST);
  });

  test("is found by an older run, if the latest ones did not load the resource", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    await loadAll(lake, { resources: ["items"] });
    await lake.remove(STATE);
    await expect(opened(lake, "a")).rejects.toThrow(LOST);
  });

  test.each<[string, Parameters<typeof opened>[2]]>([
    ["a full refresh", { refresh: "full" }],
    ["a window", { window: { start: 1, end: 2 } }],
    ["other resources", { resources: ["items"] }],
  ])("does not keep %s from starting", async (_, start) => {
    await using lake = await startLake();
    await loadAll(lake);
    await lake.remove(STATE);
    expect((await opened(lake, "a", start)).incremental).toEqual({});
  });

  test("stops a start that adds its resource to an open run of others", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    await lake.remove(STATE);
    await opened(lake, "a", { resources: ["items"] });
    await expect(opened(lake, "a")).rejects.toThrow(LOST);
  });

  test("and was restored while a run of other resources is open is used by a start that adds its resource", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    const state = await lake.json(STATE);
    await lake.remove(STATE);
    await opened(lake, "a", { resources: ["items"] });
    await lake.overwrite(STATE, JSON.stringify(state));
    expect((await opened(lake, "a")).incremental).toEqual({ orders: { "": cursor(5) } });
  });

  test("and appears while the earlier runs are read is used: their finish was running", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    const state = await lake.json(STATE);
    await lake.remove(STATE);
    const { bucket } = lake.ports;
    const racing = {
      ...bucket,
      get: async (key: string) => {
        if (key.endsWith("-orders.json")) await lake.overwrite(STATE, JSON.stringify(state));
        return bucket.get(key);
      },
    };
    const run = await opened({ ...lake, ports: { ...lake.ports, bucket: racing } } as Lake, "a");
    expect(run.incremental).toEqual({ orders: { "": cursor(5) } });
  });

  test.each<[string, Parameters<typeof opened>[2]]>([
    ["read a window", { window: { start: 1, end: 9 } }],
    ["had no child that was done", {}],
  ])("is accepted after runs that stored none, because they %s", async (why, start) => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "first", start);
    await work(lake, run_id, "orders", { cursor: cursor(5) });
    await seal(lake, run_id, why.includes("child") ? ["items"] : ["lines", "taxes", "items"]);
    await finish(lake, run_id, "first", start).catch(() => undefined);
    expect((await opened(lake, "a", { new_run: true })).incremental).toEqual({});
  });

  test("is accepted for a resource that was not incremental before", async () => {
    await using lake = await startLake();
    const plain = RESOURCES.map((resource) => ({ ...resource, incremental: false }));
    const { run_id } = await opened(lake, "first", { sourceResources: plain });
    for (const name of ALL) await work(lake, run_id, name);
    await finish(lake, run_id, "first", { sourceResources: plain });
    expect((await opened(lake, "a")).incremental).toEqual({});
  });

  test("is accepted without a readable report, which only a warning mentions", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    await lake.remove(STATE);
    await lake.overwrite("reports/shop/latest.json", "{");
    expect((await opened(lake, "a")).incremental).toEqual({});
    expect(lake.logged.map(({ message }) => message)).toContain("cannot read earlier runs");
  });
});

describe("a renamed resource", () => {
  const renamed = RESOURCES.map((resource) =>
    resource.name === "orders"
      ? { ...resource, name: "sales", table: "orders", renamed_from: ["orders"] }
      : { ...resource, parent: resource.parent === "orders" ? "sales" : resource.parent },
  );

  test("starts at the cursor of its earlier name", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    const run = await opened(lake, "a", { sourceResources: renamed });
    expect(run.incremental).toEqual({ sales: { "": cursor(5) } });
  });

  test("whose earlier state was lost is a CheckpointError", async () => {
    await using lake = await startLake();
    await loadAll(lake);
    await lake.remove(STATE);
    await expect(opened(lake, "a", { sourceResources: renamed })).rejects.toThrow(CheckpointError);
  });
});
