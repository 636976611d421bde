import type { Row } from "../config/callbacks.ts";
import type { ProcessingStep } from "../config/resolved.ts";
import { ConfigError, RestlakeError } from "../errors/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";

/** The name of what a value is, for a message. */
const kindOf = (value: unknown): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name = (Object.getPrototypeOf(value) as { constructor?: { name?: string } } | null)?.constructor?.name;
  return name === undefined || name === "Object" ? "an object" : `a ${name}`;
};

/**
 * A copy of what a function made, as JSON: dates as ISO text, what has a `toJSON` as that says, maps as objects and sets
 * as lists, undefined and functions left out.
 */
const asJson = (value: unknown, within: readonly object[] = []): Json | undefined => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return Number.isFinite(value) ? value : null;
    case "bigint":
      return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    case "object":
      break;
    default:
      return undefined;
  }
  if (value === null) return null;
  if (within.includes(value)) throw new TypeError("an object in it holds itself");
  const deeper = [...within, value];
  if ("toJSON" in value && typeof value.toJSON === "function") return asJson(value.toJSON(), deeper);
  if ("then" in value && typeof value.then === "function") throw new TypeError("a promise is in it: await it");
  if (Array.isArray(value) || value instanceof Set) return Array.from(value, (inner) => asJson(inner, deeper) ?? null);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(
    entries.flatMap(([key, inner]) => {
      const json = asJson(inner, deeper);
      return json === undefined ? [] : [[String(key), json] as const];
    }),
  );
};

const asRow = (made: unknown, where: string): JsonObject => {
  const row = asJson(made);
  if (isJsonObject(row)) return row;
  throw new ConfigError(`${where} returned ${kindOf(made)} where a row was expected: return an object`);
};

const isIterable = (made: unknown): boolean =>
  typeof made === "object" && made !== null && (Symbol.iterator in made || Symbol.asyncIterator in made);

const apply = async (step: ProcessingStep, row: JsonObject, where: string): Promise<JsonObject[]> => {
  if ("filter" in step) return (await step.filter(row as Row)) ? [row] : [];
  if ("map" in step) return [asRow(await step.map(row as Row), where)];
  const made = await step.yield_map(row as Row);
  if (!isIterable(made)) {
    throw new ConfigError(
      `${where} returned ${kindOf(made)}, and no rows to go through: return a list, or make it a generator`,
    );
  }
  const rows: JsonObject[] = [];
  // Each one is copied before the next is made: a generator may yield one object again and again.
  for await (const one of made) rows.push(asRow(one, where));
  return rows;
};

/**
 * dlt's `processing_steps`: every row through every step, in order. The functions work on copies: whatever they do to a
 * row, the records stay as the API sent them, and no row shares anything with another.
 *
 * @throws ConfigError for a function that throws, or returns what is no row, naming the step.
 */
export const processRows = async (records: JsonObject[], steps: ProcessingStep[]): Promise<JsonObject[]> => {
  if (steps.length === 0) return records;
  let rows = records.map((record) => asJson(record) as JsonObject);
  for (const [index, step] of steps.entries()) {
    const where = `processing_steps[${index}].${Object.keys(step)[0]}`;
    const next: JsonObject[] = [];
    for (const [number, row] of rows.entries()) {
      try {
        for (const one of await apply(step, row, where)) next.push(one);
      } catch (error) {
        if (error instanceof RestlakeError) throw error;
        const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
        throw new ConfigError(`${where} threw ${what} at row ${number + 1} of the page`, { cause: error });
      }
    }
    rows = next;
  }
  return rows;
};
