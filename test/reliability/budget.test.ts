import { expect, test } from "vitest";
import type { Ports } from "../../lib/ports/index.ts";
import { work } from "../../lib/run/work.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { shop as concurrentShop, createWorld, rowsByResource, type World } from "./world.ts";

/** Every request advances the fake clock: concurrent requests would take as long as sequential ones. */
const shop = { ...concurrentShop, resources: concurrentShop.resources.map((one) => ({ ...one, max_concurrency: 1 })) };

/** Fake time of a page: one request. Milliseconds. */
const PAGE = 1000;
/** Share of the time that is reserved for the last commit. */
const RESERVE_SHARE = 0.1;

/** Invokes `orders` until it is done, with this time budget for each invocation. */
const invoke = async (world: World, time: number, ports: Ports = world.ports()) => {
  const outcomes = [];
  for (let n = 0; n < 50; n++) {
    const outcome = await work(ports, shop, "orders", {}, { id: `i${n}`, time });
    outcomes.push(outcome);
    if (outcome.status === "done") return outcomes;
  }
  throw new Error("orders is not done after 50 invocations");
};

test("a resource whose pages do not fit into one invocation is partial until done, and has every row once", async () => {
  const world = createWorld();
  const outcomes = await invoke(world, 3 * PAGE);
  expect(outcomes.map(({ status }) => status)).toEqual([...Array(outcomes.length - 1).fill("partial"), "done"]);
  expect(outcomes.length).toBeGreaterThan(2);
  expect(Object.values(rowsByResource(world))[0]?.map(({ id }) => id)).toEqual(world.data.orders.map(({ id }) => id));
});

test("no page is started that is not expected to finish, so that no page is requested twice", async () => {
  const world = createWorld();
  const requested: string[] = [];
  const { fetch, ...rest } = world.ports();
  const ports = {
    ...rest,
    fetch: ((...args: Parameters<typeof fetch>) => {
      requested.push(String(args[0]));
      return fetch(...args);
    }) as typeof fetch,
  };
  await invoke(world, 4 * PAGE, ports);
  expect(requested).toEqual([...new Set(requested)]);
});

test("every invocation with time for one page commits one page", async () => {
  const world = createWorld();
  const outcomes = await invoke(world, PAGE / (1 - RESERVE_SHARE) + 1);
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
