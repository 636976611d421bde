import { execFile } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, test } from "vitest";
import { textTable } from "../../cli/query/text-table.ts";
import { printable } from "../../cli/terminal.ts";
import { MONDAY, makeLake, TUESDAY } from "../local/lake.fixture.ts";

const COMMAND = resolve(import.meta.dirname, "../../cli/restlake.js");

/**
 * Runs `npm run query -- ...` as npm starts it.
 *
 * @param from current folder of the user.
 * @param cwd folder in which npm runs the script, usually that of the project.
 */
const query = (args: string[], from = tmpdir(), cwd = tmpdir()) =>
  new Promise<{ code: number; out: string; err: string }>((done) => {
    const env = { ...process.env, INIT_CWD: from, NO_COLOR: "1" };
    execFile(process.execPath, [COMMAND, "query", ...args], { cwd, env, maxBuffer: 2 ** 26 }, (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });

const makeShop = async () => {
  const lake = await makeLake();
  await lake.schema("orders", { id: "bigint", order: "text", total: "double", at: "timestamp", lines: "json" });
  await lake.run({
    table: "orders",
    run_id: MONDAY,
    parts: [
      [
        { id: 2n ** 62n + 1n, order: "A\n1", total: 12.5, at: "2026-11-16 09:30:00.000", lines: '[{"sku":"é"}]' },
        { id: 7n, order: "B", total: null, at: null, lines: null },
      ],
    ],
  });
  await lake.schema("customers", { id: "bigint" });
  const merge = { table: "customers", write_disposition: "merge", primary_key: ["id"] };
  await lake.run({ ...merge, run_id: MONDAY, parts: [[{ id: 1 }, { id: 2 }]] });
  await lake.run({ ...merge, run_id: TUESDAY, parts: [[{ id: 2 }]] });
  await lake.schema("returns", { id: "bigint" });
  return lake;
};

/** Returns lines without trailing spaces. */
const linesOf = (text: string): string[] => text.split("\n").map((line) => line.trimEnd());

describe("query without SQL", () => {
  test("lists the tables with rows, columns and newest run, and an example query that can be copied", async () => {
    await using lake = await makeShop();
    const { code, out } = await query(["--out", lake.out]);
    expect(code).toBe(0);
    const words = linesOf(out).map((line) => line.split(/ {2,}/));
    expect(words).toContainEqual(["table", "rows", "columns", "newest run (UTC)"]);
    expect(words).toContainEqual(["shop.customers", "2", "4", "2026-11-17 03:00:00"]);
    expect(words).toContainEqual(["shop.orders", "2", "8", "2026-11-16 03:00:00"]);
    expect(words).toContainEqual(["shop.returns", "0", "4", "no finished run"]);
    const example = /query -- --out \S+ "(select .*)"\n/.exec(out)?.[1]?.replaceAll('\\"', '"');
    expect(example).toBeDefined();
    expect(await query(["--out", lake.out, String(example)])).toMatchObject({ code: 0 });
  });

  test("quotes reserved words in the example query", async () => {
    await using lake = await makeLake("order", "my lake");
    await lake.schema("items", { group: "text", say: "text" });
    await lake.run({ table: "items", run_id: MONDAY, parts: [[{ group: "a", say: "b" }]] });
    const { out } = await query(["--out", "my lake"], dirname(lake.out));
    expect(out).toContain(
      String.raw`npm run query -- --out "my lake" "select \"group\", say, _run_id, _seq, _extracted_at from \"order\".items limit 10"`,
    );
  });

  test("prints an object per table with --json", async () => {
    await using lake = await makeShop();
    const { out } = await query(["--json", "--out", lake.out]);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { source: "shop", table: "customers", rows: 2, columns: 4, newest_run: TUESDAY },
      { source: "shop", table: "orders", rows: 2, columns: 8, newest_run: MONDAY },
      { source: "shop", table: "returns", rows: 0, columns: 4, newest_run: null },
    ]);
  });

  test("names a table with a missing part and the reason, and counts the other tables", async () => {
    await using lake = await makeShop();
    const key = `data/shop/orders/json/dt=2026-11-16/${MONDAY}/orders-000001.json.gz`;
    await rm(lake.file(key));
    const { code, out } = await query(["--out", lake.out]);
    expect(code).toBe(0);
    expect(out).toContain(`  shop.orders: ${key} is missing in the lake`);
    expect(out).toMatch(/shop\.orders +\? +8/);
    expect(out).toMatch(/shop\.customers +2 +4/);
  });
});

