import { describe, expect, test } from "vitest";
import { StorageError } from "../../lib/errors/index.ts";
import { compareAndSwap } from "../../lib/lake/compare-and-swap.ts";
import type { StoredDocument } from "../../lib/lake/stored-document.ts";
import { startLake } from "./lake.fixture.ts";

interface Counter {
  count: number;
  by: string[];
}

const counter: StoredDocument<Counter> = {
  key: "k",
  parse: (content) => JSON.parse(Buffer.from(content).toString()) as Counter,
};
const add = (writer: string) => (current: Counter | null) => ({
  count: (current?.count ?? 0) + 1,
  by: [...(current?.by ?? []), writer],
});
const isPut = ({ operation }: { operation: string }) => operation === "PutObject";

describe("a change", () => {
  test("starts from null when there is no document, and otherwise from its last content", async () => {
    await using lake = await startLake();
    expect(await compareAndSwap(lake.ports, counter, add("a"))).toEqual({ count: 1, by: ["a"] });
    expect(await compareAndSwap(lake.ports, counter, add("b"))).toEqual({ count: 2, by: ["a", "b"] });
    expect(await lake.json("k")).toEqual({ count: 2, by: ["a", "b"] });
  });

  test("that returns null writes nothing, and the result is the current content", async () => {
    await using lake = await startLake();
    expect(await compareAndSwap(lake.ports, counter, () => null)).toBeNull();
    await compareAndSwap(lake.ports, counter, add("a"));
    expect(await compareAndSwap(lake.ports, counter, () => null)).toEqual({ count: 1, by: ["a"] });
    expect(lake.requests.filter(isPut)).toHaveLength(1);
  });

  test("rejects with the error of the callback or of the parser", async () => {
    await using lake = await startLake();
    const stop = () => {
      throw new TypeError("no");
    };
    await expect(compareAndSwap(lake.ports, counter, stop)).rejects.toThrow(TypeError);
    await lake.overwrite("k", "{");
    await expect(compareAndSwap(lake.ports, counter, add("a"))).rejects.toThrow(SyntaxError);
  });
});

test("8 concurrent writers lose no update, on a new key and on an existing one", async () => {
  await using lake = await startLake();
  const names = Array.from({ length: 8 }, (_, index) => `writer ${index}`);
  const round = () => Promise.all(names.map((name) => compareAndSwap(lake.ports, counter, add(name))));
  const results = await round();
  expect(results.map((result) => result?.count).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  await round();
  const { count, by } = await lake.json("k");
  expect(count).toBe(16);
  expect(by.sort()).toEqual([...names, ...names].sort());
});

test("a writer that loses reads again and calls change with the winner's content", async () => {
  await using lake = await startLake();
  const seen: (Counter | null)[] = [];
  const result = await compareAndSwap(lake.ports, counter, (current) => {
    seen.push(current);
    return add("us")(current);
  }).then(async (first) => {
    expect(first?.count).toBe(1);
    let isFirst = true;
    lake.fail((request) => {
      if (!isPut(request) || !isFirst) return undefined;
      isFirst = false;
      return { status: 412, code: "PreconditionFailed" };
    });
    return compareAndSwap(lake.ports, counter, (current) => {
      seen.push(current);
      return add("us again")(current);
    });
  });
  expect(seen.map((current) => current?.count ?? 0)).toEqual([0, 1, 1]);
  expect(result?.count).toBe(2);
});

test.each(["create", "replace"])("a write whose response was lost is not repeated (%s)", async (kind) => {
  await using lake = await startLake();
  if (kind === "replace") await compareAndSwap(lake.ports, counter, add("before"));
  const before = kind === "replace" ? 1 : 0;
  lake.failOnce(isPut, "lost");
  expect(await compareAndSwap(lake.ports, counter, add("us"))).toMatchObject({ count: before + 1 });
  expect((await lake.json("k")).count).toBe(before + 1);
});

test("a 409 is retried", async () => {
  await using lake = await startLake();
  lake.failOnce(isPut, { status: 409, code: "ConditionalRequestConflict" });
  expect(await compareAndSwap(lake.ports, counter, add("us"))).toMatchObject({ count: 1 });
  expect(lake.clock.slept).toHaveLength(1);
});

test("many lost attempts end in a StorageError, with waits of at most half a second", async () => {
  await using lake = await startLake();
  lake.fail((request) => (isPut(request) ? { status: 412, code: "PreconditionFailed" } : undefined));
  await expect(compareAndSwap(lake.ports, counter, add("us"))).rejects.toThrow(StorageError);
  expect(Math.max(...lake.clock.slept)).toBeLessThanOrEqual(500);
  expect(await lake.keys()).toEqual([]);
});
