import { stringifyJson } from "../json/index.ts";
import { NumberLiteral } from "../json/literals.ts";
import type { ColumnValue } from "./types.ts";

/** Returns a value as JSON. Lone surrogates, which most readers reject, become U+FFFD, also where JSON escapes them. */
export const jsonTextOf = (value: ColumnValue): string => {
  if (value instanceof NumberLiteral) return value.text;
  const text = stringifyJson(value);
  if (!text.includes("\\ud")) return text;
  return text.replaceAll(/\\(u[0-9a-f]{4}|.)/g, (escaped, code: string) =>
    /^ud[89a-f]/.test(code) ? "\ufffd" : escaped,
  );
};
