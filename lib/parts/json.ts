import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";
import type { TableColumn } from "../columns/table-schema.ts";
import type { DataType } from "../columns/types.ts";
import { MAX_LINE_BYTES } from "../config/defaults.ts";
import { ResponseError } from "../errors/index.ts";
import type { Cells } from "../rows/shape.ts";
import { createPartBuffer, type PartBuffer } from "./part.ts";

/** Encoders of cells, by type. Cells of the other types are written unchanged: numbers, true and false. */
const QUOTED: Partial<Record<DataType, (cell: string) => string>> = {
  text: JSON.stringify,
  json: JSON.stringify,
  // These never contain a character that needs escaping.
  timestamp: (cell) => `"${cell}"`,
  date: (cell) => `"${cell}"`,
};

/** Every line of at most this many characters fits: a character takes at most three bytes. */
const ALWAYS_FITS = MAX_LINE_BYTES / 3;

/** @throws ResponseError for a row that is too long for Athena; the message contains the row's key. */
const checkLength = (line: string, columns: TableColumn[], cells: Cells): void => {
  if (line.length <= ALWAYS_FITS) return;
  const bytes = Buffer.byteLength(line);
  if (bytes <= MAX_LINE_BYTES) return;
  const key = columns.flatMap(({ name, primary_key }, index) => (primary_key ? [`${name}=${cells[index]}`] : []));
  const megabytes = (size: number) => Math.ceil(size / 2 ** 20);
  throw new ResponseError(
    `the row with ${key.join(", ") || `_seq=${cells[columns.findIndex(({ name }) => name === "_seq")]}`} is too large as a line of JSON (${megabytes(bytes)} MB; Athena reads at most ${megabytes(MAX_LINE_BYTES)} MB): drop large fields in processing_steps, or set file_format: "parquet"`,
  );
};

/**
 * Returns a function that encodes rows as NDJSON: one object per line, with all columns in order.
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
      // An index: the pairs of entries() would take longer than the cells.
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
 * Size of compressed chunks. The compressing thread waits after each chunk until the main thread has read it. A page of a
 * thousand rows takes about one chunk.
 */
const CHUNK_BYTES = 64 * 1024;

/** Returns an empty part of gzipped NDJSON. Equal rows give equal bytes: the gzip header contains no time. */
export const createJsonPart = (columns: TableColumn[]): PartBuffer => {
  let toLines = jsonLines(columns);
  const chunks: Buffer[] = [];
  let gzip: Gzip | undefined;
  /** Created with the first line: after the last part of a log, a part is opened that never gets a line. */
  const openGzip = (): Gzip => {
    gzip ??= createGzip({ level: 6, chunkSize: CHUNK_BYTES }).on("data", (chunk: Buffer) => chunks.push(chunk));
    return gzip;
  };
  /** Compression of the previous lines, in another thread, while the next lines are encoded. */
  let compressed: Promise<void> = Promise.resolve();
  return createPartBuffer({
    isEncoded: () => gzip !== undefined,
    setColumns(changed) {
      toLines = jsonLines(changed);
    },
    async write(rows) {
      const lines = Buffer.from(toLines(rows));
      await compressed;
      compressed = new Promise((resolve) => openGzip().write(lines, () => resolve()));
      return lines.byteLength;
    },
    async end() {
      await once(openGzip().end(), "end");
      const body = Buffer.concat(chunks);
      // The part may wait for its PUT: keep its bytes only once.
      chunks.length = 0;
      return body;
    },
    discard: () => gzip?.destroy(),
  });
};
