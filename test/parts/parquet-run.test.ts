import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileFormat } from "../../lib/columns/table-schema.ts";
import type { Json } from "../../lib/json/index.ts";
import { createSchemaStore } from "../../lib/lake/schemas.ts";
import { ROW_GROUP_BYTES } from "../../lib/parts/parquet.ts";
import { openDuck, parquetOf } from "./parquet.fixture.ts";
import { startWorld } from "./parquet-lake.fixture.ts";

/** Pages of rows with a value of every type, except for fractions among integers, which differ between the formats. */
const pagesOfAll = (count: number): Json[][] =>
  Array.from({ length: count }, (_, page) =>
    [1, 2].map((row) => ({
      id: page * 2 + row,
      name: `Größe ${page} 😀`,
      big: 2n ** 60n + BigInt(page),
      price: page + 0.25,
      open: page % 2 === 0,
      at: `2026-11-0${page + 1}T10:00:00.00${row}+02:00`,
      day: `196${page}-02-28`,
      sum: `-${page}.000000001`,
      tags: [page, { row }],
      inner: { a: row === 1 ? null : `x${row}` },
    })),
  );

const DECLARED = { day: { data_type: "date" }, sum: { data_type: "decimal" } } as const;
const WITHOUT_RUN_COLUMNS = "select * exclude (_run_id, _extracted_at) from shop.rows order by _seq";

