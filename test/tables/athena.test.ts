import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { columnName, contestedName, normaliseName } from "../../lib/columns/names.ts";
import { SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import { athenaStatements, catalogNames, glueColumns, PARTITION } from "../../lib/tables/athena.ts";
import { describeTable } from "../../lib/tables/description.ts";
import { rowSchema } from "../../lib/tables/json-schema.ts";
import { NO_MERGE_RULES } from "../lake/lake.fixture.ts";

const describeWith = (columns: [string, DataType][], write_disposition = "append", primary_key: string[] = []) => {
  const userColumns = columns.map(([name, data_type]): TableColumn => ({ name, data_type, nullable: true }));
  const rules = { write_disposition, primary_key, ...NO_MERGE_RULES };
  // In a stored schema, the system columns come first.
  return describeTable(
    "shop",
    "orders",
    { columns: [...SYSTEM_COLUMNS, ...userColumns], file_formats: ["jsonl"] },
    rules,
  );
};

const EVERY_TYPE: [string, DataType][] = [
  ["id", "bigint"],
  ["name", "text"],
  ["price", "double"],
  ["open", "bool"],
  ["at", "timestamp"],
  ["day", "date"],
  ["sum", "decimal"],
  ["tags", "json"],
];

test("athenaStatements returns the complete DDL and view of a table", () => {
  const statements = athenaStatements(describeWith([["order", "bigint"]], "merge", ["order"]), "lake", "my-bucket");
  expect(statements).toEqual([
    "CREATE DATABASE IF NOT EXISTS `lake`",
    "DROP TABLE IF EXISTS `lake`.`orders_parts_`",
    `CREATE EXTERNAL TABLE \`lake\`.\`orders_parts_\` (
  \`order\` bigint,
  \`_run_id\` string,
  \`_seq\` bigint,
  \`_extracted_at\` timestamp
)
PARTITIONED BY (\`dt_\` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
  'case.insensitive' = 'false',
  'ignore.malformed.json' = 'false'
)
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat' OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://my-bucket/data/shop/orders/json/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt_.type' = 'date',
  'projection.dt_.format' = 'yyyy-MM-dd',
  'projection.dt_.range' = '2024-01-01,NOW+1DAY',
  'projection.dt_.interval' = '1',
  'projection.dt_.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://my-bucket/data/shop/orders/json/dt=\${dt_}/'
)`,
    "DROP TABLE IF EXISTS `lake`.`orders_manifests_`",
    `CREATE EXTERNAL TABLE \`lake\`.\`orders_manifests_\` (
  \`run_id\` string,
  \`resource\` string,
  \`removes_missing_rows\` boolean,
  \`table_resources\` array<string>,
  \`parts\` array<struct<key:string>>
)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
  'case.insensitive' = 'false',
  'ignore.malformed.json' = 'false'
)
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat' OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://my-bucket/manifests/shop/orders/'`,
    `CREATE OR REPLACE VIEW "lake"."orders" AS
SELECT "order", "_run_id", "_seq", "_extracted_at" FROM (
SELECT *, row_number() OVER (PARTITION BY "order" ORDER BY "_run_id" DESC, "_seq" DESC, path_ DESC) AS rank_ FROM (
SELECT "order", "_run_id", "_seq", "_extracted_at", "$path" AS path_
FROM "lake"."orders_parts_"
WHERE "$path" IN (
  SELECT 's3://my-bucket/' || part
    FROM (SELECT run_id, parts, coalesce(max(CASE WHEN removes_missing_rows THEN run_id END) OVER (PARTITION BY owner), '') AS first_run FROM "lake"."orders_manifests_" AS manifests
      JOIN (SELECT split_part(entry, '/', 1) AS owner, coalesce(nullif(split_part(entry, '/', 2), ''), entry) AS name
      FROM (SELECT max_by(table_resources, run_id) AS entries FROM "lake"."orders_manifests_") AS newest
      CROSS JOIN UNNEST(newest.entries) AS entries(entry)) AS owners ON owners.name = manifests.resource) AS runs
    CROSS JOIN UNNEST(runs.parts) AS parts(part)
    WHERE runs.run_id >= runs.first_run
)
) AS current_rows) AS ranked WHERE (rank_ = 1 OR "order" IS NULL)`,
  ]);
});

test("a table with parts in both file formats has a base table per format and a view over both", () => {
  const both = { ...describeWith([["id", "bigint"]], "merge", ["id"]), file_formats: ["jsonl", "parquet"] as const };
  const statements = athenaStatements({ ...both, file_formats: [...both.file_formats] }, "lake", "b");
  const created = (name: string) =>
    statements.find((text) => text.startsWith(`CREATE EXTERNAL TABLE \`lake\`.\`${name}\``));
  expect(created("orders_parts_")).toContain("LOCATION 's3://b/data/shop/orders/json/'");
  expect(created("orders_parquet_")?.split(")\n").slice(1).join(")\n")).toBe(`PARTITIONED BY (\`dt_\` string)
ROW FORMAT SERDE 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'
STORED AS INPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat' OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat'
LOCATION 's3://b/data/shop/orders/parquet/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt_.type' = 'date',
  'projection.dt_.format' = 'yyyy-MM-dd',
  'projection.dt_.range' = '2024-01-01,NOW+1DAY',
  'projection.dt_.interval' = '1',
  'projection.dt_.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://b/data/shop/orders/parquet/dt=\${dt_}/'
)`);
  const view = statements.at(-1) ?? "";
  expect(view.match(/FROM "lake"."orders_(parts|parquet)_"/g)).toEqual([
    'FROM "lake"."orders_parts_"',
    'FROM "lake"."orders_parquet_"',
  ]);
  expect(view.match(/UNION ALL/g)).toHaveLength(1);
  const only = athenaStatements({ ...both, file_formats: ["parquet"] }, "lake", "b").join();
  expect(only).not.toContain("orders_parts_");
});

test("the view of a table that is not merged has no window function over its rows", () => {
  const [view = ""] = athenaStatements(describeWith([["id", "bigint"]], "replace", ["id"]), "lake", "b").slice(-1);
  expect(view).toContain("max(run_id) OVER (PARTITION BY owner) AS first_run");
  expect(view).not.toContain("row_number");
});

test("every data type has a type in Glue", () => {
  expect(glueColumns(describeWith(EVERY_TYPE))).toEqual([
    { Name: "id", Type: "bigint" },
    { Name: "name", Type: "string" },
    { Name: "price", Type: "double" },
    { Name: "open", Type: "boolean" },
    { Name: "at", Type: "timestamp" },
    { Name: "day", Type: "date" },
    { Name: "sum", Type: "decimal(38,9)" },
    { Name: "tags", Type: "string" },
    { Name: "_run_id", Type: "string" },
    { Name: "_seq", Type: "bigint" },
    { Name: "_extracted_at", Type: "timestamp" },
  ]);
});

test("a decimal column keeps its precision and scale in Glue", () => {
  const price: TableColumn = { name: "price", data_type: "decimal", precision: 12, scale: 2, nullable: true };
  const table = describeTable("shop", "orders", { columns: [...SYSTEM_COLUMNS, price], file_formats: ["jsonl"] });
  expect(glueColumns(table)[0]).toEqual({ Name: "price", Type: "decimal(12,2)" });
});

describe("names in the catalog", () => {
  // Names similar to the partition's are generated often, because random strings are rarely similar.
  const keys = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.stringMatching(/^[ _.-]{0,3}(dt|DT|path|rank|orders_parts)[ _.-]{0,3}$/),
  );

  test("differ from all names that a column of a row can have", () => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 3 }), (path) => {
        expect(columnName(path)).not.toMatch(/_$/);
        expect(contestedName(path)).not.toMatch(/_$/);
      }),
    );
    for (const taken of [PARTITION, "path_", "rank_"]) expect(taken).toMatch(/_$/);
  });

  test("of parts and manifests differ from all names that a table can have", () => {
    fc.assert(
      fc.property(keys, (name) => {
        expect(normaliseName(name)).not.toMatch(/_$/);
      }),
    );
    const { view, ...bases } = catalogNames("orders");
    expect(view).toBe("orders");
    for (const base of Object.values(bases)) expect(base).toMatch(/_$/);
  });
});

