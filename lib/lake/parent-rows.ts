import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { CheckpointError } from "../errors/index.ts";
import { type Json, type JsonObject, parseJson, stringifyJson } from "../json/index.ts";
import { at } from "../json/path.ts";
import type { Ports } from "../ports/index.ts";
import type { Manifest } from "./manifest.ts";

const [compress, decompress] = [promisify(gzip), promisify(gunzip)];

/** Where a row of the parent stands: the part (from 1) and the row in it (from 0). */
export interface ParentPlace {
  part: number;
  row: number;
}

/**
 * What children need of one parent row, by the field's path; a field that the row does not have is missing. A key of the
 * row that is written just so comes first, whatever is in it: `include_from_parent` names keys.
 */
export const fieldsForChildren = (record: JsonObject, fields: string[]): JsonObject =>
  Object.fromEntries(
    fields.flatMap((field) => {
      const value = Object.hasOwn(record, field) ? record[field] : at(record, field);
      return value === undefined ? [] : [[field, value]];
    }),
  );

/** The object that goes beside a part of the parent. */
export const packParentRows = (rows: JsonObject[]): Promise<Uint8Array> => compress(stringifyJson(rows));

/** The parent's rows as its log has them. */
export interface ParentRows {
  /** The place itself if there is a row, else the next one with a row; null when the parent has no more. */
  find(place: ParentPlace): Promise<{ place: ParentPlace; row: JsonObject } | null>;
}

/** Reads the parent's rows through its manifest, one part at a time. */
export const openParentRows = ({ bucket }: Pick<Ports, "bucket">, manifest: Manifest): ParentRows => {
  /** The last two parts: who looks ahead of the row that is being read may be one part further. */
  let loaded: { part: number; rows: JsonObject[] }[] = [];

  const load = async (part: number): Promise<JsonObject[]> => {
    const known = loaded.find((candidate) => candidate.part === part);
    if (known !== undefined) return known.rows;
    const record = manifest.parts[part - 1];
    // A part without rows has some where a contract left all of them out of the table.
    if (record === undefined || (record.rows === 0 && record.parent_rows === null)) return [];
    const object = record.parent_rows === null ? null : await bucket.get(record.parent_rows);
    if (object === null) {
      throw new CheckpointError(
        `part ${part} of the parent ${manifest.resource} was written without the fields its children need: start over with new_run`,
      );
    }
    try {
      const rows = parseJson((await decompress(object.body)).toString()) as Json as JsonObject[];
      loaded = [...loaded.slice(-1), { part, rows }];
      return rows;
    } catch (cause) {
      throw new CheckpointError(
        `the fields of part ${part} of the parent ${manifest.resource} are corrupt in the bucket: start over with new_run`,
        { cause },
      );
    }
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
