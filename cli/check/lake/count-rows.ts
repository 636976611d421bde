import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { parquetMetadata } from "hyparquet";
import type { FileFormat } from "../../../lib/columns/table-schema.ts";

const NEWLINE = "\n".charCodeAt(0);

/** Counts lines without holding them in memory. */
const countLines = async (content: Uint8Array): Promise<number> => {
  let lines = 0;
  for await (const chunk of Readable.from([content]).pipe(createGunzip()) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
  }
  return lines;
};

const parquetRows = async (content: Uint8Array): Promise<number> =>
  Number(parquetMetadata(content.slice().buffer).num_rows);

/**
 * Returns the number of rows in a part.
 *
 * @throws Error if the content is not in this format.
 */
export const countRows: Record<FileFormat, (content: Uint8Array) => Promise<number>> = {
  jsonl: countLines,
  parquet: parquetRows,
};