describe("the JSON Schema of a row", () => {
  const schema = rowSchema(describeWith(EVERY_TYPE));
  const isValid = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  const system = { _run_id: "20261116T030000Z-0000aaaa", _seq: 1, _extracted_at: "2026-11-16 03:00:00.250" };
  const row = { id: 1, name: "a", price: 1.5, open: true, at: "2026-11-16 03:00:00.000", day: "2026-11-16", sum: 0.1 };

  test("accepts the rows of a part, with nulls, and rows without columns that were added later", () => {
    expect(isValid({ ...row, tags: "[1]", ...system })).toBe(true);
    expect(
      isValid({ ...Object.fromEntries(Object.keys(row).map((name) => [name, null])), tags: null, ...system }),
    ).toBe(true);
    expect(isValid({ id: 1, ...system })).toBe(true);
  });

  test.each([
    ["a string in a number column", { id: "1" }],
    ["a fraction in an integer column", { id: 1.5 }],
    ["a number in a text column", { name: 1 }],
    ["a timestamp in another format", { at: "2026-11-16T03:00:00Z" }],
    ["a timestamp in a date column", { day: "2026-11-16 03:00:00.000" }],
    ["a list in a JSON column", { tags: [1] }],
    ["a column that the table does not have", { other: 1 }],
    ["a null run id", { _run_id: null }],
  ])("rejects %s", (_case, change) => {
    expect(isValid({ ...row, ...system, ...change })).toBe(false);
  });
});
