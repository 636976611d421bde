import { describe, expect, test } from "vitest";
import { CheckpointError, ConfigError } from "../../lib/errors/index.ts";
import { moveIncrementalState } from "../../lib/lake/incremental-state.ts";
import { DAY, HOUR, MINUTE } from "../../lib/time/durations.ts";
import { START, startLake } from "../lake/lake.fixture.ts";
import { ALL, finish, join, opened, RESOURCES, RUN_KEY, SOURCE, seal, storedRun } from "./run.fixture.ts";

const WITHOUT_CURSOR = RESOURCES.map((resource) => ({ ...resource, incremental: false }));
const WITHOUT_TABLES = RESOURCES.map((resource) => ({ ...resource, selected: resource.name === "orders" }));

describe("a start without an open run", () => {
  test("opens a run and takes its lease", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: 10 * MINUTE });
    expect(run).toMatchObject({
      version: 1,
      run_id: expect.stringMatching(/^20261120T090000Z-[0-9a-f]{8}$/),
      opened_at: "2026-11-20T09:00:00.000Z",
      opened_by: "a",
      refresh: null,
      window: null,
      resources: null,
      closed_at: null,
      lease: { owner: "a", expires_at: new Date(START + 10 * MINUTE).toISOString() },
    });
    expect(await storedRun(lake)).toEqual(run);
  });

  test("opens a new run after the last one is closed", async () => {
    await using lake = await startLake();
    const first = await opened(lake, "a");
    await seal(lake, first.run_id, ALL);
    await finish(lake, first.run_id, "a");
    lake.clock.advance(MINUTE);
    const second = await opened(lake, "b");
    expect(second.run_id > first.run_id).toBe(true);
    expect(second.opened_by).toBe("b");
  });

  test("opens a run with the cursors of all incremental resources, which stay the same until it is closed", async () => {
    await using lake = await startLake();
    const cursors = { "": { value: "2024-01-01", hashes: ["h"] } };
    const run_id = "20200101T000000Z-00000000";
    await seal(lake, run_id, ["orders"]);
    await moveIncrementalState(lake.ports, { source: SOURCE, resource: "orders", run_id }, cursors);
    const run = await opened(lake, "a");
    expect(run.incremental).toEqual({ orders: cursors });
    await moveIncrementalState(
      lake.ports,
      { source: SOURCE, resource: "orders", run_id: run.run_id },
      { "": { value: "2024-06-01", hashes: [] } },
    );
    expect((await opened(lake, "a")).incremental).toEqual({ orders: cursors });
  });

  test("opens a full refresh without cursors", async () => {
    await using lake = await startLake();
    const cursors = { "": { value: 1, hashes: [] } };
    await moveIncrementalState(
      lake.ports,
      { source: SOURCE, resource: "orders", run_id: "20200101T000000Z-00000000" },
      cursors,
    );
    const run = await opened(lake, "a", { refresh: "full" });
    expect(run.refresh).toBe("full");
    expect(run.incremental).toEqual({});
  });

  test("opens a run of the requested resources and their ancestors", async () => {
    await using lake = await startLake();
    expect((await opened(lake, "a", { resources: ["taxes"] })).resources?.toSorted()).toEqual([
      "lines",
      "orders",
      "taxes",
    ]);
  });

  test("opens a run of an incremental resource with its children, and logs them: without them, no cursor moves", async () => {
    await using lake = await startLake();
    expect((await opened(lake, "a", { resources: ["orders"] })).resources?.toSorted()).toEqual([
      "lines",
      "orders",
      "taxes",
    ]);
    expect(lake.logged).toContainEqual({
      level: "info",
      message: "children added",
      fields: { resources: ["lines", "taxes"] },
    });
  });

  test.each<[string, Parameters<typeof opened>[2]]>([
    ["of a window, which moves no cursor", { window: { start: 1, end: 2 }, resources: ["orders"] }],
    ["of a resource without incremental state", { resources: ["orders"], sourceResources: WITHOUT_CURSOR }],
    ["whose children are not selected", { resources: ["orders"], sourceResources: WITHOUT_TABLES }],
  ])("adds no children to a run %s", async (_, start) => {
    await using lake = await startLake();
    expect((await opened(lake, "a", start)).resources).toEqual(["orders"]);
    expect(lake.logged.map(({ message }) => message)).not.toContain("children added");
  });

  test("opens one run when 8 starts are concurrent; the others are skipped", async () => {
    await using lake = await startLake();
    const owners = Array.from({ length: 8 }, (_, index) => `owner ${index}`);
    const joined = await Promise.all(owners.map((owner) => join(lake, owner)));
    const open = joined.filter(({ status }) => status === "open");
    expect(open).toHaveLength(1);
    const { lease, run_id } = await storedRun(lake);
    for (const other of joined.filter(({ status }) => status === "skipped")) {
      expect(other).toMatchObject({ run_id, owner: lease?.owner });
    }
  });

  test("joins the run that it opened when the response to its PUT is lost", async () => {
    await using lake = await startLake();
    lake.failOnce(({ operation }) => operation === "PutObject", "lost");
    expect(await opened(lake, "a")).toEqual(await storedRun(lake));
  });
});

