import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { TableColumn } from "../../lib/columns/table-schema.ts";
import type { DataType } from "../../lib/columns/types.ts";
import type { MergeRules } from "../../lib/config/resolved.ts";
import { sha256 } from "../../lib/json/hash.ts";
import { stringifyJson } from "../../lib/json/index.ts";
import { manifestKey } from "../../lib/lake/keys.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Lake } from "../../local/lake/index.ts";
import { type ManifestFacts, manifestOf } from "../lake/manifest.fixture.ts";

/** Run ids in chronological order. */
export const MONDAY = "20261116T030000Z-0000aaaa";
export const TUESDAY = "20261117T030000Z-0000bbbb";
export const WEDNESDAY = "20261118T030000Z-0000cccc";

/** A run of one resource that a test writes itself. */
export interface HandmadeRun
  extends Partial<Pick<Manifest, "full_refresh" | "removes_missing_rows" | "table_resources" | keyof MergeRules>> {
  table: string;
  resource?: string;
  run_id: string;
  /** Rows of each part; a string is written as a line unchanged. */
  parts: (Record<string, unknown> | string)[][];
  /** False: the run is in progress or failed. */
  finished?: boolean;
}

const SYSTEM: TableColumn[] = [
  { name: "_run_id", data_type: "text", nullable: false },
  { name: "_seq", data_type: "bigint", nullable: false },
  { name: "_extracted_at", data_type: "timestamp", nullable: false },
];

/** Writes the manifest of a handmade run. */
export const putManifest = (put: (key: string, body: string) => Promise<void>, facts: ManifestFacts): Promise<void> => {
  const manifest = manifestOf(facts);
  return put(manifestKey({ ...manifest, selected: true }), `${stringifyJson(manifest)}\n`);
};

/** Creates a lake with the documented layout in a new folder, which is removed on disposal. */
export const makeLake = async (source = "shop", folder = "lake") => {
  const root = await mkdtemp(join(tmpdir(), "restlake-lake-"));
  const out = join(root, folder);
  const file = (key: string) => join(out, "s3", "lake", key);
  const put = async (key: string, body: string | Uint8Array) => {
    await mkdir(dirname(file(key)), { recursive: true });
    await writeFile(file(key), body);
  };
  return {
    out,
    file,
    put,
    async schema(table: string, columns: Record<string, DataType>) {
      const own = Object.entries(columns).map(([name, data_type]) => ({ name, data_type, nullable: true }));
      await put(
        `schemas/${source}/${table}.json`,
        stringifyJson({ version: 1, file_formats: ["jsonl"], columns: [...SYSTEM, ...own], history: [] }),
      );
    },
    async run({ table, resource = table, run_id, parts, finished = true, ...facts }: HandmadeRun) {
      const date = `${run_id.slice(0, 4)}-${run_id.slice(4, 6)}-${run_id.slice(6, 8)}`;
      const records: ManifestFacts["parts"] = [];
      let seq = 0;
      for (const [index, rows] of parts.entries()) {
        const key = `data/${source}/${table}/json/dt=${date}/${run_id}/${resource}-00000${index + 1}.json.gz`;
        const lines = rows.map((row) => {
          const system = { _run_id: run_id, _seq: ++seq, _extracted_at: "2026-11-16 03:00:00.250" };
          const line = stringifyJson(system);
          if (typeof row === "string") return `${line.slice(0, -1)},${row.slice(1)}\n`;
          return `${stringifyJson({ ...system, ...row })}\n`;
        });
        const body = gzipSync(lines.join(""));
        await put(key, body);
        records.push({ key, rows: rows.length, bytes: body.length, sha256: sha256(body) });
      }
      if (finished) await putManifest(put, { source, resource, table, run_id, ...facts, parts: records });
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
};

/** Returns the rows of a query; values that JavaScript cannot represent are strings. */
export const ask = async (lake: Lake, sql: string): Promise<unknown[][]> => {
  const result = await lake.query(sql);
  const rows: unknown[][] = [];
  for await (const chunk of result.chunks) {
    rows.push(...chunk.map((row) => row.map((value) => (typeof value === "object" && value ? String(value) : value))));
  }
  return rows;
};
