import { describe, expect, test } from "vitest";
import { RunFailedError } from "../../lib/errors/index.ts";
import { startLake } from "../lake/lake.fixture.ts";
import { ALL, DAY, facts, finish, HOUR, join, MINUTE, opened, seal, storedRun, work } from "./run.fixture.ts";

const FAILURE = { name: "AuthError", message: "the API returned 401" };
const NOT_ITEMS = ALL.filter((name) => name !== "items");

describe("a run whose resources are all done", () => {
  test("is closed, its lease let go, and the rows are told", async () => {
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

  test("is closed once: a repeated finish says done and changes nothing", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    await finish(lake, run_id, "a");
    const before = await storedRun(lake);
    lake.clock.advance(MINUTE);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", run_id });
    expect(await storedRun(lake)).toEqual(before);
  });

  test("is done, though the machine caught a failure on the way: the log is the truth", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "a", { failures: { items: FAILURE } })).toMatchObject({ status: "done" });
  });
});

describe("a run with failures", () => {
  test("stays open, and RunFailedError names who failed and why", async () => {
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

  test("names five of many", async () => {
    await using lake = await startLake();
    const known = Array.from({ length: 9 }, (_, index) => facts(`r${index}`));
    const { run_id } = await opened(lake, "a", { known });
    await expect(finish(lake, run_id, "a", { known })).rejects.toThrow(/9 of 9 .*r4 \(NotReached\) and 4 more/);
  });

  test("fails for a part without a manifest: half a log is not done", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, NOT_ITEMS);
    await work(lake, run_id, "items", { final: false });
    await expect(finish(lake, run_id, "a")).rejects.toThrow(/1 of 4 resources failed: items/);
  });
});

describe("a redriven execution", () => {
  test("is told to go through the resources again, exactly once for each failure", async () => {
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

  test("holds the lease while it does", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    await finish(lake, run_id, "a");
    expect(await join(lake, "b")).toMatchObject({ status: "skipped", owner: "a" });
  });

  test("is told once also when the answer to the swap is lost", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    lake.failOnce(({ operation }) => operation === "PutObject", "lost");
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "again" });
  });

  test("is over when another execution closed the run meanwhile", async () => {
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

  test("leaves alone what another execution works on", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await expect(finish(lake, run_id, "a")).rejects.toThrow(RunFailedError);
    const before = await opened(lake, "b");
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", rows: 0 });
    expect(await storedRun(lake)).toEqual(before);
  });
});

describe("fresh: go on with a fresh run", () => {
  test("when what is now closed was opened by someone else, long ago", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(12 * HOUR + MINUTE);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b")).toMatchObject({ status: "fresh" });
    expect((await opened(lake, "b")).run_id).not.toBe(run_id);
  });

  test("not when it was opened within fresh_after", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(12 * HOUR);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b")).toMatchObject({ status: "done" });
  });

  test("not when this execution opened it itself: it is just slow", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: 3 * DAY });
    lake.clock.advance(2 * DAY);
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done" });
  });

  test("after somebody else's window: a nightly start wanted the news", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 2 };
    const { run_id } = await opened(lake, "a", { window, lease: MINUTE });
    lake.clock.advance(HOUR);
    await opened(lake, "b");
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b")).toMatchObject({ status: "fresh" });
  });

  test("not after the window that this start asked for", async () => {
    await using lake = await startLake();
    const window = { start: 1, end: 2 };
    const { run_id } = await opened(lake, "a", { window, lease: MINUTE });
    lake.clock.advance(13 * HOUR);
    await opened(lake, "b", { window });
    await seal(lake, run_id, ALL);
    expect(await finish(lake, run_id, "b", { window })).toMatchObject({ status: "done" });
  });

  test("when an old run gets no further: one resource must not hold back the others night after night", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    await seal(lake, run_id, NOT_ITEMS);
    lake.clock.advance(13 * HOUR);
    await opened(lake, "b");
    expect(await finish(lake, run_id, "b", { failures: { items: FAILURE } })).toMatchObject({ status: "fresh" });
    expect((await storedRun(lake)).closed_at).not.toBeNull();
  });

  test("not when the old run did get further tonight", async () => {
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

describe("an execution that asked for some resources", () => {
  test("is done with them, and leaves the wider run open for the others", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(HOUR);
    await opened(lake, "b", { resources: ["lines"] });
    await seal(lake, run_id, ["orders", "lines"]);
    expect(await finish(lake, run_id, "b", { resources: ["lines"] })).toMatchObject({
      status: "done",
      resources: 2,
      rows: 2,
    });
    expect(await storedRun(lake)).toMatchObject({ closed_at: null, lease: null, failed_by: null });
    expect((await opened(lake, "c")).run_id).toBe(run_id);
  });

  test("fails only for them", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a");
    await seal(lake, run_id, ["orders"]);
    await expect(finish(lake, run_id, "a", { resources: ["lines"] })).rejects.toThrow(/1 of 2 resources failed: lines/);
  });

  test("closes a run that was opened for just them", async () => {
    await using lake = await startLake();
    const { run_id } = await opened(lake, "a", { resources: ["items"] });
    await seal(lake, run_id, ["items"]);
    expect(await finish(lake, run_id, "a", { resources: ["items"] })).toMatchObject({ status: "done", resources: 1 });
    expect((await storedRun(lake)).closed_at).not.toBeNull();
  });
});

test("a finish that is slow does not reopen the run that another execution closed meanwhile", async () => {
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

test("a window that fails is not given up within fresh_after, whoever joined it", async () => {
  await using lake = await startLake();
  const { run_id } = await opened(lake, "user", { window: { start: 1, end: 2 }, lease: MINUTE });
  lake.clock.advance(HOUR);
  await opened(lake, "nightly");
  await expect(finish(lake, run_id, "nightly", { failures: { items: FAILURE } })).rejects.toThrow(RunFailedError);
  expect((await storedRun(lake)).closed_at).toBeNull();
});

test("a resource with a name like constructor fails only when it does", async () => {
  await using lake = await startLake();
  const known = [facts("constructor")];
  const { run_id } = await opened(lake, "a", { known });
  await expect(finish(lake, run_id, "a", { known })).rejects.toThrow(/constructor \(NotReached\)/);
});

test("a finish whose lease another execution took over changes nothing", async () => {
  await using lake = await startLake();
  const { run_id } = await opened(lake, "a", { lease: MINUTE });
  await seal(lake, run_id, ALL);
  lake.clock.advance(HOUR);
  const before = await opened(lake, "b");
  expect(await finish(lake, run_id, "a")).toMatchObject({ status: "done", rows: 0 });
  expect(await storedRun(lake)).toEqual(before);
  expect(await lake.keys("reports/")).toEqual([]);
});
