import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";
import { ResponseError } from "../errors.ts";
import type { Cells } from "../rows/shape.ts";
import type { TableColumn } from "../rows/table-schema.ts";
import { MAX_LINE_BYTES } from "../source/defaults.ts";
import type { DataType } from "../source/schema/index.ts";
import { createPartBuffer, type PartBuffer } from "./part.ts";

/** Types whose values are JSON texts; the others are numbers, true and false as they are. */
const TEXTS: ReadonlySet<DataType> = new Set(["text", "timestamp", "date", "json"]);

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
  const isText = columns.map(({ data_type }) => TEXTS.has(data_type));
  const end = columns.length === 0 ? "{}\n" : "}\n";
  return (rows) => {
    let lines = "";
    for (const cells of rows) {
      let line = "";
      // By number: an iterator of pairs costs more than the cells.
      for (let index = 0; index < cells.length; index++) {
        const cell = cells[index] ?? null;
        line += prefixes[index];
        line += cell !== null && isText[index] ? JSON.stringify(cell) : cell;
      }
      checkLength(line, columns, cells);
      lines += line + end;
    }
    return lines;
  };
};

/** An empty part of gzipped NDJSON. Its gzip header holds no time, so equal rows give equal bytes. */
export const createJsonPart = (columns: TableColumn[]): PartBuffer => {
  const toLines = jsonLines(columns);
  const gzip: Gzip = createGzip({ level: 6 });
  const chunks: Buffer[] = [];
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
  return createPartBuffer({
    async write(rows) {
      const lines = toLines(rows);
      if (!gzip.write(lines)) await once(gzip, "drain");
      return Buffer.byteLength(lines);
    },
    async end() {
      await once(gzip.end(), "end");
      return Buffer.concat(chunks);
    },
    discard: () => gzip.destroy(),
  });
};
