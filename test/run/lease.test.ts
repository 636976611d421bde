import { describe, expect, test } from "vitest";
import { releaseLease, renewLease } from "../../lib/lake/lease.ts";
import { MINUTE } from "../../lib/time/durations.ts";
import { type Lake, START, startLake } from "../lake/lake.fixture.ts";
import { ALL, finish, join, opened, SOURCE, seal, storedRun } from "./run.fixture.ts";

const renew = (lake: Lake, run_id: string, owner: string, until: number) =>
  renewLease(lake.ports, SOURCE, { run_id, owner, until: START + until });
const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();

describe("renewing a lease", () => {
  test("extends it for its owner", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    expect(await renew(lake, run.run_id, "a", 30 * MINUTE)).toEqual({
      run: { ...run, lease: { owner: "a", expires_at: at(30 * MINUTE) } },
    });
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(30 * MINUTE));
  });

  test("never shortens it", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: 10 * MINUTE });
    await renew(lake, run.run_id, "a", 5 * MINUTE);
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(10 * MINUTE));
  });

  test("succeeds for its owner after it has expired, as long as no other owner has taken it", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(5 * MINUTE);
    expect(await renew(lake, run.run_id, "a", 20 * MINUTE)).toMatchObject({ run: { lease: { owner: "a" } } });
    expect(await join(lake, "b")).toMatchObject({ status: "skipped", owner: "a" });
  });

  test("8 times concurrently for one owner extends it to the latest time", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    await Promise.all(Array.from({ length: 8 }, (_, n) => renew(lake, run.run_id, "a", (20 + n) * MINUTE)));
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(27 * MINUTE));
  });
});

describe("a lease", () => {
  test("is lost when another owner has taken over the source, and the result names that owner", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(MINUTE);
    await opened(lake, "b");
    const before = await storedRun(lake);
    expect(await renew(lake, run.run_id, "a", 60 * MINUTE)).toMatchObject({ lost: { lease: { owner: "b" } } });
    expect(await storedRun(lake)).toEqual(before);
  });

  test("is lost when the run is closed", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    await seal(lake, run.run_id, ALL);
    await finish(lake, run.run_id, "a");
    expect(await renew(lake, run.run_id, "a", 60 * MINUTE)).toMatchObject({ lost: { run_id: run.run_id } });
    expect((await storedRun(lake)).lease).toBeNull();
  });

  test("is lost when another run is open, or no run", async () => {
    await using lake = await startLake();
    expect(await renew(lake, "20200101T000000Z-00000000", "a", 60 * MINUTE)).toEqual({ lost: null });
    const run = await opened(lake, "a");
    expect(await renew(lake, "20200101T000000Z-00000000", "a", 60 * MINUTE)).toMatchObject({
      lost: { run_id: run.run_id },
    });
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(10 * MINUTE));
  });
});

describe("releasing a lease", () => {
  test("by its owner lets the next start join without waiting", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    await releaseLease(lake.ports, SOURCE, "a");
    expect((await opened(lake, "b")).run_id).toBe(run.run_id);
  });

  test("by another owner changes nothing", async () => {
    await using lake = await startLake();
    await opened(lake, "a");
    await releaseLease(lake.ports, SOURCE, "b");
    expect(await join(lake, "b")).toMatchObject({ status: "skipped" });
  });

  test("without a run writes nothing", async () => {
    await using lake = await startLake();
    await releaseLease(lake.ports, SOURCE, "a");
    expect(await lake.keys()).toEqual([]);
  });
});
