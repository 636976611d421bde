import type { ResolvedResource } from "../config/resolved.ts";
import { ParentError, ResponseError } from "../errors/index.ts";
import type { Json, JsonObject } from "../json/index.ts";
import { copyLiteral } from "../json/literals.ts";
import { addressOf } from "../lake/keys.ts";
import { readManifest } from "../lake/manifest.ts";
import { openParentRows, type ParentRows } from "../lake/parent-rows.ts";
import type { RunContext } from "./run-context.ts";

/** Returns the records with the parent's fields that `include_from_parent` names, each as `_<parent>_<field>` (dlt). */
export const withParentFields = (
  resource: ResolvedResource,
  row: JsonObject | null,
  records: JsonObject[],
): JsonObject[] => {
  const { parent } = resource;
  if (parent === null || row === null || parent.include.length === 0) return records;
  const fields = parent.include.map((field) => {
    if (!Object.hasOwn(row, field)) {
      throw new ResponseError(
        `a row of ${parent.resource} has no field ${field}, which include_from_parent names: remove ${field} there, or filter such rows out of ${parent.resource}`,
      );
    }
    return { field, name: `_${parent.resource}_${field}`, value: row[field] as Json };
  });
  const added = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  return records.map((record) => {
    const complete = { ...record, ...added };
    for (const { field, name } of fields) copyLiteral(row, field, complete, name);
    return complete;
  });
};

/**
 * Opens the rows of the resource's parent in this run; null for a resource without a parent.
 *
 * @throws ParentError when the parent is not done in this run.
 */
export const openParents = async ({ ports, source, resource, run }: RunContext): Promise<ParentRows | null> => {
  const parent = source.resources.find(({ name }) => name === resource.parent?.resource);
  if (parent === undefined) return null;
  const manifest = await readManifest(ports, addressOf(source.name, parent, run.run_id));
  if (manifest !== null) return openParentRows(ports, manifest);
  throw new ParentError(
    `its parent ${parent.name} is not done in run ${run.run_id}: fix what stopped ${parent.name}, or invoke it first`,
    { source: source.name, resource: resource.name },
  );
};
