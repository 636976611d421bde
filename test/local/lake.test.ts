import { cp } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openLake } from "../../local/lake/index.ts";
import { ask, MONDAY, makeLake, TUESDAY, WEDNESDAY } from "./lake.fixture.ts";

/** Opens a lake for one query and returns its rows. */
const askOnce = async (out: string, sql: string): Promise<unknown[][]> => {
  using lake = await openLake(out);
  return await ask(lake, sql);
};

const merge = { write_disposition: "merge", primary_key: ["id"] };
const ORDERS = "select id, state from shop.orders order by id, _run_id, _seq";

describe("the rows of a table", () => {
  test("append: the table has the rows of every finished run", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    await lake.run({ table: "orders", run_id: MONDAY, parts: [[{ id: 1, state: "new" }], [{ id: 2, state: "new" }]] });
    await lake.run({ table: "orders", run_id: TUESDAY, parts: [[{ id: 1, state: "paid" }]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [1n, "new"],
      [1n, "paid"],
      [2n, "new"],
    ]);
  });

  test("replace: the table has the rows of each resource's newest run, even if that run has none", async () => {
    await using lake = await makeLake();
    const replace = { table: "orders", write_disposition: "replace" };
    await lake.schema("orders", { id: "bigint", state: "text" });
    await lake.run({ ...replace, run_id: MONDAY, resource: "web", parts: [[{ id: 1, state: "web" }]] });
    await lake.run({ ...replace, run_id: TUESDAY, resource: "web", parts: [[{ id: 2, state: "web" }]] });
    await lake.run({ ...replace, run_id: MONDAY, resource: "shop", parts: [[{ id: 3, state: "shop" }]] });
    await lake.run({ ...replace, run_id: MONDAY, resource: "fair", parts: [[{ id: 4, state: "fair" }]] });
    await lake.run({ ...replace, run_id: TUESDAY, resource: "fair", parts: [[]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [2n, "web"],
      [3n, "shop"],
    ]);
  });

  test("merge: the table has the latest row per key, by run and then by position in the run", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    const twice = ["first", "second"].map((state) => ({ id: 2, state }));
    const monday = [[{ id: 1, state: "late" }, ...twice], [{ id: 1, state: "later" }]];
    // Written in this order, a reader that orders rows by file would return Monday's.
    await lake.run({ ...merge, table: "orders", run_id: TUESDAY, parts: [[{ id: 1, state: "newest" }]] });
    await lake.run({ ...merge, table: "orders", run_id: MONDAY, parts: [[{ id: 9, state: "only" }], ...monday] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [1n, "newest"],
      [2n, "second"],
      [9n, "only"],
    ]);
  });

  test("merge: rows that a run removes as missing are gone, and an older removal changes nothing", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    const run = { ...merge, table: "orders" };
    await lake.run({ ...run, run_id: MONDAY, removes_missing_rows: true, parts: [[{ id: 1 }, { id: 2 }]] });
    await lake.run({ ...run, run_id: TUESDAY, parts: [[{ id: 2, state: "paid" }]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [1n, null],
      [2n, "paid"],
    ]);
    await lake.run({ ...run, run_id: WEDNESDAY, removes_missing_rows: true, parts: [[{ id: 3, state: "new" }]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([[3n, "new"]]);
  });

  test("merge: a removal of missing rows of one resource leaves the other's rows in the table they share", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    const run = { ...merge, table: "orders" };
    await lake.run({ ...run, run_id: MONDAY, resource: "web", parts: [[{ id: 1, state: "web" }]] });
    await lake.run({ ...run, run_id: MONDAY, resource: "fair", parts: [[{ id: 2, state: "fair" }]] });
    await lake.run({ ...run, run_id: TUESDAY, resource: "fair", removes_missing_rows: true, parts: [[{ id: 3 }]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([
      [1n, "web"],
      [3n, null],
    ]);
  });

  test("merge: a key spelled as in the API refers to its column; several columns form one key", async () => {
    await using lake = await makeLake();
    await lake.schema("lines", { order_id: "bigint", line: "bigint", amount: "bigint" });
    const run = { table: "lines", write_disposition: "merge", primary_key: ["orderId", "line"] };
    const monday = [11, 12, 21].map((key) => ({ order_id: Math.floor(key / 10), line: key % 10, amount: 5 }));
    await lake.run({ ...run, run_id: MONDAY, parts: [monday] });
    await lake.run({ ...run, run_id: TUESDAY, parts: [[{ order_id: 1, line: 2, amount: 7 }]] });
    expect(await askOnce(lake.out, "select order_id, line, amount from shop.lines order by all")).toEqual([
      [1n, 1n, 5n],
      [1n, 2n, 7n],
      [2n, 1n, 5n],
    ]);
  });

  test("merge without a primary key appends", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    const run = { table: "orders", write_disposition: "merge", removes_missing_rows: true };
    await lake.run({ ...run, run_id: MONDAY, parts: [[{ id: 1 }]] });
    await lake.run({ ...run, run_id: TUESDAY, parts: [[{ id: 1 }]] });
    expect(await askOnce(lake.out, ORDERS)).toHaveLength(2);
  });

  test("the newest manifest determines how the rows of all runs are read", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    await lake.run({ table: "orders", run_id: MONDAY, parts: [[{ id: 1, state: "new" }]] });
    await lake.run({ ...merge, table: "orders", run_id: TUESDAY, parts: [[{ id: 1, state: "paid" }]] });
    expect(await askOnce(lake.out, ORDERS)).toEqual([[1n, "paid"]]);
    await lake.schema("log", { id: "bigint" });
    await lake.run({ table: "log", run_id: MONDAY, write_disposition: "replace", parts: [[{ id: 1 }]] });
    await lake.run({ table: "log", run_id: TUESDAY, parts: [[{ id: 2 }]] });
    expect(await askOnce(lake.out, "select id from shop.log order by id")).toEqual([[1n], [2n]]);
  });

  test("a run without a manifest is invisible, even if it is the newest", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    const run = { table: "orders", write_disposition: "replace" };
    await lake.run({ ...run, run_id: MONDAY, parts: [[{ id: 1, state: "new" }]] });
    await lake.run({ ...run, run_id: TUESDAY, parts: [[{ id: 2, state: "half" }]], finished: false });
    expect(await askOnce(lake.out, ORDERS)).toEqual([[1n, "new"]]);
  });
});

describe("the columns of a table", () => {
  test("the user's columns come first and restlake's last, with the types of the stored schema", async () => {
    await using lake = await makeLake();
    const columns = {
      id: "bigint",
      name: "text",
      price: "double",
      open: "bool",
      at: "timestamp",
      day: "date",
      sum: "decimal",
      tags: "json",
    } as const;
    await lake.schema("empty", columns);
    await lake.schema("full", columns);
    await lake.run({ table: "full", run_id: MONDAY, parts: [[{ id: 1 }]] });
    const expected = [
      ["id", "BIGINT"],
      ["name", "VARCHAR"],
      ["price", "DOUBLE"],
      ["open", "BOOLEAN"],
      ["at", "TIMESTAMP"],
      ["day", "DATE"],
      ["sum", "DECIMAL(38,9)"],
      ["tags", "JSON"],
      ["_run_id", "VARCHAR"],
      ["_seq", "BIGINT"],
      ["_extracted_at", "TIMESTAMP"],
    ];
    using open = await openLake(lake.out);
    expect(await ask(open, "select column_name, column_type from (describe shop.full)")).toEqual(expected);
    expect(await ask(open, "select column_name, column_type from (describe shop.empty)")).toEqual(expected);
    expect(await ask(open, "from shop.empty")).toEqual([]);
  });

  test("no digit is lost: 64-bit integers, decimals with 9 places, milliseconds", async () => {
    await using lake = await makeLake();
    await lake.schema("facts", { id: "bigint", sum: "decimal", seen: "timestamp", note: "text", gone: "decimal" });
    await lake.run({
      table: "facts",
      run_id: MONDAY,
      parts: [
        [
          '{"id":9223372036854775807,"sum":12345678901234567890.123456789,"seen":"2026-02-28 23:59:59.999","note":"\\"sum\\":1"}',
          '{"id":-9007199254740993,"sum":99999999999.99,"seen":"1969-12-31 23:59:59.001"}',
          '{"id":0,"sum":null,"seen":null}',
        ],
      ],
    });
    await lake.schema("numbers", { id: "bigint" });
    await lake.run({ table: "numbers", run_id: MONDAY, parts: [[{ id: 2n ** 63n - 1n }, { id: -(2n ** 53n) - 1n }]] });
    using open = await openLake(lake.out);
    expect(await ask(open, "select id, sum, seen, gone from shop.facts order by _seq")).toEqual([
      [9223372036854775807n, "12345678901234567890.123456789", "2026-02-28 23:59:59.999", null],
      [-9007199254740993n, "99999999999.990000000", "1969-12-31 23:59:59.001", null],
      [0n, null, null, null],
    ]);
    expect(await ask(open, "select id from shop.numbers order by _seq")).toEqual([
      [9223372036854775807n],
      [-9007199254740993n],
    ]);
  });

  test("a column that was added later is null in older parts", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text", total: "decimal" });
    await lake.run({ table: "orders", run_id: MONDAY, parts: [[{ id: 1 }]] });
    await lake.run({ table: "orders", run_id: TUESDAY, parts: [[{ id: 2, state: "new", total: 1.5 }]] });
    expect(await askOnce(lake.out, "select id, state, total from shop.orders order by id")).toEqual([
      [1n, null, null],
      [2n, "new", "1.500000000"],
    ]);
  });

  test("JSON columns support json_extract, and a value that is not JSON does not fail the query", async () => {
    await using lake = await makeLake();
    await lake.schema("orders", { id: "bigint", lines: "json" });
    const lines = ['[{"sku":"A","of":12345678901234567890}]', '{"broken":"\\ud800"}'].map((text) => ({ lines: text }));
    await lake.run({
      table: "orders",
      run_id: MONDAY,
      parts: [[{ id: 1, ...lines[0] }, { id: 2, ...lines[1] }, { id: 3 }]],
    });
    const sql = "select json_extract_string(lines, '$[0].sku'), lines->>'$[0].of' from shop.orders order by id";
    expect(await askOnce(lake.out, sql)).toEqual([
      ["A", "12345678901234567890"],
      [null, null],
      [null, null],
    ]);
  });

  test("unusual names of columns, tables and folders only require quotes in the query", async () => {
    await using lake = await makeLake("select", `it's a "lake" [1] * of dt=5, ü?`);
    const columns = { order: "text", dt: "text", filename: "text", 'say "when"': "decimal", "it's": "bigint" } as const;
    await lake.schema("group", columns);
    const row = { order: "o", dt: "mine", filename: "f", 'say "when"': 1.5, "it's": 7 };
    await lake.run({ ...merge, table: "group", primary_key: ["order"], run_id: MONDAY, parts: [[row], [row]] });
    await lake.schema("plain", { order: "text", dt: "text" });
    await lake.run({ table: "plain", run_id: MONDAY, parts: [[row]] });
    // A folder that the lake's name would match if it were read as a pattern.
    await cp(lake.out, lake.out.replace("[1] *", "1 or 2"), { recursive: true });
    using open = await openLake(lake.out);
    expect(await ask(open, 'select "order", dt, filename, "say ""when""", "it\'s" from "select"."group"')).toEqual([
      ["o", "mine", "f", "1.500000000", 7n],
    ]);
    expect(await ask(open, 'select "order", dt from "select".plain')).toEqual([["o", "mine"]]);
    expect(open.tables.map((table) => table.sql_name)).toEqual(['"select"."group"', '"select".plain']);
  });
});