describe("a resource with file_format parquet", () => {
  test("gives the same rows as JSON, in one invocation or one per page, and its manifest lists the parts", async () => {
    await using world = await startWorld({ "/rows": pagesOfAll(4) });
    const read: unknown[][][] = [];
    for (const [file_format, pages] of [["jsonl"], ["parquet"], ["parquet", 1]] as [FileFormat, number?][]) {
      const source = world.source([{ name: "rows", file_format, columns: DECLARED, write_disposition: "replace" }]);
      const ran = await world.run(source, { pages });
      expect(ran).toMatchObject({ failure: null, failures: {} });
      const { parts, rows, run_id } = await world.manifest("rows", ran.run_id);
      expect(rows).toBe(8);
      if (file_format === "parquet") {
        const folder = `data/shop/rows/parquet/dt=${run_id.slice(0, 4)}-${run_id.slice(4, 6)}-${run_id.slice(6, 8)}/${run_id}`;
        expect(parts.map(({ key }) => key)).toEqual(parts.map(({ part }) => `${folder}/rows-00000${part}.parquet`));
        expect(await world.keys(folder)).toEqual(parts.map(({ key }) => key));
        expect(await world.contentType(parts[0]?.key ?? "")).toBe("application/vnd.apache.parquet");
        const committed = parts.filter((part) => part.rows > 0).length;
        expect(committed).toBe(pages === undefined ? 1 : 4 / pages);
        await using duck = await openDuck();
        for (const part of parts) {
          const file = parquetOf(world.path(part.key));
          expect(await duck.ask(`SELECT count(*) FROM ${file}`)).toEqual([[BigInt(part.rows)]]);
        }
      }
      read.push(await world.ask(WITHOUT_RUN_COLUMNS));
    }
    expect(read[0]).toHaveLength(8);
    for (const other of read.slice(1)) expect(other).toEqual(read[0]);
    expect((await world.json("schemas/shop/rows.json")).file_formats).toEqual(["jsonl", "parquet"]);
  });

  test("adds a column of a later page to the rows before it, which are not encoded yet", async () => {
    await using world = await startWorld({ "/rows": [[{ id: 1 }], [{ id: 2 }], [{ id: 3, more: "x" }], [{ id: 4 }]] });
    const ran = await world.run(world.source([{ name: "rows", file_format: "parquet" }]));
    const { parts } = await world.manifest("rows", ran.run_id);
    expect(parts.map(({ rows }) => rows)).toEqual([4]);
    expect(await world.ask("select id, more from shop.rows order by id")).toEqual([
      [1n, null],
      [2n, null],
      [3n, "x"],
      [4n, null],
    ]);
  });

  test("starts a new part when a page after the first row group adds a column, which is null in the older part", async () => {
    const text = "x".repeat(ROW_GROUP_BYTES);
    await using world = await startWorld({
      "/rows": [[{ id: 1, text }], [{ id: 2 }], [{ id: 3, more: "x" }], [{ id: 4 }]],
    });
    const ran = await world.run(world.source([{ name: "rows", file_format: "parquet" }]));
    const { parts } = await world.manifest("rows", ran.run_id);
    expect(parts.map(({ rows }) => rows)).toEqual([2, 2]);
    expect(parts[1]?.schema_version).toBe((parts[0]?.schema_version ?? 0) + 1);
    await using duck = await openDuck();
    const names = async (key = "") => (await duck.types(`FROM ${parquetOf(world.path(key))}`)).map(([name]) => name);
    expect(await names(parts[0]?.key)).toEqual(["_run_id", "_seq", "_extracted_at", "id", "text"]);
    expect(await names(parts[1]?.key)).toEqual(["_run_id", "_seq", "_extracted_at", "id", "text", "more"]);
    expect(await world.ask("select id, more, _seq from shop.rows order by id")).toEqual([
      [1n, null, 1n],
      [2n, null, 2n],
      [3n, "x", 3n],
      [4n, null, 4n],
    ]);
  });

  test("makes a column of integers a double when a fraction comes before the first row group is written", async () => {
    await using world = await startWorld({
      "/rows": [[{ id: 1, x: 1 }], [{ id: 2, more: true }], [{ id: 3, x: 1.5 }], [{ id: 4, x: 2 }]],
    });
    const ran = await world.run(world.source([{ name: "rows", file_format: "parquet" }]));
    expect(ran.failure).toBeNull();
    expect(await world.ask("select id, x from shop.rows order by id")).toEqual([
      [1n, 1],
      [2n, null],
      [3n, 1.5],
      [4n, 2],
    ]);
    const { columns } = await world.json("schemas/shop/rows.json");
    expect(columns.filter((column: { unwritten?: true }) => column.unwritten)).toEqual([]);
  });

  test.each([undefined, 1])(
    "keeps the integer column of its files, and puts later fractions into a variant column (pages: %s)",
    async (pages) => {
      await using world = await startWorld({
        "/rows": [
          [{ id: 1, x: 1, text: "x".repeat(ROW_GROUP_BYTES) }],
          [
            { id: 2, x: 1.5 },
            { id: 3, x: 2 },
          ],
          [{ id: 4, x: 0.25 }],
        ],
      });
      const ran = await world.run(world.source([{ name: "rows", file_format: "parquet" }]), { pages });
      expect(ran.failure).toBeNull();
      expect(await world.ask("select id, x, x__v_double from shop.rows order by id")).toEqual([
        [1n, 1n, null],
        [2n, null, 1.5],
        [3n, 2n, null],
        [4n, null, 0.25],
      ]);
    },
  );

  test("keeps the integer and double columns of earlier JSON parts", async () => {
    await using world = await startWorld({ "/rows": [[{ id: 1, x: 1, y: 1 }], [{ id: 2, x: 2, y: 1.5 }]] });
    await world.run(world.source(["rows"]));
    world.pages["/rows"] = [[{ id: 3, x: 0.5, y: 3 }], [{ id: 4, x: 4, y: 4.5 }]];
    await world.run(world.source([{ name: "rows", file_format: "parquet" }]));
    // Back to JSON: the Parquet files have an integer column, so a fraction must not make it a double.
    world.pages["/rows"] = [[{ id: 5, x: 0.75, y: 5 }]];
    await world.run(world.source(["rows"]));
    expect(await world.ask("select id, x, x__v_double, y from shop.rows order by id")).toEqual([
      [1n, 1n, null, 1],
      [2n, 2n, null, 1.5],
      [3n, null, 0.5, 3],
      [4n, 4n, null, 4.5],
      [5n, null, 0.75, 5],
    ]);
    expect(await world.ask("select column_type from (describe shop.rows) where column_name in ('x', 'y')")).toEqual([
      ["BIGINT"],
      ["DOUBLE"],
    ]);
  });

  test("keeps an integer column also for a JSON writer that started earlier", async () => {
    await using world = await startWorld({ "/old": [[{ x: 1 }], [{ x: 1.5 }, { x: 2 }]], "/new": [[{ x: 3 }]] });
    const source = world.source([
      { name: "old", table_name: "both" },
      { name: "new", table_name: "both", file_format: "parquet" },
    ]);
    const [, parquet] = source.resources;
    world.beforeAnswer(async (request) => {
      // What a Parquet writer does before its first row.
      if (request.endsWith("/old?page=2"))
        await createSchemaStore(world.ports(), { source: "shop", table: "both", run_id: "a run" }, parquet!).load();
    });
    expect(await world.run(source)).toMatchObject({ failure: null, failures: {} });
    expect(await world.ask("select x, x__v_double from shop.both order by all nulls last")).toEqual([
      [1n, null],
      [2n, null],
      [3n, null],
      [null, 1.5],
    ]);
  });

  test("may get it from resource_defaults, which other resources override", async () => {
    await using world = await startWorld({ "/a": [[{ id: 1 }]], "/b": [[{ id: 2 }]], "/c": [[{ id: 3 }]] });
    const resources = ["a", { name: "b", file_format: "jsonl" as const }, { name: "c", file_format: null }];
    const ran = await world.run(world.source(resources, { resource_defaults: { file_format: "parquet" } }));
    expect(ran).toMatchObject({ failure: null, failures: {} });
    const ofA = await world.manifest("a", ran.run_id);
    const ofB = await world.manifest("b", ran.run_id);
    expect(ofA.parts.map(({ key }) => key.split(".").slice(1).join("."))).toEqual(["parquet"]);
    expect(ofB.parts.map(({ key }) => key.split(".").slice(1).join("."))).toEqual(["json.gz"]);
    expect(await world.ask("select a.id, b.id, c.id from shop.a, shop.b, shop.c")).toEqual([[1n, 2n, 3n]]);
  });

  test.each([undefined, 1])("may be a parent, selected or not (pages: %s)", async (pages) => {
    const parents = [[{ id: 1 }, { id: 2 }], [{ id: 3 }]];
    const lines = (id: number) => [[{ line: id * 10 }], [{ line: id * 10 + 1 }]];
    await using world = await startWorld({
      "/parents": parents,
      ...Object.fromEntries([1, 2, 3].map((id) => [`/parents/${id}/lines`, lines(id)])),
    });
    const child = {
      name: "lines",
      include_from_parent: ["id"],
      endpoint: { path: "parents/{resources.parents.id}/lines" },
    };
    const source = (selected: boolean) =>
      world.source([{ name: "parents", selected, endpoint: { path: "parents" } }, child], {
        resource_defaults: { file_format: "parquet", write_disposition: "replace" },
      });
    const expected = [1, 2, 3].flatMap((id) => [
      [BigInt(id), BigInt(id * 10)],
      [BigInt(id), BigInt(id * 10 + 1)],
    ]);
    const LINES = "select _parents_id, line from shop.lines order by _seq";
    const hidden = await world.run(source(false), { pages });
    expect(hidden).toMatchObject({ failure: null, failures: {} });
    expect(await world.ask(LINES)).toEqual(expected);
    expect(await world.keys("data/shop/parents")).toEqual([]);
    // A resource without a table writes JSON: only its children read it, and they do not read its parts.
    expect((await world.keys("state")).filter((key) => key.endsWith(".parquet"))).toEqual([]);
    const { parts } = await world.manifest("lines", hidden.run_id);
    expect(parts.every(({ key }) => key.endsWith(".parquet"))).toBe(true);
    expect(await world.run(source(true), { pages })).toMatchObject({ failure: null, failures: {} });
    expect(await world.ask(LINES)).toEqual(expected);
    expect(await world.ask("select id from shop.parents order by id")).toEqual([[1n], [2n], [3n]]);
  });

  test("continues from the cursor of a run with the other format", async () => {
    const incremental = { cursor_path: "at", initial_value: "2026-01-01T00:00:00Z" };
    await using world = await startWorld({ "/rows": [[{ id: 1, at: "2026-01-02T00:00:00Z" }]] });
    const source = (file_format: FileFormat) =>
      world.source([
        { name: "rows", file_format, primary_key: "id", write_disposition: "merge", endpoint: { incremental } },
      ]);
    for (const [index, format] of (["jsonl", "parquet", "jsonl"] as const).entries()) {
      const rows = Array.from({ length: index + 2 }, (_, n) => ({ id: n + 1, at: `2026-01-0${n + 2}T00:00:00Z` }));
      world.pages["/rows"] = [rows];
      expect(await world.run(source(format))).toMatchObject({ failure: null, failures: {} });
    }
    expect(await world.ask('select id, "at" from shop.rows order by id')).toEqual(
      [1, 2, 3, 4].map((id) => [BigInt(id), `2026-01-0${id + 1} 00:00:00`]),
    );
    expect((await world.keys("data/shop/rows")).map((key) => key.split("/")[3])).toEqual(["json", "json", "parquet"]);
  });
});

