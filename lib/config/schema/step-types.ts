import { z } from "zod";
import type { RowFilter, RowMap, RowYieldMap } from "../callbacks.ts";
import { didYouMean } from "../nearest.ts";
import { addedText, fieldName, fieldPath, filterExpression, functionOf, namedFieldPath } from "./primitives.ts";

/** Returns the error of an object that is neither form of a value; undefined for anything else. */
const addedError = (value: unknown): string | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (others.length === 0 && (key === "path" || key === "value")) return undefined;
  return "expected constant, { path: ... } or { value: ... }: write an object that is the value itself as { value: { ... } }";
};

const addedValue = z.union(
  [
    addedText,
    z.number(),
    z.boolean(),
    z.null(),
    z.array(z.json()),
    z.strictObject({ path: fieldPath.describe("JSONPath of the value in the row.") }),
    z.strictObject({ value: z.json().describe("The value itself, such as an object.") }),
  ],
  { error: ({ input }) => addedError(input) },
);

const steps = [
  z.strictObject({
    filter: z
      .union([functionOf<RowFilter>(), filterExpression])
      .describe("Expression, or function in TypeScript, that is true for the rows to keep: `@.status == 'active'`."),
  }),
  z.strictObject({
    remove: z
      .union([fieldPath, z.array(fieldPath).min(1)])
      .describe("JSONPath of fields to remove, or a list of them: `address.street`. Not in dlt."),
  }),
  z.strictObject({
    rename: z
      .record(namedFieldPath, fieldName)
      .describe("New names of fields by JSONPath: `{ address.postCode: zip }`. Not in dlt."),
  }),
  z.strictObject({
    add: z
      .record(fieldName, addedValue)
      .describe(
        "Values of new fields by name: constants, or `{ path: address.city }` for a field of the row. Not in dlt.",
      ),
  }),
  z.strictObject({ map: functionOf<RowMap>().describe("Returns one row for each row.") }),
  z.strictObject({ yield_map: functionOf<RowYieldMap>().describe("Returns any number of rows for each row.") }),
] as const;

const KEYS = steps.flatMap(({ shape }) => Object.keys(shape));

/** Returns the error of a step as a whole; undefined if it has exactly one of the known keys. */
const stepError = (step: unknown): string | undefined => {
  const keys = typeof step === "object" && step !== null && !Array.isArray(step) ? Object.keys(step) : [];
  const unknown = keys.find((key) => !KEYS.includes(key));
  if (unknown !== undefined) {
    return `unknown key ${JSON.stringify(unknown)}${didYouMean(unknown, KEYS)} Allowed keys: ${KEYS.join(", ")}`;
  }
  if (keys.length === 1) return undefined;
  return keys.length > 1
    ? `several keys in one step (${keys.join(", ")}): write one step for each`
    : `expected object with one of the keys ${KEYS.join(", ")}`;
};

/** A processing step: data, or one user callback. */
export const processingStep = z.union(steps, { error: ({ input }) => stepError(input) });