describe("query with SQL", () => {
  test("prints an aligned table with numbers on the right, NULL as NULL, each row on one line, and the row count below", async () => {
    await using lake = await makeShop();
    const { code, out } = await query(["--out", lake.out, 'select id, "order", total, "at" from shop.orders']);
    expect(code).toBe(0);
    expect(linesOf(out)).toEqual([
      "                 id  order  total  at",
      "-".repeat(58),
      "4611686018427387905  A\\n1    12.5  2026-11-16 09:30:00.000",
      "                  7  B       NULL  NULL",
      "",
      "2 rows",
      "",
    ]);
  });

  test("prints 100 rows and the count of all rows; --json prints all rows", async () => {
    await using lake = await makeShop();
    const sql = "select range as n from range(5000)";
    const { out } = await query(["--out", lake.out, sql]);
    expect(linesOf(out)).toHaveLength(2 + 100 + 3);
    expect(out).toContain("5,000 rows, first 100 shown (--json prints all of them)");
    const { out: all } = await query(["--out", lake.out, "--json", sql]);
    expect(
      all
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).n),
    ).toEqual(Array.from({ length: 5000 }, (_, n) => n));
  });

  test("prints an object per row with --json, with every digit, the timestamps of the lake, and embedded JSON", async () => {
    await using lake = await makeShop();
    const sql = `select *, 0.1::decimal(38,9) as share, [id] as list, {'a': "at"} as struct, map {'k': id} as map,
      'nan'::double as nan, date '2026-11-16' as day, id, '{"a":\n1}'::json as pretty from shop.orders limit 1`;
    const { out } = await query(["--out", lake.out, "--json", sql]);
    expect(out).toBe(
      '{"id":4611686018427387905,"order":"A\\n1","total":12.5,"at":"2026-11-16 09:30:00.000","lines":[{"sku":"é"}],' +
        `"_run_id":"${MONDAY}","_seq":1,"_extracted_at":"2026-11-16 03:00:00.250","share":0.100000000,` +
        '"list":[4611686018427387905],"struct":{"a":"2026-11-16 09:30:00.000"},"map":{"k":4611686018427387905},' +
        '"nan":null,"day":"2026-11-16","id:1":4611686018427387905,"pretty":{"a": 1}}\n',
    );
  });

  test("resolves --out from the current folder of the user", async () => {
    await using lake = await makeShop();
    const { out } = await query(["--out", "lake", "--json", "select 1 as one"], dirname(lake.out));
    expect(out).toBe('{"one":1}\n');
  });

  test("writes nothing into the lake or the current folder", async () => {
    await using lake = await makeShop();
    const before = await readdir(dirname(lake.out), { recursive: true });
    await query(["--out", "lake", "from shop.orders order by all"], dirname(lake.out), dirname(lake.out));
    expect(await readdir(dirname(lake.out), { recursive: true })).toEqual(before);
  });
});

describe("query exits with 2 and a message without a stack for", () => {
  const messageOf = async (args: string[], from?: string) => {
    const { code, out, err } = await query(args, from);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).not.toMatch(/^ +at |node:internal/m);
    return err.trimEnd();
  };

  test("a missing lake, with the next step", async () => {
    await using lake = await makeLake();
    expect(await messageOf(["select 1"], dirname(lake.out))).toMatch(
      /^there is no lake in \S+\.local: create one with npm start, .*$/,
    );
  });

  test("an unknown table, with DuckDB's message and similar table names", async () => {
    await using lake = await makeShop();
    const err = await messageOf(["--out", lake.out, "select * from shop.order_"]);
    expect(err).toMatch(/^Catalog Error: Table with name order_ does not exist!\n/);
    expect(err).toMatch(/\nSimilar tables: shop\.orders$/);
    expect(await messageOf(["--out", lake.out, "from shp.orders"])).toMatch(/\nSimilar tables: shop\.orders$/);
    expect(await messageOf(["--out", lake.out, "from xyz"])).toMatch(/\nnpm run query lists all tables$/);
  });

  test("invalid SQL, with DuckDB's message", async () => {
    await using lake = await makeShop();
    expect(await messageOf(["--out", lake.out, "selec 1"])).toMatch(/^Parser Error: syntax error at or near "selec"/);
    expect(await messageOf(["--out", lake.out, "select error('late') from range(9)"])).toBe(
      "Invalid Input Error: late",
    );
  });

  test("a statement that writes, SQL without quotes, and an unknown option", async () => {
    await using lake = await makeShop();
    expect(await messageOf(["--out", lake.out, "drop view shop.orders"])).toMatch(/^the lake is read-only/);
    expect(await messageOf(["--out", lake.out, "select", "1"])).toMatch(
      /^unexpected argument "1": npm run query takes one <sql> \(quote an argument with spaces\)$/,
    );
    expect(await messageOf(["--nonsense"])).toContain("--nonsense");
  });
});

describe("textTable", () => {
  const text = (title: string) => ({ title, numeric: false, whole: false });
  const number = (title: string) => ({ title, numeric: true, whole: true });
  const plain = (lines: string[]) => lines.map((line) => stripVTControlCharacters(printable(line)));

  test("cuts long strings until a row fits, but never numbers", () => {
    const row = ["1234567890123456789", "x".repeat(200), "short"];
    const { lines, shown } = textTable([number("id"), text("note"), text("state")], [row], 45);
    expect(plain(lines)).toEqual([
      `${"id".padStart(19)}  ${"note".padEnd(17)}  state`,
      "-".repeat(45),
      `1234567890123456789  ${"x".repeat(16)}…  short`,
    ]);
    expect(shown).toBe(3);
  });

  test("omits the last columns if there are too many for the terminal, and none without a terminal", () => {
    const columns = Array.from({ length: 40 }, (_, index) => text(`column_${index}`));
    const rows = [columns.map(({ title }) => `value of ${title}`)];
    const { lines, shown } = textTable(columns, rows, 80);
    expect(shown).toBeLessThan(40);
    expect(Math.max(...plain(lines).map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(textTable(columns, rows, null).shown).toBe(40);
  });

  test("counts wide characters twice, and escapes control characters", () => {
    const { lines } = textTable(
      [text("a"), text("b")],
      [
        ["桜通り", "\u001b[2J\r"],
        ["abc", null],
      ],
      null,
    );
    expect(plain(lines)).toEqual(["a       b", "-".repeat(19), "桜通り  \\u001b[2J\\r", "abc     NULL"]);
  });
});
