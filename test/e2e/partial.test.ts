import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jsonLines, restlake } from "../cli/command.fixture.ts";
import { readTable } from "../cli/lake.fixture.ts";
import { KEY, PAGE, type Shop, startShop } from "../cli/shop.fixture.ts";

const PAGES = 40;
/** Seconds. A minute passes with every request, so that all pages need more than twice this time. */
const BUDGET = 15 * 60;
const TIME_FLIES = new URL("time-flies.js", import.meta.url).href;

let shop: Shop;

beforeAll(async () => {
  shop = await startShop({ pages: PAGES });
  // One part per invocation.
  shop.config("shop.json", { settings: { file_max_seconds: BUDGET } });
});

afterAll(() => shop.close());

test("a Lambda without time left returns partial, and the run ends with every row once, in order", async () => {
  const args = ["--resource", "items", "--time-budget", String(BUDGET), "--secret", `api_key=${KEY}`, "--json"];
  const env = { NODE_OPTIONS: `--import=${TIME_FLIES}` };
  const { code, out, err } = await restlake(["sync", "shop.json", "--out", "lake", ...args], shop.folder, env);
  expect({ code, err }).toEqual({ code: 0, err: "" });

  const outcomes = jsonLines(out).filter(({ type, status }) => type === "outcome" && status !== "skipped");
  expect(outcomes.length).toBeGreaterThanOrEqual(3);
  expect(outcomes.map(({ status }) => status)).toEqual([...outcomes.slice(1).map(() => "partial"), "done"]);
  // Each invocation resumed after the one before it, and committed at least one page.
  const pages = outcomes.map((outcome) => outcome.pages as number);
  expect(pages).toEqual([...new Set(pages)].sort((a, b) => a - b));

  const ids = Array.from({ length: PAGES * PAGE }, (_, index) => index + 1);
  const [run, ...others] = readTable(join(shop.folder, "lake"), "shop", "items");
  expect(others).toEqual([]);
  expect(run?.rows.map(({ id }) => id)).toEqual(ids);
  expect(run?.rows.map(({ _seq }) => _seq)).toEqual(ids);
  expect(run?.parts).toBe(outcomes.length);
  expect(jsonLines(out).at(-1)).toMatchObject({
    resources: [{ resource: "items", status: "done", rows: ids.length, pages: PAGES + 1, parts: outcomes.length }],
  });
  // Only a page in flight at the end of an invocation is requested again.
  expect(shop.requests.length).toBeLessThanOrEqual(PAGES + 1 + outcomes.length);
});

test("a budget that is too short for one page ends with BudgetTooSmallError, not with an infinite loop", async () => {
  shop.hangAt("/items", 1);
  const args = ["--resource", "items", "--time-budget", "0.3", "--secret", `api_key=${KEY}`];
  const { code, err } = await restlake(["sync", "shop.json", "--out", "small", ...args], shop.folder);
  shop.release();
  expect(code).toBe(1);
  expect(err).toMatch(/^shop\.items: BudgetTooSmallError: page 1: not even one page could be read in/);
});
