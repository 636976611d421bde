import { asRow, type Json, type JsonObject } from "../json/index.ts";
import { fieldAt } from "../json/path.ts";
import type { UnlinkedResource } from "./dependencies.ts";
import { isStatic, type MergedResource } from "./merge-defaults.ts";
import { nearest } from "./nearest.ts";
import type { SourceConfig } from "./schema/index.ts";
import type { ConfigPath, ValidationError } from "./validation-errors.ts";

/** Returns the rows of a resource; null for one that is requested. */
export const resolveRows = (resource: MergedResource): JsonObject[] | null =>
  isStatic(resource) ? (resource.rows as Json[]).map(asRow) : null;

/** Returns a client and a resource without anything that is sent: no name of a resource with rows is a path. */
export const withoutRequest = ({ base_url }: SourceConfig["client"], resource: MergedResource) => ({
  client: { base_url },
  resource: { ...resource, endpoint: { path: "", paginator: "single_page", params: {}, error_handler: {} } as const },
  other_origin: null,
});

/** A field that a child needs of each row of its parent. */
interface NeededField {
  field: string;
  path: ConfigPath;
  /** Whether rows without it are skipped. */
  isSkipped: boolean;
  purpose: string;
}

const neededFields = ({ parent, on_missing_parent_field }: UnlinkedResource): NeededField[] =>
  parent === null
    ? []
    : [
        ...parent.fields.map((field) => ({
          field,
          path: ["endpoint"],
          isSkipped: on_missing_parent_field === "skip",
          purpose: `, which {resources.${parent.resource}.${field}} needs`,
        })),
        ...parent.include.map((field) => ({ field, path: ["include_from_parent"], isSkipped: false, purpose: "" })),
      ];

/** Returns the first row without a field; null if none lacks it, or if those rows are skipped and there are others. */
const rowWithout = (
  rows: JsonObject[],
  { field, isSkipped }: NeededField,
): { index: number; row: JsonObject } | null => {
  const lacks = (row: JsonObject) => fieldAt(row, field) === undefined;
  const index = rows.findIndex(lacks);
  const row = rows[index];
  return row === undefined || (isSkipped && !rows.every(lacks)) ? null : { index, row };
};

/**
 * Returns an error for each field that a child needs, and that a row in the config does not have: the run would fail. Fields
 * of rows that processing steps change are not known.
 */
export const missingFieldErrors = (resources: (UnlinkedResource | null)[]): ValidationError[] =>
  resources.flatMap((child, resource) => {
    const parent = resources.find((candidate) => candidate?.name === child?.parent?.resource);
    if (child === null || parent == null || parent.rows === null || parent.processing_steps.length > 0) return [];
    const { name, rows } = parent;
    return neededFields(child).flatMap((needed): ValidationError[] => {
      const found = rowWithout(rows, needed);
      if (found === null) return [];
      const close = nearest(needed.field, Object.keys(found.row));
      const advice = close === undefined ? "add it to the row" : `did you mean ${JSON.stringify(close)}?`;
      const what = `rows[${found.index}] of ${name} has no ${JSON.stringify(needed.field)}${needed.purpose}`;
      return [{ resource, path: needed.path, message: `${what}: ${advice}` }];
    });
  });
