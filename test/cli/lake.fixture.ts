import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A row as stored in a part. Integers beyond 2^53 are BigInt. */
export type StoredRow = Record<string, unknown>;

/** Rows that one run loaded into a table. */
export interface LoadedRun {
  run_id: string;
  rows: StoredRow[];
  parts: number;
}

interface ManifestOnDisk {
  run_id: string;
  rows: number;
  parts: { key: string; rows: number; bytes: number; sha256: string }[];
}

const { parse } = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): StoredRow;
};

const exact = (_key: string, value: unknown, { source = "" }: { source?: string }): unknown =>
  typeof value === "number" && /^-?\d+$/.test(source) && !Number.isSafeInteger(value) ? BigInt(source) : value;

const readPart = (bucket: string, part: ManifestOnDisk["parts"][number]): StoredRow[] => {
  const bytes = readFileSync(join(bucket, part.key));
  if (bytes.length !== part.bytes || createHash("sha256").update(bytes).digest("hex") !== part.sha256) {
    throw new Error(`${part.key} differs from its manifest`);
  }
  const text = gunzipSync(bytes).toString();
  if (text !== "" && !text.endsWith("\n")) throw new Error(`${part.key} ends within a line`);
  const rows = text
    .split("\n")
    .slice(0, -1)
    .map((line) => parse(line, exact));
  if (rows.length !== part.rows) throw new Error(`${part.key} has ${rows.length} rows, its manifest has ${part.rows}`);
  return rows;
};

/** Returns the finished runs of a table, in the order in which they ended, from their manifests and parts. */
export const readTable = (out: string, source: string, table: string): LoadedRun[] => {
  const bucket = join(out, "s3", "lake");
  const folder = join(bucket, "manifests", source, table);
  if (!existsSync(folder)) return [];
  const written = (file: string) => statSync(join(folder, file)).mtimeMs;
  return readdirSync(folder)
    .sort((a, b) => written(a) - written(b))
    .map((file) => {
      const { run_id, rows, parts } = JSON.parse(readFileSync(join(folder, file), "utf8")) as ManifestOnDisk;
      const read = parts.flatMap((part) => readPart(bucket, part));
      if (read.length !== rows) throw new Error(`${file}: ${read.length} rows, not ${rows}`);
      return { run_id, rows: read, parts: parts.length };
    });
};

/** Returns an object of the local lake as text. */
export const readObject = (out: string, key: string): string => readFileSync(join(out, "s3", "lake", key), "utf8");

/** Returns the paths of all files in a folder and its subfolders. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
