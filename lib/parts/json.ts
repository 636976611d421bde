import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";
import type { TableColumn } from "../columns/table-schema.ts";
import type { DataType } from "../columns/types.ts";
import { MAX_LINE_BYTES } from "../config/defaults.ts";
import { ResponseError } from "../errors/index.ts";
import type { Cells } from "../rows/shape.ts";
import { createPartBuffer, type PartBuffer } from "./part.ts";

/** How the cells of a type are written; those of the others are numbers, true and false as they are. */
const QUOTED: Partial<Record<DataType, (cell: string) => string>> = {
  text: JSON.stringify,
  json: JSON.stringify,
  // Nothing in them has to be escaped.
  timestamp: (cell) => `"${cell}"`,
  date: (cell) => `"${cell}"`,
};

/** At worst every character is three bytes long. */
const SURELY_SHORT = MAX_LINE_BYTES / 3;

/** @throws ResponseError for a row that Athena could not read, by its key. */
const checkLength = (line: string, columns: TableColumn[], cells: Cells): void => {
  if (line.length <= SURELY_SHORT) return;
  const bytes = Buffer.byteLength(line);
  if (bytes <= MAX_LINE_BYTES) return;
  const key = columns.flatMap(({ name, primary_key }, index) => (primary_key ? [`${name}=${cells[index]}`] : []));
  const megabytes = (size: number) => Math.ceil(size / 2 ** 20);
  throw new ResponseError(
    `the row with ${key.join(", ") || `_seq=${cells[columns.findIndex(({ name }) => name === "_seq")]}`} takes ${megabytes(bytes)} MB as a line of JSON, and Athena reads ${megabytes(MAX_LINE_BYTES)} MB at most: leave large fields out in processing_steps, or write the resource as file_format: "parquet"`,
  );
};

/**
 * Writes rows of these columns as NDJSON: an object a line, every column in it, in order.
 *
 * @throws ResponseError for a row that takes more than `MAX_LINE_BYTES`.
 */
export const jsonLines = (columns: TableColumn[]): ((rows: Cells[]) => string) => {
  const prefixes = columns.map(({ name }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  const quoted = columns.map(({ data_type }) => QUOTED[data_type]);
  const end = columns.length === 0 ? "{}\n" : "}\n";
  return (rows) => {
    let lines = "";
    for (const cells of rows) {
      let line = "";
      // By number: an iterator of pairs costs more than the cells.
      for (let index = 0; index < cells.length; index++) {
        const cell = cells[index] ?? null;
        line += prefixes[index];
        line += cell === null ? cell : (quoted[index]?.(cell) ?? cell);
      }
      checkLength(line, columns, cells);
      lines += line + end;
    }
    return lines;
  };
};

/**
 * Compressed bytes come in pieces of this size. For each, the thread that compresses waits until the reader has time; a page
 * of a thousand rows about fits into one.
 */
const CHUNK_BYTES = 64 * 1024;

/** An empty part of gzipped NDJSON. Its gzip header holds no time, so equal rows give equal bytes. */
export const createJsonPart = (columns: TableColumn[]): PartBuffer => {
  const toLines = jsonLines(columns);
  const chunks: Buffer[] = [];
  let gzip: Gzip | undefined;
  /** Not before there are lines: the last part of a log is followed by one that never has any. */
  const opened = (): Gzip => {
    gzip ??= createGzip({ level: 6, chunkSize: CHUNK_BYTES }).on("data", (chunk: Buffer) => chunks.push(chunk));
    return gzip;
  };
  /** The lines before these are being compressed, in a thread of their own, while these are made. */
  let compressed: Promise<void> = Promise.resolve();
  return createPartBuffer({
    async write(rows) {
      const lines = Buffer.from(toLines(rows));
      await compressed;
      compressed = new Promise((resolve) => opened().write(lines, () => resolve()));
      return lines.byteLength;
    },
    async end() {
      await once(opened().end(), "end");
      const body = Buffer.concat(chunks);
      // While the part waits for its PUT, its bytes are there once.
      chunks.length = 0;
      return body;
    },
    discard: () => gzip?.destroy(),
  });
};
