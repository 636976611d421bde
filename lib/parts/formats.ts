import type { FileFormat, TableColumn } from "../columns/table-schema.ts";
import { createJsonPart } from "./json.ts";
import { createParquetPart } from "./parquet.ts";
import type { PartBuffer } from "./part.ts";

/** Constructors of empty parts, by file format. */
export const createPart: Record<FileFormat, (columns: TableColumn[]) => PartBuffer> = {
  jsonl: createJsonPart,
  parquet: (columns) => createParquetPart(columns),
};
