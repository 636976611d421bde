import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { work } from "../../lib/run/work.ts";
import { eventually, settled } from "../http/server.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { idsIn, idsOf, invoke, loadUntilDone, sourceOf, startShop } from "./pages.fixture.ts";

/** Returns the lake's ports with PUTs of parts delayed until `before` has resolved. */
const withDelayedParts = ({ ports }: Lake, before: (key: string) => Promise<void>) => {
  const { bucket } = ports;
  const put = async (...[key, ...rest]: Parameters<typeof bucket.put>) => {
    if (key.startsWith("data/")) await before(key);
    return bucket.put(key, ...rest);
  };
  return { ...ports, bucket: { ...bucket, put } };
};

describe("a part whose PUT is in flight", () => {
  test("does not stop reading: a second part is filled after it, and no third one", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 40, total: true });
    const [puts, finishPuts]: [string[], (() => void)[]] = [[], []];
    let [inFlight, peak] = [0, 0];
    const ports = withDelayedParts(lake, async (key) => {
      puts.push(key);
      peak = Math.max(peak, ++inFlight);
      await new Promise<void>((finish) => finishPuts.push(finish));
      inFlight--;
    });
    const source = sourceOf(shop.url, {}, {}, { file_max_items: 4 });
    const running = work(ports, source, "items", {}, { id: "slow", time: 60_000 });
    await eventually(() => puts.length).toBe(1);
    // Two parts of two pages each, and the pages that are prefetched after them.
    await eventually(() => shop.requested.length).toBeGreaterThanOrEqual(4);
    await settled(() => shop.requested.length);
    expect(shop.requested.length).toBeLessThanOrEqual(4 + 4);
    expect(puts).toHaveLength(1);
    const timer = setInterval(() => finishPuts.splice(0).map((finish) => finish()), 1);
    expect(await running).toMatchObject({ status: "done", rows: 80, parts: 20 });
    clearInterval(timer);
    expect(peak).toBe(1);
    expect(await idsIn(lake)).toEqual(idsOf(40));
  });

  test("is committed before an invocation that is stopped returns its outcome", async () => {
    await using lake = await startLake();
    const stopper = new AbortController();
    await using shop = await startShop({
      pages: 6,
      beforeResponse: async (page) => {
        if (page === 2) stopper.abort();
        return undefined;
      },
    });
    const ports = withDelayedParts(lake, () => sleep(60));
    const invocation = { id: "stopped", time: 60_000, stop: stopper.signal };
    const outcome = await work(ports, sourceOf(shop.url, { max_concurrency: 1 }), "items", {}, invocation);
    expect(outcome).toMatchObject({ status: "partial", pages: 2, parts: 1, rows: 4 });
    expect(await lake.keys("data/")).toHaveLength(1);
  });

  test("fails the invocation when it cannot be written, and no later part is written", async () => {
    await using lake = await startLake();
    await using shop = await startShop({ pages: 10, total: true });
    lake.failOnce(({ operation, key }) => operation === "PutObject" && key.endsWith("-000002.json.gz"), {
      status: 403,
      code: "AccessDenied",
    } as never);
    const source = sourceOf(shop.url, {}, {}, { file_max_items: 4 });
    await expect(invoke(lake, source)).rejects.toMatchObject({ name: "StorageError" });
    expect(await lake.keys("data/")).toHaveLength(1);
    expect(await loadUntilDone(lake, source)).toMatchObject({ rows: 20 });
    expect(await idsIn(lake)).toEqual(idsOf(10));
  });
});
