import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { CheckpointError } from "../errors/index.ts";
import { sha256 } from "../json/hash.ts";
import { type Json, type JsonObject, stringifyJson } from "../json/index.ts";
import { copyLiteral } from "../json/literals.ts";
import { parseJson } from "../json/parse.ts";
import { fieldAt } from "../json/path.ts";
import type { Ports } from "../ports/index.ts";
import { parentRowsKey } from "./keys.ts";
import type { Manifest } from "./manifest.ts";

const [compress, decompress] = [promisify(gzip), promisify(gunzip)];

/** Place of a row of the parent: the part (from 1) and the row in it (from 0). */
export interface ParentPlace {
  part: number;
  row: number;
}

/** Returns a field of a parent's row, by its path in the config; undefined if the row does not have it. */
export const parentField = (row: JsonObject, field: string): Json | undefined =>
  Object.hasOwn(row, field) ? row[field] : undefined;

/** Returns the fields of a parent's row that its children use, by path; a field that the row does not have is missing. */
export const fieldsForChildren = (record: JsonObject, fields: string[]): JsonObject => {
  const row: JsonObject = Object.fromEntries(
    fields.flatMap((field) => {
      const value = fieldAt(record, field);
      return value === undefined ? [] : [[field, value]];
    }),
  );
  for (const field of fields) copyLiteral(record, field, row, field);
  return row;
};

/** Returns the content of the object that stores the parent rows of one part: a gzipped JSON list. */
export const packParentRows = (rows: JsonObject[]): Promise<Uint8Array> =>
  compress(`[${rows.map(stringifyJson).join(",")}]`);

/** The rows of a parent, in the order of its log. */
export interface ParentRows {
  /** Returns the row at this place, or else the next row; null after the last row. */
  find(place: ParentPlace): Promise<{ place: ParentPlace; row: JsonObject } | null>;
}

/** Returns the rows of a parent, read one part at a time through its manifest. */
export const openParentRows = ({ bucket }: Pick<Ports, "bucket">, manifest: Manifest): ParentRows => {
  /** The last two parts: prefetching may be one part further than the row that is being read. */
  let loaded: { part: number; rows: JsonObject[] }[] = [];

  const load = async (part: number): Promise<JsonObject[]> => {
    const known = loaded.find((candidate) => candidate.part === part);
    if (known !== undefined) return known.rows;
    const record = manifest.parts[part - 1];
    // A part without rows has parent rows if schema_contract discarded all of its rows.
    if (record === undefined || (record.rows === 0 && record.parent_rows === null)) return [];
    const object = record.parent_rows === null ? null : await bucket.get(record.parent_rows);
    if (object === null) {
      throw new CheckpointError(
        `part ${part} of the parent ${manifest.resource} has no fields for its children (${record.parent_rows ?? record.key}): start with new_run`,
      );
    }
    // The key is the hash of the content. With other rows, children would be missing, or of other parents.
    if (parentRowsKey(manifest, sha256(object.body)) !== record.parent_rows) {
      throw new CheckpointError(
        `the fields of part ${part} of the parent ${manifest.resource} are corrupt (${record.parent_rows}): restore an older version of the object, or start with new_run`,
      );
    }
    const rows = parseJson((await decompress(object.body)).toString()) as JsonObject[];
    loaded = [...loaded.slice(-1), { part, rows }];
    return rows;
  };

  return {
    async find({ part, row }) {
      for (let [number, index] = [part, row]; number <= manifest.parts.length; number++, index = 0) {
        const found = (await load(number))[index];
        if (found !== undefined) return { place: { part: number, row: index }, row: found };
      }
      return null;
    },
  };
};
