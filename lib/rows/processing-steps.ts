import type { Row } from "../config/callbacks.ts";
import { guardAsyncCallback, wrongResult } from "../config/guard-callback.ts";
import type { ProcessingStep } from "../config/resolved.ts";
import { isJsonObject, type JsonObject } from "../json/index.ts";
import { copyAsJson } from "./copy-as-json.ts";

const asRow = (result: unknown, callback: string): JsonObject => {
  const row = copyAsJson(result);
  if (isJsonObject(row)) return row;
  throw wrongResult(callback, result, "an object", " as a row");
};

const isIterable = (result: unknown): boolean =>
  typeof result === "object" && result !== null && (Symbol.iterator in result || Symbol.asyncIterator in result);

const applyStep = async (step: ProcessingStep, row: JsonObject, callback: string): Promise<JsonObject[]> => {
  if ("filter" in step) return (await step.filter(row as Row)) ? [row] : [];
  if ("map" in step) return [asRow(await step.map(row as Row), callback)];
  const results = await step.yield_map(row as Row);
  if (!isIterable(results)) throw wrongResult(callback, results, "a list of rows, or make it a generator");
  const rows: JsonObject[] = [];
  // Each row is copied before the next is made: a generator may yield the same object repeatedly.
  for await (const result of results) rows.push(asRow(result, callback));
  return rows;
};

/**
 * Applies the `processing_steps` of a resource (dlt): every row passes through every step, in order. The callbacks work on
 * copies, so the given records keep their values, and no two rows share an object.
 *
 * @throws ConfigError, with the name of the step, for a callback that throws or returns something that is not a row.
 */
export const processRows = async (records: JsonObject[], steps: ProcessingStep[]): Promise<JsonObject[]> => {
  if (steps.length === 0) return records;
  let rows = records.map((record) => copyAsJson(record) as JsonObject);
  for (const [index, step] of steps.entries()) {
    const callback = `processing_steps[${index}].${Object.keys(step)[0]}`;
    const next: JsonObject[] = [];
    for (const [number, row] of rows.entries()) {
      const input = ` at row ${number + 1} of the page`;
      for (const made of await guardAsyncCallback(callback, () => applyStep(step, row, callback), { input })) {
        next.push(made);
      }
    }
    rows = next;
  }
  return rows;
};
