import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBValue } from "@duckdb/node-api";
import type { TableColumn } from "../../lib/columns/table-schema.ts";
import type { ColumnType } from "../../lib/columns/types.ts";
import { createParquetPart } from "../../lib/parts/parquet.ts";
import type { Cells } from "../../lib/rows/shape.ts";
import { quoteText } from "../../lib/tables/sql.ts";

/** What JavaScript has no value for is text; the sign of a zero counts. */
const plain = (value: DuckDBValue): unknown => (typeof value === "object" && value !== null ? String(value) : value);

/** A DuckDB that nobody restricts, and a folder for its files; both go with the variable. */
export const openDuck = async () => {
  const root = await mkdtemp(join(tmpdir(), "restlake-parquet-"));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  let files = 0;
  return {
    /** The path of a new file with these bytes. */
    async file(body: Uint8Array, extension = "parquet"): Promise<string> {
      const path = join(root, `${++files}.${extension}`);
      await writeFile(path, body);
      return path;
    },
    async ask(sql: string): Promise<unknown[][]> {
      const answer = await connection.runAndReadAll(sql);
      return answer.getRows().map((row) => row.map(plain));
    },
    /** Names and types of a query's columns. */
    async types(sql: string): Promise<string[][]> {
      const answer = await connection.runAndReadAll(`DESCRIBE ${sql}`);
      return answer.getRows().map(([name, type]) => [String(name), String(type)]);
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      await rm(root, { recursive: true });
    },
  };
};

export type Duck = Awaited<ReturnType<typeof openDuck>>;

/** A column by its type alone. */
export const columnOf = (name: string, type: ColumnType): TableColumn => ({ name, ...type, nullable: true });

/** The relation that a file is in DuckDB, with nothing of ours in between. */
export const parquetOf = (path: string): string => `read_parquet(${quoteText(path)}, hive_partitioning=false)`;

/** A finished part of these rows. */
export const partOf = async (columns: TableColumn[], rows: Cells[], row_group_bytes?: number): Promise<Uint8Array> => {
  const part = createParquetPart(columns, row_group_bytes);
  await part.add(rows, 0);
  return part.finish();
};

/** The columns of rows that only have to be many. */
export const COLUMNS: TableColumn[] = [
  columnOf("id", { data_type: "bigint" }),
  columnOf("name", { data_type: "text" }),
];
/** So many of those rows, from an id on. */
export const cells = (first: number, count: number): Cells[] =>
  Array.from({ length: count }, (_, index) => [String(first + index), `Größe ${"x".repeat(index % 50)}`]);
