import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import type { TableColumn } from "../../lib/columns/table-schema.ts";
import type { ColumnType } from "../../lib/columns/types.ts";
import { createParquetPart } from "../../lib/parts/parquet.ts";
import type { Cells } from "../../lib/rows/shape.ts";
import { quoteText } from "../../lib/tables/sql.ts";

/** Returns values without a JavaScript equivalent as strings. */
const plain = (value: DuckDBValue): unknown => (typeof value === "object" && value !== null ? String(value) : value);

/** Opens an unrestricted DuckDB, with a temporary folder for its files. */
export const openDuck = async () => {
  const root = await mkdtemp(join(tmpdir(), "restlake-parquet-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  let files = 0;
  return {
    /** Writes a new file, and returns its path. */
    async file(body: Uint8Array, extension = "parquet"): Promise<string> {
      const path = join(root, `${++files}.${extension}`);
      await writeFile(path, body);
      return path;
    },
    async ask(sql: string): Promise<unknown[][]> {
      const result = await connection.runAndReadAll(sql);
      return result.getRows().map((row) => row.map(plain));
    },
    /** Returns names and types of the columns of a query. */
    async types(sql: string): Promise<string[][]> {
      const result = await connection.runAndReadAll(`DESCRIBE ${sql}`);
      return result.getRows().map(([name, type]) => [String(name), String(type)]);
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await rm(root, { recursive: true });
    },
  };
};

export type Duck = Awaited<ReturnType<typeof openDuck>>;

/** Returns a nullable column of this type. */
export const columnOf = (name: string, type: ColumnType): TableColumn => ({ name, ...type, nullable: true });

/** Returns a file as a DuckDB relation, without restlake's own query around it. */
export const parquetOf = (path: string): string => `read_parquet(${quoteText(path)}, hive_partitioning=false)`;

/** Returns the content of a Parquet part with these rows. */
export const partOf = async (columns: TableColumn[], rows: Cells[], row_group_bytes?: number): Promise<Uint8Array> => {
  const part = createParquetPart(columns, { row_group_bytes });
  await part.add(rows, 0);
  return part.finish();
};

/** Columns of `cells`. */
export const COLUMNS: TableColumn[] = [
  columnOf("id", { data_type: "bigint" }),
  columnOf("name", { data_type: "text" }),
];
/** Returns `count` rows for `COLUMNS`, with ids from `first`. */
export const cells = (first: number, count: number): Cells[] =>
  Array.from({ length: count }, (_, index) => [String(first + index), `Größe ${"x".repeat(index % 50)}`]);