describe("a start with an open run", () => {
  test("joins it after another execution's lease has expired, and takes the lease", async () => {
    await using lake = await startLake();
    const first = await opened(lake, "a", { lease: 10 * MINUTE });
    lake.clock.advance(10 * MINUTE);
    const second = await opened(lake, "b");
    expect(second).toMatchObject({ run_id: first.run_id, opened_by: "a", lease: { owner: "b" } });
  });

  test("joins it without waiting for the lease of an owner that is known to be dead", async () => {
    await using lake = await startLake();
    const first = await opened(lake, "a");
    expect(await join(lake, "b", { dead_owner: "another" })).toMatchObject({ status: "skipped" });
    expect((await opened(lake, "b", { dead_owner: "a" })).run_id).toBe(first.run_id);
  });

  test("joins it under its own live lease, so that a retry does not skip itself", async () => {
    await using lake = await startLake();
    const first = await opened(lake, "a");
    const again = await opened(lake, "a", { lease: 20 * MINUTE });
    expect(again.run_id).toBe(first.run_id);
    expect(again.lease?.expires_at).toBe(new Date(START + 20 * MINUTE).toISOString());
  });

  test("adds the resources that it requests", async () => {
    await using lake = await startLake();
    await opened(lake, "a", { resources: ["items"] });
    expect((await opened(lake, "a", { resources: ["taxes"] })).resources?.toSorted()).toEqual([
      "items",
      "lines",
      "orders",
      "taxes",
    ]);
    expect((await opened(lake, "a", {})).resources).toBeNull();
    expect((await opened(lake, "a", { resources: ["items"] })).resources).toBeNull();
  });

  test("joins a window when its start options name no window or the same one", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 2 };
    const first = await opened(lake, "a", { window });
    expect(await opened(lake, "a")).toMatchObject({ run_id: first.run_id, window });
    expect(await opened(lake, "a", { window: { start: 1, end: 2 } })).toMatchObject({ run_id: first.run_id });
  });
});

describe("a start under the live lease of another owner", () => {
  test("is skipped with the owner and the expiry, and changes nothing", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: 10 * MINUTE });
    lake.clock.advance(10 * MINUTE - 1);
    for (const start of [{}, { new_run: true }, { refresh: "full" as const }]) {
      expect(await join(lake, "b", start)).toEqual({
        status: "skipped",
        run_id: run.run_id,
        owner: "a",
        expires_at: "2026-11-20T09:10:00.000Z",
      });
    }
    expect(await storedRun(lake)).toEqual(run);
  });

  test("is skipped also when the run is older than max_run_age, because its owner may still be running", async () => {
    await using lake = await startLake();
    await opened(lake, "a", { lease: 9 * DAY });
    lake.clock.advance(8 * DAY);
    expect(await join(lake, "b")).toMatchObject({ status: "skipped", owner: "a" });
  });
});

describe("an open run", () => {
  test("is abandoned by new_run", async () => {
    await using lake = await startLake();
    const first = await opened(lake, "a");
    lake.clock.advance(HOUR);
    const second = await opened(lake, "b", { new_run: true });
    expect(second.run_id > first.run_id).toBe(true);
    expect(second).toMatchObject({ opened_by: "b", opened_at: "2026-11-20T10:00:00.000Z" });
  });

  test("is abandoned only once by a start with new_run: its retry resumes the run that it opened", async () => {
    await using lake = await startLake();
    await opened(lake, "a");
    lake.clock.advance(HOUR);
    const first = await opened(lake, "b", { new_run: true });
    lake.clock.advance(MINUTE);
    expect((await opened(lake, "b", { new_run: true })).run_id).toBe(first.run_id);
  });

  test("is abandoned when it is older than max_run_age, and not before", async () => {
    await using lake = await startLake();
    const first = await opened(lake, "a");
    lake.clock.advance(7 * DAY);
    expect((await opened(lake, "b")).run_id).toBe(first.run_id);
    lake.clock.advance(HOUR);
    expect((await opened(lake, "c")).run_id).not.toBe(first.run_id);
  });
});