test("two writers of the same Parquet parts write each part once", async () => {
  const pages = Array.from({ length: 6 }, (_, page): Json[] => [
    { id: page * 2 },
    { id: page * 2 + 1, note: `${page}` },
  ]);
  await using world = await startWorld({ "/rows": pages });
  const source = world.source([{ name: "rows", file_format: "parquet" }], { settings: { file_max_items: 2 } });
  const ran = await world.run(source, { writers: 2 });
  expect(ran).toMatchObject({ failure: null, failures: {} });
  const { parts } = await world.manifest("rows", ran.run_id);
  expect(await world.keys("data/shop/rows")).toEqual(parts.map(({ key }) => key));
  expect(await world.ask("select id, note, _seq from shop.rows order by _seq")).toEqual(
    pages.flat().map((_, id) => [BigInt(id), id % 2 === 0 ? null : `${(id - 1) / 2}`, BigInt(id + 1)]),
  );
});

describe("a change of file_format", () => {
  test("between two runs gives a table with both", async () => {
    await using world = await startWorld({ "/rows": [[{ id: 1 }], [{ id: 2 }]] });
    for (const file_format of ["jsonl", "parquet", "jsonl", "parquet"] as const) {
      const ran = await world.run(world.source([{ name: "rows", file_format }]));
      expect(ran).toMatchObject({ failure: null, failures: {} });
    }
    expect(await world.ask("select id, count(*) from shop.rows group by id order by id")).toEqual([
      [1n, 4n],
      [2n, 4n],
    ]);
    const schema = await world.json("schemas/shop/rows.json");
    expect(schema.file_formats).toEqual(["jsonl", "parquet"]);
  });

  test.each([
    ["jsonl", "parquet"],
    ["parquet", "jsonl"],
  ] as const)("in an unfinished run, from %s to %s, loses and duplicates no row", async (before, after) => {
    const rows = (n: number): Json[] => [{ id: n * 2 }, { id: n * 2 + 1, [`only_${n}`]: true }];
    await using world = await startWorld({ "/rows": [rows(0), rows(1), rows(2), 400, rows(4)] });
    const source = (file_format: FileFormat) => world.source([{ name: "rows", file_format }]);
    const failed = await world.run(source(before), { pages: 1 });
    expect(failed.failure).toMatch(/RunFailedError/);
    const left = await world.keys("data/shop/rows");
    expect(left.length).toBeGreaterThanOrEqual(3);
    world.pages["/rows"]![3] = rows(3);
    const ran = await world.run(source(after), { pages: 1 });
    expect(ran).toMatchObject({ run_id: failed.run_id, failure: null, failures: {} });
    const { parts, rows: count } = await world.manifest("rows", ran.run_id);
    expect(count).toBe(10);
    const extension = after === "parquet" ? ".parquet" : ".json.gz";
    expect(parts.every(({ key }) => key.endsWith(extension))).toBe(true);
    expect(parts.some(({ key }) => left.includes(key))).toBe(false);
    expect(await world.keys("data/shop/rows")).toEqual([...left, ...parts.map(({ key }) => key)].sort());
    expect(await world.ask("select id, _seq from shop.rows order by _seq")).toEqual(
      Array.from({ length: 10 }, (_, n) => [BigInt(n), BigInt(n + 1)]),
    );
  });

  test("in an unfinished run and back resumes after the parts of the first format", async () => {
    await using world = await startWorld({ "/rows": [[{ id: 1 }], [{ id: 2 }], 400, [{ id: 4 }]] });
    const source = (file_format: FileFormat) => world.source([{ name: "rows", file_format }]);
    await world.run(source("jsonl"), { pages: 1 });
    await world.run(source("parquet"), { pages: 1 });
    world.pages["/rows"]![2] = [{ id: 3 }];
    const requestsBefore = world.asked.length;
    const ran = await world.run(source("jsonl"), { pages: 1 });
    expect(ran).toMatchObject({ failure: null, failures: {} });
    expect(world.asked[requestsBefore]).toBe("GET /rows?page=3");
    const { parts } = await world.manifest("rows", ran.run_id);
    expect(parts.every(({ key }) => key.endsWith(".json.gz"))).toBe(true);
    expect(await world.ask("select id, _seq from shop.rows order by _seq")).toEqual(
      [1n, 2n, 3n, 4n].map((n) => [n, n]),
    );
  });

  test("of a parent in an unfinished run lets its children read each row once", async () => {
    const pages = {
      "/parents": [[{ id: 1 }], [{ id: 2 }], 400, [{ id: 4 }]],
      ...Object.fromEntries([1, 2, 3, 4].map((id) => [`/parents/${id}/lines`, [[{ line: id }]]])),
    };
    await using world = await startWorld(pages);
    const source = (file_format: FileFormat) =>
      world.source(["parents", { name: "lines", endpoint: { path: "parents/{resources.parents.id}/lines" } }], {
        resource_defaults: { file_format },
      });
    expect((await world.run(source("jsonl"), { pages: 1 })).failure).not.toBeNull();
    pages["/parents"][2] = [{ id: 3 }];
    expect(await world.run(source("parquet"), { pages: 1 })).toMatchObject({ failure: null, failures: {} });
    expect(await world.ask("select line from shop.lines order by _seq")).toEqual([[1n], [2n], [3n], [4n]]);
    expect(await world.ask("select id from shop.parents order by _seq")).toEqual([[1n], [2n], [3n], [4n]]);
  });
});

