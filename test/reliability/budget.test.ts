import { expect, test } from "vitest";
import type { Ports } from "../../lib/ports/index.ts";
import { work } from "../../lib/run/work.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { createWorld, rowsByResource, shop as sideBySide, type World } from "./world.ts";

/** Fake time goes by for each request on its own: two at once would take as long as one after the other. */
const shop = { ...sideBySide, resources: sideBySide.resources.map((one) => ({ ...one, max_concurrency: 1 })) };

/** Fake milliseconds that a page takes in this world; see REQUEST_TIME there. */
const PAGE = 1000;
/** The share of the time that a flush keeps for itself. */
const RESERVE = 0.1;

/** Invocations of `orders` until it is done, each with so much time. */
const invoke = async (world: World, time: number, ports: Ports = world.ports()) => {
  const outcomes = [];
  for (let n = 0; n < 50; n++) {
    const outcome = await work(ports, shop, "orders", {}, { id: `i${n}`, time });
    outcomes.push(outcome);
    if (outcome.status === "done") return outcomes;
  }
  throw new Error("it never ended");
};

test("a resource whose pages do not all fit is partial as often as it takes, and every row is there once", async () => {
  const world = createWorld();
  const outcomes = await invoke(world, 3 * PAGE);
  expect(outcomes.map(({ status }) => status)).toEqual([...Array(outcomes.length - 1).fill("partial"), "done"]);
  expect(outcomes.length).toBeGreaterThan(2);
  expect(Object.values(rowsByResource(world))[0]?.map(({ id }) => id)).toEqual(world.data.orders.map(({ id }) => id));
});

test("no page is started that is not expected to be finished: none is asked for twice", async () => {
  const world = createWorld();
  const asked: string[] = [];
  const { fetch, ...rest } = world.ports();
  const ports = {
    ...rest,
    fetch: ((...args: Parameters<typeof fetch>) => {
      asked.push(String(args[0]));
      return fetch(...args);
    }) as typeof fetch,
  };
  await invoke(world, 4 * PAGE, ports);
  expect(asked).toEqual([...new Set(asked)]);
});

test("every invocation that has time for a page commits one", async () => {
  const world = createWorld();
  const outcomes = await invoke(world, PAGE / (1 - RESERVE) + 1);
  const pages = outcomes.map((outcome) => outcome.pages);
  expect(pages).toEqual(pages.map((_, index) => index + 1));
});

test("a page that does not fit into the whole budget is BudgetTooSmallError", async () => {
  const world = createWorld();
  const ports = world.ports();
  const hanging = {
    ...ports,
    clock: { ...ports.clock, alarm: systemClock.alarm },
    fetch: ((_input: string, init: RequestInit) =>
      new Promise((_resolve, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      })) as typeof fetch,
  };
  await expect(work(hanging, shop, "orders", {}, { id: "x", time: 50 })).rejects.toThrow(
    /^shop\.orders, page 1: not even one page could be read in/,
  );
  expect(rowsByResource(world)).toEqual({});
});
