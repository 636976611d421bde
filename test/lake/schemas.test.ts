import { expect, test } from "vitest";
import type {
  DeclaredColumn,
  FileFormat,
  StoredSchema,
  TableColumn,
  TableSchema,
} from "../../lib/columns/table-schema.ts";
import type { SchemaContract } from "../../lib/config/resolved.ts";
import { SchemaContractError } from "../../lib/errors/index.ts";
import { createSchemaStore } from "../../lib/lake/schemas.ts";
import { type Lake, startLake } from "./lake.fixture.ts";

const KEY = "schemas/shop/orders.json";
const ID: Record<string, DeclaredColumn> = { id: { data_type: "bigint", nullable: false } };
const text = (name: string): TableColumn => ({ name, data_type: "text", nullable: true });
const EVOLVE: SchemaContract = { tables: "evolve", columns: "evolve", data_type: "evolve" };
const storeIn = (
  lake: Lake,
  columns = ID,
  primary_key = ["id"],
  schema_contract = EVOLVE,
  file_format: FileFormat = "jsonl",
) => {
  const { load, add } = createSchemaStore(
    lake.ports,
    { source: "shop", table: "orders", run_id: "run 1" },
    { columns, primary_key, schema_contract, selected: true, file_format },
  );
  return { load: async () => (await load()) as TableSchema, add };
};
const names = (schema: { columns: TableColumn[] }) => schema.columns.slice(3).map(({ name }) => name);

test("the first load creates version 1 from the declared columns, and the next load keeps it", async () => {
  await using lake = await startLake();
  const schema = await storeIn(lake).load();
  expect(schema.version).toBe(1);
  expect(schema.columns.slice(3)).toEqual([
    { name: "id", data_type: "bigint", nullable: false, declared: true, primary_key: true },
  ]);
  const puts = () => lake.requests.filter(({ operation }) => operation === "PutObject").length;
  expect(await storeIn(lake).load()).toEqual(schema);
  expect(puts()).toBe(1);
  expect(await lake.json(KEY)).toEqual(schema);
});

test("columns are added at the end, in a new version, for every reader", async () => {
  await using lake = await startLake();
  const store = storeIn(lake);
  await store.load();
  expect(names(await store.add([text("note")]))).toEqual(["id", "note"]);
  expect(await store.add([text("tag"), text("note")])).toMatchObject({ version: 3 });
  expect(names(await storeIn(lake).load())).toEqual(["id", "note", "tag"]);
});

test("load adds a column that the config declares later", async () => {
  await using lake = await startLake();
  await storeIn(lake).add([text("note")]);
  const schema = await storeIn(lake, { ...ID, total: { data_type: "decimal", nullable: true } }).load();
  expect(names(schema)).toEqual(["id", "note", "total"]);
});

test("a found column of the primary key is marked as primary key", async () => {
  await using lake = await startLake();
  const schema = await storeIn(lake, {}, ["orderId"]).add([text("order_id"), text("note")]);
  expect(schema.columns.slice(3)).toEqual([{ ...text("order_id"), primary_key: true }, text("note")]);
});

test("8 concurrent writers lose no column, add none twice, and see the same order", async () => {
  await using lake = await startLake();
  await Promise.all(Array.from({ length: 8 }, (_, index) => storeIn(lake).add([text("shared"), text(`own_${index}`)])));
  const stored = await lake.json(KEY);
  expect(new Set(names(stored)).size).toBe(names(stored).length);
  expect(names(stored).toSorted()).toEqual(["id", ...Array.from({ length: 8 }, (_, n) => `own_${n}`), "shared"]);
  expect(await storeIn(lake).load()).toEqual(stored);
});

test("a writer that loses the swap gets the winner's type for a column of the same name", async () => {
  await using lake = await startLake();
  await storeIn(lake).add([{ name: "n", data_type: "bigint", nullable: true }]);
  const schema = await storeIn(lake).add([text("n")]);
  expect(schema.columns.at(-1)).toEqual({ name: "n", data_type: "bigint", nullable: true });
});

test("when two writers make a column exact and double at the same time, the first one wins", async () => {
  await using lake = await startLake();
  const n: TableColumn = { name: "n", data_type: "bigint", nullable: true };
  await storeIn(lake).add([n]);
  await Promise.all([storeIn(lake).add([{ ...n, exact: true }]), storeIn(lake).add([{ ...n, data_type: "double" }])]);
  const stored = await lake.json(KEY);
  expect(stored.version).toBe(2);
  expect([
    { ...n, exact: true },
    { ...n, data_type: "double" },
  ]).toContainEqual(stored.columns.at(-1));
});

