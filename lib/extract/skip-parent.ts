import type { ResolvedResource } from "../config/resolved.ts";
import { AuthError, HttpError } from "../errors/index.ts";
import { stringifyJson } from "../json/index.ts";
import { parentField } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import type { SkippedParents } from "../metering/skipped-parents.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { ParentRow } from "./prefetch-plan.ts";
import { MissingParentFieldError } from "./request-builder.ts";

/**
 * Statuses that are not about one row: refused credentials, a proxy's refusal, a time limit, a replay that is too early,
 * a rate limit.
 */
const NEVER_SKIPPED = new Set([401, 407, 408, 425, 429]);

const isAboutRow = (status: number | null): boolean =>
  status !== null && status >= 400 && status <= 499 && !NEVER_SKIPPED.has(status);

/** Maximum length of a parent's value in a message. */
const MAX_VALUE = 60;

/** Returns the fields of a parent's row that the request uses, such as `id=2`, with secrets masked. */
export const parentKey = (resource: ResolvedResource, { row }: ParentRow, redactor: Pick<Redactor, "redact">): string =>
  (resource.parent?.fields ?? [])
    .map((field) => {
      const value = parentField(row, field);
      const text = typeof value === "string" ? value : value === undefined ? "(missing)" : stringifyJson(value);
      return `${field}=${redactor.redact(text).slice(0, MAX_VALUE)}`;
    })
    .join(", ");

/** Whether an error is a status about one row of the parent. */
const isRefusedRow = (error: unknown): error is HttpError | AuthError =>
  (error instanceof HttpError || error instanceof AuthError) && isAboutRow(error.status);

/** Adds the way to continue to the message of a refused row, for a config that does not skip such rows. */
export const adviseSkip = ({ parent, on_error }: ResolvedResource, error: unknown): unknown => {
  if (parent === null || on_error === "skip" || !isRefusedRow(error) || error instanceof AuthError) return error;
  return error.advise(`set on_error: "skip" to continue with the next row of ${parent.resource}`);
};

/**
 * Returns why the parent's row is skipped by the config; null when the error ends the resource. The cursor of
 * an incremental child moves with each page, past rows of later pages, so only the first page of a row may fail.
 */
export const skipReason = (
  { on_error, on_missing_parent_field, incremental }: ResolvedResource,
  { page }: Pick<Position, "page">,
  error: unknown,
): string | null => {
  if (error instanceof MissingParentFieldError) return on_missing_parent_field === "skip" ? error.reason : null;
  if (on_error !== "skip" || (incremental !== null && page !== null)) return null;
  return isRefusedRow(error) ? error.message : null;
};

/** Consequence of skipped rows for the table, by write disposition. */
const CONSEQUENCES: Record<ResolvedResource["write_disposition"], string> = {
  append: "the table lacks their rows",
  replace: "the table has none of their rows, not even those of earlier runs",
  merge: "the table keeps all rows of earlier runs",
};

/** Returns the warning about skipped rows of a resource's parent; none when there are none. */
export const skippedParentsWarning = (
  { parent, write_disposition }: Pick<ResolvedResource, "parent" | "write_disposition">,
  { skipped_parents, skipped_parent_rows: [first] }: SkippedParents,
): string[] => {
  if (skipped_parents === 0 || parent === null || first === undefined) return [];
  const rows = `${skipped_parents} ${skipped_parents === 1 ? "row" : "rows"} of ${parent.resource}`;
  const verb = skipped_parents === 1 ? "was" : "were";
  const which = skipped_parents === 1 ? "" : "the first: ";
  return [
    `${rows} ${verb} skipped (${which}${first.row}, ${first.reason}): ${CONSEQUENCES[write_disposition]}. The report lists the rows`,
  ];
};
