import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";
import type { Cells } from "../rows/shape.ts";
import type { TableColumn } from "../rows/table-schema.ts";
import type { DataType } from "../source/schema/index.ts";
import type { PartBuffer } from "./part.ts";

/** Types whose values are JSON texts; the others are numbers, true and false as they are. */
const TEXTS: ReadonlySet<DataType> = new Set(["text", "timestamp", "date", "json"]);

/** Writes rows of these columns as NDJSON: an object a line, every column in it, in order. */
export const jsonLines = (columns: TableColumn[]): ((rows: Cells[]) => string) => {
  const prefixes = columns.map(({ name }, index) => `${index === 0 ? "{" : ","}${JSON.stringify(name)}:`);
  const isText = columns.map(({ data_type }) => TEXTS.has(data_type));
  const end = columns.length === 0 ? "{}\n" : "}\n";
  return (rows) => {
    let lines = "";
    for (const cells of rows) {
      for (const [index, cell] of cells.entries()) {
        lines += prefixes[index];
        lines += cell !== null && isText[index] ? JSON.stringify(cell) : String(cell);
      }
      lines += end;
    }
    return lines;
  };
};

/** An empty part of gzipped NDJSON. Its gzip header holds no time, so equal rows give equal bytes. */
export const createJsonPart = (columns: TableColumn[]): PartBuffer => {
  const toLines = jsonLines(columns);
  const gzip: Gzip = createGzip({ level: 6 });
  const chunks: Buffer[] = [];
  let rows = 0;
  let bytes = 0;
  let openedAt: number | null = null;
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
  let finished: Promise<Uint8Array> | undefined;

  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    get opened_at() {
      return openedAt;
    },
    async add(added, now) {
      if (added.length === 0) return;
      openedAt ??= now;
      const lines = toLines(added);
      rows += added.length;
      bytes += Buffer.byteLength(lines);
      if (!gzip.write(lines)) await once(gzip, "drain");
    },
    finish() {
      finished ??= once(gzip.end(), "end").then(() => Buffer.concat(chunks));
      return finished;
    },
    discard() {
      gzip.destroy();
    },
  };
};
