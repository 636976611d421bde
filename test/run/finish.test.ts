import { describe, expect, test } from "vitest";
import { RunFailedError } from "../../lib/errors/index.ts";
import { DAY, HOUR, MINUTE } from "../../lib/time/durations.ts";
import { startLake } from "../lake/lake.fixture.ts";
import { ALL, facts, finish, join, opened, seal, storedRun, work } from "./run.fixture.ts";

const FAILURE = { name: "AuthError", message: "the API returned 401" };
const NOT_ITEMS = ALL.filter((name) => name !== "items");

describe("a run whose resources are all done", () => {
  test("is closed, its lease is released, and the result has its rows", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    lake.clock.advance(MINUTE);
    expect(await finish(lake, run_id, "a")).toEqual({ status: "done", source: "shop", run_id, rows: 4, resources: 4 });
    expect(await storedRun(lake)).toMatchObject({
      closed_at: "2026-11-20T09:01:00.000Z",
      lease: null,
      failed_by: null,
    });
  });

  test("is closed once: a repeated finish returns done and changes nothing", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    await finish(lake, run_id, "a");
    const before = await storedRun(lake);
    lake.clock.advance(MINUTE);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", run_id });
    expect(await storedRun(lake)).toEqual(before);
  });

  test("is done although the state machine caught a failure, because the log is complete", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "a", { failures: { items: FAILURE } })).toMatchObject({ status: "done" });
  });
});

describe("a run with failures", () => {
  test("stays open, and RunFailedError names each failed resource and its error", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ["orders", "lines"]);
    const error = await finish(lake, run_id, "a", { failures: { items: FAILURE } }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RunFailedError);
    expect(error.message).toMatch(/^shop: 2 of 4 resources failed: taxes \(NotReached\), items \(AuthError\)\./);
    expect(error.message).toContain(`resumes run ${run_id}`);
    expect(await storedRun(lake)).toMatchObject({ closed_at: null, lease: null, failed_by: "a" });
    expect((await opened(lake, "b")).run_id).toBe(run_id);
  });

  test("names at most five failed resources in the error", async () => {
    await using lake = await startLake();
    const sourceResources = Array.from({ length: 9 }, (_, index) => facts(`r${index}`));
    const { run_id } = await opened(lake, "a", { sourceResources });
    await expect(finish(lake, run_id, "a", { sourceResources })).rejects.toThrow(
      /9 of 9 .*r4 \(NotReached\) and 4 more/,
    );
  });

  test("fails for a resource with parts but without a manifest", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, NOT_ITEMS);
    await work(lake, run_id, "items", { final: false });
    await expect(finish(lake, run_id, "a")).rejects.toThrow(/1 of 4 resources failed: items/);
  });
});

describe("a redriven execution", () => {
  test("goes through the resources again, exactly once per failure", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, NOT_ITEMS);
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    lake.clock.advance(HOUR);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "again", run_id });
    expect(await storedRun(lake)).toMatchObject({ closed_at: null, failed_by: null, lease: { owner: "a" } });
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "again" });
    await seal(lake, run_id, ["items"]);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", rows: 4 });
  });

  test("holds the lease while it goes through the resources again", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    await finish(lake, run_id, "a");
    expect(await join(lake, "b")).toMatchObject({ status: "skipped", owner: "a" });
  });

  test("goes through the resources again when the response to the swap is lost", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    lake.failOnce(({ operation }) => operation === "PutObject", "lost");
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "again" });
  });

  test("is done when another execution has closed the run", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    await finish(lake, run_id, "b");
    const before = await storedRun(lake);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done" });
    expect(await storedRun(lake)).toEqual(before);
  });

  test("changes nothing while another execution works on the run", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    const before = await opened(lake, "b");
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", rows: 0 });
    expect(await storedRun(lake)).toEqual(before);
  });
});

