import { describe, expect, test } from "vitest";
import { releaseLease, renewLease } from "../../lib/lake/lease.ts";
import { type Lake, START, startLake } from "../lake/lake.fixture.ts";
import { ALL, finish, join, MINUTE, opened, SOURCE, seal, storedRun } from "./run.fixture.ts";

const renew = (lake: Lake, run_id: string, owner: string, until: number) =>
  renewLease(lake.ports, SOURCE, { run_id, owner, until: START + until });
const at = (milliseconds: number) => new Date(START + milliseconds).toISOString();

describe("a lease is renewed", () => {
  test("by its owner, to a later time", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    expect(await renew(lake, run.run_id, "a", 30 * MINUTE)).toEqual({
      run: { ...run, lease: { owner: "a", expires_at: at(30 * MINUTE) } },
    });
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(30 * MINUTE));
  });

  test("and never shortened", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: 10 * MINUTE });
    await renew(lake, run.run_id, "a", 5 * MINUTE);
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(10 * MINUTE));
  });

  test("by its owner also after it ran out, as long as nobody else has it", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(5 * MINUTE);
    expect(await renew(lake, run.run_id, "a", 20 * MINUTE)).toMatchObject({ run: { lease: { owner: "a" } } });
    expect(await join(lake, "b")).toMatchObject({ status: "skipped", owner: "a" });
  });

  test("by 8 retries of one owner at once", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    await Promise.all(Array.from({ length: 8 }, (_, n) => renew(lake, run.run_id, "a", (20 + n) * MINUTE)));
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(27 * MINUTE));
  });
});

describe("a lease is lost", () => {
  test("when another took the source over, who is named", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a", { lease: MINUTE });
    lake.clock.advance(MINUTE);
    await opened(lake, "b");
    const before = await storedRun(lake);
    expect(await renew(lake, run.run_id, "a", 60 * MINUTE)).toMatchObject({ lost: { lease: { owner: "b" } } });
    expect(await storedRun(lake)).toEqual(before);
  });

  test("when the run is closed", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    await seal(lake, run.run_id, ALL);
    await finish(lake, run.run_id, "a");
    expect(await renew(lake, run.run_id, "a", 60 * MINUTE)).toMatchObject({ lost: { run_id: run.run_id } });
    expect((await storedRun(lake)).lease).toBeNull();
  });

  test("when another run is open, or none", async () => {
    await using lake = await startLake();
    expect(await renew(lake, "20200101T000000Z-00000000", "a", 60 * MINUTE)).toEqual({ lost: null });
    const run = await opened(lake, "a");
    expect(await renew(lake, "20200101T000000Z-00000000", "a", 60 * MINUTE)).toMatchObject({
      lost: { run_id: run.run_id },
    });
    expect((await storedRun(lake)).lease?.expires_at).toBe(at(10 * MINUTE));
  });
});

describe("a lease is let go", () => {
  test("by its owner: the next start need not wait", async () => {
    await using lake = await startLake();
    const run = await opened(lake, "a");
    await releaseLease(lake.ports, SOURCE, "a");
    expect((await opened(lake, "b")).run_id).toBe(run.run_id);
  });

  test("by nobody else", async () => {
    await using lake = await startLake();
    await opened(lake, "a");
    await releaseLease(lake.ports, SOURCE, "b");
    expect(await join(lake, "b")).toMatchObject({ status: "skipped" });
  });

  test("without a run nothing happens", async () => {
    await using lake = await startLake();
    await releaseLease(lake.ports, SOURCE, "a");
    expect(await lake.keys()).toEqual([]);
  });
});
