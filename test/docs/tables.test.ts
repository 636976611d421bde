import { readFileSync } from "node:fs";
import { DuckDBInstance } from "@duckdb/node-api";
import { expect, test } from "vitest";
import { glueType } from "../../lib/tables/athena.ts";

const document = readFileSync(new URL("../../docs/tables.md", import.meta.url), "utf8");

const TYPES = ["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"] as const;

test("the types in docs/tables.md are those of the generated statements", () => {
  const rows = [...document.matchAll(/^\| `(\w+)` \| `([^`]+)` \| `[A-Z][^`]*` \|/gm)];
  expect(Object.fromEntries(rows.map(([, type, glue]) => [type, glue]))).toEqual(
    Object.fromEntries(TYPES.map((data_type) => [data_type, glueType({ data_type })])),
  );
});

test("the MERGE in docs/tables.md applies new, changed and deleted rows, and changes nothing when it is repeated", async () => {
  const merge = /^MERGE INTO[\s\S]*?(?=^```)/m.exec(document)?.[0] ?? "";
  // DuckDB's timestamps have microseconds, and their type has no precision.
  const statement = merge.replaceAll("timestamp(6)", "timestamp");
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  try {
    const columns = "(id BIGINT, status VARCHAR, updated_at TIMESTAMP, _run_id VARCHAR, _seq BIGINT)";
    for (const schema of ["curated", "order_management"]) {
      await connection.run(`CREATE SCHEMA ${schema}`);
      await connection.run(`CREATE TABLE ${schema}.orders ${columns}`);
    }
    const at = "TIMESTAMP '2026-11-16 03:00:00'";
    await connection.run(
      `INSERT INTO curated.orders VALUES (1, 'same', ${at}, 'a', 1), (2, 'old', ${at}, 'a', 2), (3, 'gone', ${at}, 'a', 3)`,
    );
    await connection.run(
      `INSERT INTO order_management.orders VALUES (1, 'same', ${at}, 'a', 1), (2, 'changed', ${at}, 'b', 1),
       (4, 'new', ${at}, 'b', 2), (NULL, 'no key', ${at}, 'b', 3)`,
    );
    const rows = async () =>
      (await connection.runAndReadAll("SELECT id, status, _run_id FROM curated.orders ORDER BY id")).getRowsJson();
    for (const changes of ["3", "0"]) {
      expect((await connection.runAndReadAll(statement)).getRowsJson()).toEqual([[changes]]);
      expect(await rows()).toEqual([
        ["1", "same", "a"],
        ["2", "changed", "b"],
        ["4", "new", "b"],
      ]);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});
