import type { FileFormat, TableColumn } from "../columns/table-schema.ts";
import { createJsonPart } from "./json.ts";
import { createParquetPart, type FixTypes } from "./parquet.ts";
import type { PartBuffer } from "./part.ts";

/** Constructors of empty parts, by file format. */
export const createPart: Record<FileFormat, (columns: TableColumn[], fixTypes?: FixTypes) => PartBuffer> = {
  jsonl: createJsonPart,
  parquet: (columns, fixTypes) => createParquetPart(columns, { fixTypes }),
};