describe("an execution that finishes a run", () => {
  test("continues with a new run when another owner opened the closed run longer than fresh_after ago", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(12 * HOUR + MINUTE);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b")).toMatchObject({ status: "fresh" });
    expect((await opened(lake, "b")).run_id).not.toBe(run_id);
  });

  test("is done when the closed run was opened within fresh_after", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(12 * HOUR);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b")).toMatchObject({ status: "done" });
  });

  test("is done when it opened the run itself, however long ago", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: 3 * DAY });
    lake.clock.advance(2 * DAY);
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done" });
  });

  test("continues with a new run after another owner's window, because a scheduled start loads new data", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 2 };
    const { run_id } = await opened(lake, "a", { window, lease: MINUTE });
    lake.clock.advance(HOUR);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b")).toMatchObject({ status: "fresh" });
  });

  test("is done after the window that it was started for", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 2 };
    const { run_id } = await opened(lake, "a", { window, lease: MINUTE });
    lake.clock.advance(13 * HOUR);
    await opened(lake, "b", { window });
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b", { window })).toMatchObject({ status: "done" });
  });

  test("abandons an old run without progress, so that one failing resource does not keep the others from loading", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    await seal(lake, run_id, NOT_ITEMS);
    lake.clock.advance(13 * HOUR);
    await opened(lake, "b");
    expect(await finish(lake, run_id, "b", { failures: { items: FAILURE } })).toMatchObject({ status: "fresh" });
    expect((await storedRun(lake)).closed_at).not.toBeNull();
  });

  test("keeps an old run that made progress in this execution", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    await seal(lake, run_id, NOT_ITEMS);
    lake.clock.advance(13 * HOUR);
    await opened(lake, "b");
    await work(lake, run_id, "items", { final: false });
    await expect(finish(lake, run_id, "b", { failures: { items: FAILURE } })).rejects.toThrow(RunFailedError);
    expect((await storedRun(lake)).closed_at).toBeNull();
  });
});

describe("an execution started for some resources", () => {
  test("is done with them, and leaves the run open for the others", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(HOUR);
    await opened(lake, "b", { resources: ["lines"] });
    await seal(lake, run_id, ["orders", "lines", "taxes"]);
    expect(await finish(lake, run_id, "b", { resources: ["lines"] })).toMatchObject({
      status: "done",
      resources: 3,
      rows: 3,
    });
    expect(await storedRun(lake)).toMatchObject({ closed_at: null, lease: null, failed_by: null });
    expect((await opened(lake, "c")).run_id).toBe(run_id);
  });

  test("fails only for its own resources, their parents, and the children that share a cursor with them", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ["orders", "taxes"]);
    await expect(finish(lake, run_id, "a", { resources: ["lines"] })).rejects.toThrow(/1 of 3 resources failed: lines/);
  });

  test("closes a run that was opened for these resources alone", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["items"] });
    await seal(lake, run_id, ["items"]);
    expect(await finish(lake, run_id, "a", { resources: ["items"] })).toMatchObject({ status: "done", resources: 1 });
    expect((await storedRun(lake)).closed_at).not.toBeNull();
  });
});

test("a slow finish does not reopen a run that another execution has closed", async () => {
  await using lake = await startLake();
  const { run_id } = await opened(lake, "slow", { lease: MINUTE });
  await seal(lake, run_id, NOT_ITEMS);
  const { put } = lake.ports.bucket;
  const slow = {
    ...lake,
    ports: {
      ...lake.ports,
      bucket: {
        ...lake.ports.bucket,
        put: async (...args: Parameters<typeof put>) => {
          if (args[0] === `reports/shop/${run_id}.json`) {
            lake.clock.advance(HOUR);
            await opened(lake, "quick");
            await seal(lake, run_id, ["items"]);
            await finish(lake, run_id, "quick");
          }
          return put(...args);
        },
      },
    },
  };
  expect(await finish(slow as never, run_id, "slow", { failures: { items: FAILURE } })).toMatchObject({
    status: "done",
  });
  expect(await storedRun(lake)).toMatchObject({ failed_by: null, lease: null });
  expect((await storedRun(lake)).closed_at).not.toBeNull();
});

test("a failed window is not abandoned within fresh_after by another execution that joined it", async () => {
  await using lake = await startLake();
  const { run_id } = await opened(lake, "user", { window: { start: 1, end: 2 }, lease: MINUTE });
  lake.clock.advance(HOUR);
  await opened(lake, "schedule");
  await expect(finish(lake, run_id, "schedule", { failures: { items: FAILURE } })).rejects.toThrow(RunFailedError);
  expect((await storedRun(lake)).closed_at).toBeNull();
});

test("a resource named constructor has no failure unless one was caught for it", async () => {
  await using lake = await startLake();
  const sourceResources = [facts("constructor")];
  const { run_id } = await opened(lake, "a", { sourceResources });
  await expect(finish(lake, run_id, "a", { sourceResources })).rejects.toThrow(/constructor \(NotReached\)/);
});

test("a finish after another execution took over the lease changes nothing", async () => {
  await using lake = await startLake();
  const { run_id } = await opened(lake, "a", { lease: MINUTE });
  await seal(lake, run_id, ALL);
  lake.clock.advance(HOUR);
  const before = await opened(lake, "b");
  expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", rows: 0 });
  expect(await storedRun(lake)).toEqual(before);
  expect(await lake.keys("reports/")).toEqual([]);
});
