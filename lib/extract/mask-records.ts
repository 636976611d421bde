import type { ResolvedResource } from "../config/resolved.ts";
import { ResponseError } from "../errors/index.ts";
import { canonicalJson, type Json, type JsonObject, stringifyJson } from "../json/index.ts";
import { compilePath } from "../json/path.ts";
import { fieldsForChildren } from "../lake/parent-rows.ts";
import type { Redactor } from "../ports/redactor.ts";

/** Warning of a resource with masked rows. */
const MASKED =
  "rows contain keys, tokens or passwords of the secret, which are stored as ***: leave those fields out, or set mask_in_rows: false in the secret reference of a value that may be stored";

const cannotMask = (field: string, use: string): ResponseError =>
  new ResponseError(
    `${field} of a row contains a key, token or password of the secret, which must not be stored, and ${use}: use another field, or set mask_in_rows: false in the secret reference if the value may be stored`,
  );

const isEqual = (one: Json | undefined, other: Json | undefined): boolean =>
  canonicalJson(one ?? null) === canonicalJson(other ?? null);

/** @throws ResponseError when a request would be built from a masked value. */
const checkUses = (
  { fields_for_children, incremental }: ResolvedResource,
  record: JsonObject,
  masked: JsonObject,
): void => {
  const [given, stored] = [record, masked].map((row) => fieldsForChildren(row, fields_for_children));
  const field = fields_for_children.find((name) => !isEqual(given?.[name], stored?.[name]));
  if (field !== undefined) throw cannotMask(field, "child resources use it");
  if (incremental === null) return;
  const cursors = (row: JsonObject): Json => compilePath(incremental.cursor_path).all(row);
  if (!isEqual(cursors(record), cursors(masked)))
    throw cannotMask(incremental.cursor_path, "the next run starts at it");
};

/** Records with keys masked. */
export interface MaskedRecords {
  records: JsonObject[];
  masked_rows: number;
  warnings: string[];
}

/** Returns records that contain no key. */
export const notMasked = (records: JsonObject[]): MaskedRecords => ({ records, masked_rows: 0, warnings: [] });

/**
 * Masks the keys, tokens and passwords in processed records, which are stored from here on.
 *
 * @throws ResponseError when a child's request or an incremental cursor would be built from a masked value.
 */
export const maskRecords = (resource: ResolvedResource, redactor: Redactor, records: JsonObject[]): MaskedRecords => {
  if (!redactor.isIn(stringifyJson(records))) return notMasked(records);
  let masked_rows = 0;
  const masked = records.map((record) => {
    if (!redactor.isIn(stringifyJson(record))) return record;
    masked_rows++;
    const safe = redactor.redactData(record);
    checkUses(resource, record, safe);
    return safe;
  });
  return { records: masked, masked_rows, warnings: masked_rows === 0 ? [] : [MASKED] };
};
