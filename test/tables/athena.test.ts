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
  const own = columns.map(([name, data_type]): TableColumn => ({ name, data_type, nullable: true }));
  const rules = { write_disposition, primary_key, ...NO_MERGE_RULES };
  // As a stored schema has them: restlake's own first.
  return describeTable("shop", "orders", { columns: [...SYSTEM_COLUMNS, ...own], file_formats: ["jsonl"] }, rules);
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

test("Athena's statements of a table, to the letter", () => {
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
  \`full_refresh\` boolean,
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
SELECT *, row_number() OVER (PARTITION BY "order" ORDER BY "_run_id" DESC, "_seq" DESC, path_ DESC) AS place_ FROM (
SELECT "order", "_run_id", "_seq", "_extracted_at", "$path" AS path_
FROM "lake"."orders_parts_"
WHERE "$path" IN (
  SELECT 's3://my-bucket/' || part
    FROM (SELECT run_id, parts, coalesce(max(CASE WHEN full_refresh THEN run_id END) OVER (PARTITION BY resource), '') AS first_run FROM "lake"."orders_manifests_") AS runs
    CROSS JOIN UNNEST(runs.parts) AS parts(part)
    WHERE runs.run_id >= runs.first_run
)
) AS counted) AS placed WHERE place_ = 1`,
  ]);
});

test("a table with Parquet parts has a table of those, and one with both kinds a view over both", () => {
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

test("a table without a key is read without a window over its rows", () => {
  const [view = ""] = athenaStatements(describeWith([["id", "bigint"]], "replace", ["id"]), "lake", "b").slice(-1);
  expect(view).toContain("max(run_id) OVER (PARTITION BY resource) AS first_run");
  expect(view).not.toContain("row_number");
});

test("every type has a name in Glue", () => {
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

test("a decimal has the digits that its column has", () => {
  const price: TableColumn = { name: "price", data_type: "decimal", precision: 12, scale: 2, nullable: true };
  const table = describeTable("shop", "orders", { columns: [...SYSTEM_COLUMNS, price], file_formats: ["jsonl"] });
  expect(glueColumns(table)[0]).toEqual({ Name: "price", Type: "decimal(12,2)" });
});

describe("names that restlake gives in the catalog", () => {
  // Names around the partition's are drawn often; any text seldom comes near it.
  const keys = fc.oneof(
    fc.string({ unit: "binary", maxLength: 300 }),
    fc.stringMatching(/^[ _.-]{0,3}(dt|DT|path|place|orders_parts)[ _.-]{0,3}$/),
  );

  test("no column of a row is named like the partition, or like what the view adds", () => {
    fc.assert(
      fc.property(fc.array(keys, { minLength: 1, maxLength: 3 }), (path) => {
        expect(columnName(path)).not.toMatch(/_$/);
        expect(contestedName(path)).not.toMatch(/_$/);
      }),
    );
    for (const taken of [PARTITION, "path_", "place_"]) expect(taken).toMatch(/_$/);
  });

  test("no table is named like another one's parts or manifests", () => {
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
  const fits = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);
  const own = { _run_id: "20261116T030000Z-0000aaaa", _seq: 1, _extracted_at: "2026-11-16 03:00:00.250" };
  const row = { id: 1, name: "a", price: 1.5, open: true, at: "2026-11-16 03:00:00.000", day: "2026-11-16", sum: 0.1 };

  test("takes rows as they lie in a part, with nulls, and those of parts that lack a newer column", () => {
    expect(fits({ ...row, tags: "[1]", ...own })).toBe(true);
    expect(fits({ ...Object.fromEntries(Object.keys(row).map((name) => [name, null])), tags: null, ...own })).toBe(
      true,
    );
    expect(fits({ id: 1, ...own })).toBe(true);
  });

  test.each([
    ["a text for a number", { id: "1" }],
    ["a fraction for an integer", { id: 1.5 }],
    ["a number for a text", { name: 1 }],
    ["a timestamp of another form", { at: "2026-11-16T03:00:00Z" }],
    ["a timestamp for a date", { day: "2026-11-16 03:00:00.000" }],
    ["a list for JSON text", { tags: [1] }],
    ["a column that the table does not have", { other: 1 }],
    ["no run", { _run_id: null }],
  ])("refuses %s", (_what, change) => {
    expect(fits({ ...row, ...own, ...change })).toBe(false);
  });
});