describe("start options that conflict with the open run are a ConfigError that suggests new_run", () => {
  const window = { start: "2024-01", end: "2024-02" };
  test.each([
    ["a window, when a plain run is open", {}, { window }],
    ["a full refresh, when a plain run is open", {}, { refresh: "full" as const }],
    ["another window", { window }, { window: { start: "2024-01", end: "2024-03" } }],
    ["a full refresh, when a window is open", { window }, { refresh: "full" as const }],
    ["a window, when a full refresh is open", { refresh: "full" as const }, { window }],
  ])("%s", async (_, first, second) => {
    await using lake = await startLake();
    const run = await opened(lake, "a", first);
    await expect(join(lake, "a", second)).rejects.toThrow(ConfigError);
    await expect(join(lake, "a", second)).rejects.toThrow(new RegExp(`shop: run ${run.run_id} is open.*new_run: true`));
    expect(await storedRun(lake)).toEqual(run);
    expect((await opened(lake, "b", { ...second, new_run: true, dead_owner: "a" })).run_id).not.toBe(run.run_id);
  });
});

test("an unknown resource is a ConfigError that names the known ones, before a run is opened", async () => {
  await using lake = await startLake();
  await expect(join(lake, "a", { resources: ["order"] })).rejects.toThrow(ConfigError);
  await expect(join(lake, "a", { resources: ["order"] })).rejects.toThrow(
    /unknown resource "order": choose from orders, lines, taxes, items/,
  );
  expect(await lake.keys()).toEqual([]);
});

test.each(["{", "null", "{}", '{"version":1}', '{"version":2,"run_id":"x"}'])(
  "a corrupt run record is a CheckpointError and is not changed: %s",
  async (content) => {
    await using lake = await startLake();
    await lake.overwrite(RUN_KEY, content);
    await expect(join(lake, "a", { new_run: true })).rejects.toThrow(CheckpointError);
    await expect(join(lake, "a")).rejects.toThrow(/state\/shop\/run\.json is corrupt/);
    expect((await lake.read(RUN_KEY)).toString()).toBe(content);
  },
);

test("corrupt incremental state stops a start before it opens a run", async () => {
  await using lake = await startLake();
  await lake.overwrite("state/shop/orders.json", '{"version":1,"run_id":"x","cursors":{"":null}}');
  await expect(join(lake, "a")).rejects.toThrow(CheckpointError);
  expect(await lake.keys()).toEqual(["state/shop/orders.json"]);
});

test("a run that is opened while finish of the last one moves a cursor starts from the moved cursor", async () => {
  await using lake = await startLake();
  const first = await opened(lake, "a", { lease: MINUTE });
  await seal(lake, first.run_id, ALL, { value: 5, hashes: [] });
  lake.clock.advance(HOUR);
  const { get } = lake.ports.bucket;
  let hasFinished = false;
  const racing = {
    ...lake,
    ports: {
      ...lake.ports,
      bucket: {
        ...lake.ports.bucket,
        get: async (key: string) => {
          const object = await get(key);
          // The old run finishes and moves the cursor right after the state was read as missing.
          if (key === "state/shop/orders.json" && !hasFinished) {
            hasFinished = true;
            await finish(lake, first.run_id, "a");
          }
          return object;
        },
      },
    },
  };
  const second = await opened(racing as never, "b", { new_run: true });
  expect(hasFinished).toBe(true);
  expect(second.run_id).not.toBe(first.run_id);
  expect(second.incremental.orders).toEqual({ "": { value: 5, hashes: [] } });
});

test("run ids sort in the order of opening, also within one second and when the clock goes back", async () => {
  await using lake = await startLake();
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    ids.push((await opened(lake, `owner ${n}`, { new_run: true, dead_owner: `owner ${n - 1}` })).run_id);
    lake.clock.advance(n === 6 ? -HOUR : 1);
  }
  expect(new Set(ids).size).toBe(12);
  expect(ids).toEqual([...ids].sort());
});