test.each(["{", "null", "[]", "{}", '{"version":1}', '{"columns":[]}'])(
  "a corrupt schema is an error that names the object, and is not replaced: %s",
  async (content) => {
    await using lake = await startLake();
    await lake.overwrite(KEY, content);
    await expect(storeIn(lake).load()).rejects.toThrow(SchemaContractError);
    await expect(storeIn(lake).add([text("a")])).rejects.toThrow(/schemas\/shop\/orders\.json is corrupt/);
    expect((await lake.read(KEY)).toString()).toBe(content);
  },
);

test("a declared type that differs from the table is an error that names both types, and changes nothing", async () => {
  await using lake = await startLake();
  await storeIn(lake).add([text("note"), { name: "n", data_type: "bigint", nullable: true }]);
  const before = await lake.json(KEY);
  const declared = {
    ...ID,
    note: { data_type: "json" as const, nullable: true },
    n: { data_type: "bigint" as const, nullable: true },
  };
  await expect(storeIn(lake, declared).load()).rejects.toThrow(
    "shop: declared types of columns differ from those of table orders: note json (the table has it as text). Declare the types of the table, or give the resource another table_name",
  );
  expect(await lake.json(KEY)).toEqual(before);
});

test("a decimal with other digits than in the table is an error, also with digits by default", async () => {
  await using lake = await startLake();
  const price = (digits: object) => ({ ...ID, price: { data_type: "decimal" as const, nullable: true, ...digits } });
  await storeIn(lake, price({ precision: 10, scale: 2 })).load();
  expect((await lake.json(KEY)).columns.at(-1)).toMatchObject({ precision: 10, scale: 2 });
  await expect(storeIn(lake, price({ precision: 12, scale: 2 })).load()).rejects.toThrow(
    "price decimal(12,2) (the table has it as decimal(10,2))",
  );
  await expect(storeIn(lake, price({})).load()).rejects.toThrow(
    "price decimal(38,9) (the table has it as decimal(10,2))",
  );
});

test("the history has the changes, time and run of every version", async () => {
  await using lake = await startLake();
  await storeIn(lake).load();
  const n: TableColumn = { name: "n", data_type: "bigint", nullable: true };
  await storeIn(lake).add([n, { ...text("trialingx"), path: ["trialing?"] }]);
  lake.clock.advance(60_000);
  await storeIn(lake).add([{ ...n, data_type: "double" }, text("tag")]);
  await storeIn(lake).load();
  const { history } = (await lake.json(KEY)) as StoredSchema;
  expect(history).toEqual([
    {
      version: 1,
      run_id: "run 1",
      changed_at: "2026-11-20T09:00:00.000Z",
      added: [
        { name: "_run_id", data_type: "text" },
        { name: "_seq", data_type: "bigint" },
        { name: "_extracted_at", data_type: "timestamp" },
        { name: "id", data_type: "bigint" },
      ],
      changed: [],
    },
    {
      version: 2,
      run_id: "run 1",
      changed_at: "2026-11-20T09:00:00.000Z",
      added: [
        { name: "n", data_type: "bigint" },
        { name: "trialingx", data_type: "text", path: ["trialing?"] },
      ],
      changed: [],
    },
    {
      version: 3,
      run_id: "run 1",
      changed_at: "2026-11-20T09:01:00.000Z",
      added: [{ name: "tag", data_type: "text" }],
      changed: [{ name: "n", from: { data_type: "bigint" }, to: { data_type: "double" } }],
    },
  ]);
});

test("a later column is nullable whatever is declared, because earlier rows have no value", async () => {
  await using lake = await startLake();
  await storeIn(lake).load();
  const later = { ...ID, total: { data_type: "bigint" as const, nullable: false } };
  expect((await storeIn(lake, later).load()).columns.at(-1)).toMatchObject({ name: "total", nullable: true });
  expect((await storeIn(lake, later).load()).version).toBe(2);
});

test("a column that became nullable stays nullable", async () => {
  await using lake = await startLake();
  await storeIn(lake).load();
  await storeIn(lake, { id: { data_type: "bigint", nullable: true } }).load();
  expect((await storeIn(lake).load()).columns.at(-1)).toMatchObject({ name: "id", nullable: true });
});

test("a bigint stays a bigint once the table has Parquet parts", async () => {
  await using lake = await startLake();
  const n: TableColumn = { name: "n", data_type: "bigint", nullable: true };
  await storeIn(lake).add([n]);
  const parquet = storeIn(lake, ID, ["id"], EVOLVE, "parquet");
  expect(await parquet.load()).toMatchObject({ version: 2, file_formats: ["jsonl", "parquet"] });
  // This writer of JSON started earlier.
  expect((await storeIn(lake).add([{ ...n, data_type: "double" }])).columns.at(-1)).toEqual(n);
  expect((await storeIn(lake).load()).version).toBe(2);
});