test("random rows, pages and cuts give the same table as Parquet and as JSON", async () => {
  // No fractions among integers: the column becomes double in JSON, and gets a variant in Parquet.
  const value = fc.oneof(
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
    fc.constantFrom("2026-11-20T09:00:00Z", "2026-11-20", "", "12"),
    fc.jsonValue({ maxDepth: 1 }).filter((json) => !/\d[.e]/i.test(JSON.stringify(json))),
  ) as fc.Arbitrary<Json>;
  const row = fc.dictionary(fc.constantFrom("a", "b", "c"), value, { maxKeys: 3, noNullPrototype: true });
  // Every row has its page: two equal consecutive pages would be a RepeatedPageError.
  const pages = fc
    .array(fc.array(row, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    .map((all) => all.map((rows, page) => rows.map((given) => ({ ...given, page }))));
  await fc.assert(
    fc.asyncProperty(pages, fc.integer({ min: 1, max: 4 }), async (rows, cut) => {
      await using world = await startWorld({ "/rows": rows, "/same": rows });
      const same = { name: "same", file_format: "parquet" as const };
      const ran = await world.run(world.source([{ name: "rows", file_format: "jsonl" }, same]), { pages: cut });
      expect(ran).toMatchObject({ failure: null, failures: {} });
      const of = (table: string) =>
        world.ask(`select * exclude (_run_id, _extracted_at) from shop.${table} order by _seq`);
      expect(await of("same")).toEqual(await of("rows"));
      const typesOf = (table: string) => world.ask(`select column_name, column_type from (describe shop.${table})`);
      expect(await typesOf("same")).toEqual(await typesOf("rows"));
    }),
    { numRuns: 4 },
  );
});
