import { z } from "zod";
import { kindOf } from "../../json/kind.ts";
import { isSecretReference } from "../../secrets/reference.ts";
import { MAX_STATIC_BYTES } from "../defaults.ts";
import type { ConfigPath } from "../validation-errors.ts";
import { pythonReference } from "./pasted.ts";

/** Depth of a row from which it is refused: far more than data has, and far less than the stack. */
const MAX_DEPTH = 100;
/** From here on, an integer is written with an exponent: it is a double. */
const EXPONENT_FROM = 1e21;
const MEBIBYTE = 1024 * 1024;

const NOT_JSON = "expected JSON";
const SECRET = "secret in rows, which are stored: use secrets in auth, headers, params or a body of an endpoint";
const DIGITS = "integer beyond 2^53, which loses digits: write it as text, and declare its type in columns";

/** Whether digits were lost when the file was read. */
const isInexact = (value: number): boolean =>
  Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < EXPONENT_FROM;

const isPlainObject = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Returns the error of a value as a whole; null if it is JSON that can be stored. */
const valueError = (value: unknown, depth: number): string | null => {
  if (isSecretReference(value)) return SECRET;
  switch (typeof value) {
    case "string":
      return pythonReference(value) === null ? null : SECRET;
    case "number":
      if (isInexact(value)) return DIGITS;
      return Number.isFinite(value) ? null : "expected finite number";
    case "bigint":
      return DIGITS;
    case "boolean":
      return null;
    default:
      break;
  }
  if (depth > MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep: use flat rows`;
  if (value === null || Array.isArray(value)) return null;
  if (typeof value !== "object") return NOT_JSON;
  return isPlainObject(value) ? null : `${NOT_JSON}, got ${kindOf(value)}`;
};

/** Yields the errors in a value, each with its path. */
function* errorsIn(value: unknown, path: ConfigPath): Generator<{ path: ConfigPath; message: string }> {
  const message = valueError(value, path.length);
  if (message !== null) {
    yield { path, message };
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* errorsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function* rowErrors(rows: unknown[]): ReturnType<typeof errorsIn> {
  for (const [index, row] of rows.entries()) {
    if (row === null) yield { path: [index], message: "expected object, list, string, number or boolean: remove it" };
    else yield* errorsIn(row, [index]);
  }
}

/** The rows of a resource without an endpoint. One line for each kind of error: rows are many, and often have the same one. */
export const staticRows = z.array(z.custom<z.core.util.JSONType>()).superRefine((rows, context) => {
  const found = new Set<string>();
  for (const { path, message } of rowErrors(rows)) {
    if (found.has(message)) continue;
    found.add(message);
    context.addIssue({ code: "custom", message, path: [...path] });
  }
  if (found.size > 0) return;
  const bytes = Buffer.byteLength(JSON.stringify(rows));
  if (bytes <= MAX_STATIC_BYTES) return;
  context.addIssue({
    code: "custom",
    message: `rows of ${(bytes / MEBIBYTE).toFixed(1)} MiB: at most ${MAX_STATIC_BYTES / MEBIBYTE} MiB of JSON. Every Lambda of the source contains them`,
  });
});
