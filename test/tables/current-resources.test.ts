import { expect, test } from "vitest";
import { SYSTEM_COLUMNS } from "../../lib/columns/table-schema.ts";
import { describeTable } from "../../lib/tables/description.ts";
import { openLake } from "../../local/lake/index.ts";
import { NO_MERGE_RULES } from "../lake/lake.fixture.ts";
import { ask, type HandmadeRun, MONDAY, makeLake, TUESDAY, WEDNESDAY } from "../local/lake.fixture.ts";
import { viewRows } from "./tables.fixture.ts";

const columns = { id: "bigint", state: "text" } as const;

/** Returns the rows of a table after these runs as `1 new`, by the SQL of the view and by `npm run query`, which agree. */
const shown = async (write_disposition: string, runs: Omit<HandmadeRun, "table">[]): Promise<string[]> => {
  const rules = { ...NO_MERGE_RULES, write_disposition, primary_key: ["id"] };
  await using lake = await makeLake();
  await lake.schema("orders", columns);
  for (const run of runs) await lake.run({ table: "orders", ...rules, ...run });
  const own = Object.entries(columns).map(([name, data_type]) => ({ name, data_type, nullable: true }));
  const schema = { columns: [...SYSTEM_COLUMNS, ...own], file_formats: ["jsonl" as const] };
  const view = await viewRows(lake, describeTable("shop", "orders", schema, rules));
  const rows = view.map(({ id, state }) => `${id} ${state}`).sort();
  using open = await openLake(lake.out);
  const queried = await ask(open, "select id, state from shop.orders");
  expect(queried.map(([id, state]) => `${id} ${state}`).sort()).toEqual(rows);
  return rows;
};

const run = (run_id: string, resource: string, table_resources: string[], id = 1) => ({
  run_id,
  resource,
  table_resources,
  parts: [[{ id, state: `${resource} ${run_id.slice(6, 8)}` }]],
});

const before = run(MONDAY, "orders", ["orders"]);
const RENAMED = ["sales", "sales/orders"];

test.each([
  ["replace", ["1 sales 17"]],
  ["append", ["1 orders 16", "1 sales 17"]],
  ["merge", ["1 sales 17"]],
])("a renamed resource of a table with %s takes its earlier rows along: %j", async (disposition, rows) => {
  expect(await shown(disposition, [before, run(TUESDAY, "sales", RENAMED)])).toEqual(rows);
});

test("a merge keeps the rows of the earlier name, until a full refresh under the new name removes them", async () => {
  const runs = [before, run(TUESDAY, "sales", RENAMED, 2)];
  expect(await shown("merge", runs)).toEqual(["1 orders 16", "2 sales 17"]);
  const full = { ...run(WEDNESDAY, "sales", RENAMED, 3), removes_missing_rows: true };
  expect(await shown("merge", [...runs, full])).toEqual(["3 sales 18"]);
});

test("resources that the source no longer has do not count", async () => {
  for (const kind of ["replace", "append", "merge"]) {
    expect(await shown(kind, [before, run(TUESDAY, "sales", ["sales"], 2)])).toEqual(["2 sales 17"]);
  }
});

test("resources that the source has count, whether the newest run loaded them or not", async () => {
  const both = ["web", "fair"];
  expect(await shown("replace", [run(MONDAY, "web", both), run(TUESDAY, "fair", both, 2)])).toEqual([
    "1 web 16",
    "2 fair 17",
  ]);
});

test("a resource that is renamed back owns the rows of both names", async () => {
  const runs = [before, run(TUESDAY, "sales", RENAMED), run(WEDNESDAY, "orders", ["orders", "orders/sales"])];
  expect(await shown("replace", runs)).toEqual(["1 orders 18"]);
  expect(await shown("append", runs)).toHaveLength(3);
});
