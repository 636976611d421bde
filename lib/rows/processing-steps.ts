import type { Row } from "../config/callbacks.ts";
import { guardAsyncCallback, wrongResult } from "../config/guard-callback.ts";
import type { CallbackStep, DeclaredStep, ProcessingStep } from "../config/resolved.ts";
import { isJsonObject, type JsonObject } from "../json/index.ts";
import { compileFilter } from "../json/row-filter.ts";
import { copyAsJson } from "./copy-as-json.ts";
import { applyDeclaredStep, fieldsOf } from "./declared-steps.ts";

const asRow = (result: unknown, callback: string): JsonObject => {
  const row = copyAsJson(result);
  if (isJsonObject(row)) return row;
  throw wrongResult(callback, result, "an object", " as a row");
};

const isIterable = (result: unknown): boolean =>
  typeof result === "object" && result !== null && (Symbol.iterator in result || Symbol.asyncIterator in result);

const isDeclared = (step: ProcessingStep): step is DeclaredStep =>
  Object.values(step).every((value) => typeof value !== "function");

const nameOf = (step: ProcessingStep, index: number): string => `processing_steps[${index}].${Object.keys(step)[0]}`;

const applyCallback = async (step: CallbackStep, row: JsonObject, callback: string): Promise<JsonObject[]> => {
  if ("filter" in step) return (await step.filter(row as Row)) ? [row] : [];
  if ("map" in step) return [asRow(await step.map(row as Row), callback)];
  const results = await step.yield_map(row as Row);
  if (!isIterable(results)) throw wrongResult(callback, results, "a list of rows, or make it a generator");
  const rows: JsonObject[] = [];
  // Each row is copied before the next is made: a generator may yield the same object repeatedly.
  for await (const result of results) rows.push(asRow(result, callback));
  return rows;
};

/** A row between two steps, and its number in the page, from 1. */
interface NumberedRow {
  row: JsonObject;
  number: number;
}

const applyStep = async (
  step: ProcessingStep,
  { row, number }: NumberedRow,
  name: string,
  opened_at: number,
): Promise<JsonObject[]> => {
  if (!isDeclared(step)) {
    const input = ` at row ${number} of the page`;
    return guardAsyncCallback(name, () => applyCallback(step, row, name), { input });
  }
  const made = applyDeclaredStep(row, step, { step: name, row: number, opened_at });
  return made === null ? [] : [made];
};

/** Returns the first warning about the result of a declared filter; null for none, and for any other step. */
const filterWarning = (step: ProcessingStep, rows: NumberedRow[]): string | null => {
  if (!("filter" in step) || typeof step.filter === "function") return null;
  const { warningAbout } = compileFilter(step.filter);
  for (const { row } of rows) {
    const warning = warningAbout(row);
    if (warning !== null) return warning;
  }
  return null;
};

/** Rows after the processing steps. */
export interface ProcessedRows {
  rows: JsonObject[];
  /** Filters that may discard other rows than their author expects. */
  warnings: string[];
}

/**
 * Applies the `processing_steps` of a resource (dlt): every row passes through every step, in order. The steps work on copies,
 * so the given records keep their values, and no two rows share an object.
 *
 * @param opened_at time of the run, in milliseconds since 1970.
 * @throws ConfigError, with the name of the step, for a callback that throws or returns something that is not a row.
 * @throws ResponseError, with the name of the step, for a row that a declared step cannot change.
 */
export const processRows = async (
  records: JsonObject[],
  steps: ProcessingStep[],
  opened_at: number,
): Promise<ProcessedRows> => {
  if (steps.length === 0) return { rows: records, warnings: [] };
  const warnings: string[] = [];
  let rows = records.map(
    (record, index): NumberedRow => ({ row: copyAsJson(record) as JsonObject, number: index + 1 }),
  );
  for (const [index, step] of steps.entries()) {
    const name = nameOf(step, index);
    const warning = filterWarning(step, rows);
    if (warning !== null) warnings.push(`${name}: ${warning}`);
    const next: NumberedRow[] = [];
    for (const numbered of rows) {
      for (const row of await applyStep(step, numbered, name, opened_at)) next.push({ row, number: numbered.number });
    }
    rows = next;
  }
  return { rows: rows.map(({ row }) => row), warnings };
};

/** Returns a note for each field of a declared step that no row has, as where its name is misspelled. */
export const missingFieldNotes = async (
  records: JsonObject[],
  steps: ProcessingStep[],
  opened_at: number,
): Promise<string[]> => {
  const notes: string[] = [];
  for (const [index, step] of steps.entries()) {
    if (!isDeclared(step)) continue;
    const { rows } = await processRows(records, steps.slice(0, index), opened_at);
    const missing = rows.length === 0 ? [] : fieldsOf(step).filter(({ isIn }) => !rows.some(isIn));
    notes.push(...missing.map(({ text }) => `${nameOf(step, index)}: no row of this page has ${text}`));
  }
  return notes;
};
