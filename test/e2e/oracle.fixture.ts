/**
 * Expected rows of the lake, computed from the records and the declared columns alone, without any code of `lib/rows`.
 */
import { expect } from "vitest";
import type { LoadedRun } from "../cli/lake.fixture.ts";

const SYSTEM_COLUMNS = ["_run_id", "_seq", "_extracted_at"];

type Columns = Record<string, { data_type?: string }>;

/** Node has `JSON.rawJSON`; the `es2024` types of TypeScript do not have it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));

/** Returns a column name: `Contact for Item` -> contact_for_item, unitPrice -> unit_price, trialing? -> trialingx. */
const expectedName = (key: string): string => {
  let name = "";
  for (const [index, char] of [...key].entries()) {
    const isCapital = char !== char.toLowerCase();
    const before = key[index - 1] ?? "_";
    if (isCapital && before === before.toLowerCase() && /[a-z0-9]/.test(before)) name += "_";
    name += /[A-Za-z0-9]/.test(char) ? char.toLowerCase() : "_";
  }
  const words = name.split("_").filter((word) => word !== "");
  return words.join("_") + (name.endsWith("_") ? "x" : "");
};

/** Returns an ISO 8601 time in UTC with milliseconds, computed with Date.UTC. */
const expectedTime = (text: string): string => {
  const [, year, month, day, hour, minute, second, , fraction = "0", sign, offsetHours = "0", offsetMinutes = "0"] =
    /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.(\d+))?(?:Z|([+-])(\d+):(\d+))$/.exec(text) ?? [];
  if (year === undefined) throw new Error(`unexpected format of a time in the sample data: ${text}`);
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const instant = new Date(
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute) - offset,
      Number(second),
      Math.trunc(Number(`0.${fraction}`) * 1000),
    ),
  );
  const two = (value: number) => String(value).padStart(2, "0");
  const date = [instant.getUTCFullYear(), two(instant.getUTCMonth() + 1), two(instant.getUTCDate())].join("-");
  const time = [instant.getUTCHours(), instant.getUTCMinutes(), instant.getUTCSeconds()].map(two).join(":");
  return `${date} ${time}.${String(instant.getUTCMilliseconds()).padStart(3, "0")}`;
};

const expectedValue = (value: unknown, type: string | undefined): unknown => {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value) || typeof value === "object") return jsonText(value);
  if (type === "timestamp") return expectedTime(String(value));
  if (type === "text") return String(value);
  if (type === "bigint" || type === "double") {
    if (typeof value !== "number" && typeof value !== "bigint") throw new Error(`expected ${type}, got ${value}`);
    return value;
  }
  if (type === "bool" && typeof value !== "boolean") throw new Error(`expected ${type}, got ${value}`);
  return value;
};

/** Returns the expected row of a record, without system columns. Nulls may be missing. */
export const expectedRow = (
  record: Record<string, unknown>,
  columns: Columns,
  path: string[] = [],
): Record<string, unknown> => {
  const row: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    const here = [...path, expectedName(key)];
    const name = here.join("__");
    const type = columns[name]?.data_type;
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    if (isObject && type !== "json") Object.assign(row, expectedRow(value as Record<string, unknown>, columns, here));
    else row[name] = expectedValue(value, type);
  }
  return row;
};

/** Expects that a loaded run has a row for each record, once and in order, and every declared column. */
export const expectRows = (
  loaded: LoadedRun | undefined,
  records: Record<string, unknown>[],
  columns: Columns,
): void => {
  const rows = loaded?.rows ?? [];
  expect(rows).toHaveLength(records.length);
  const names = Object.keys(rows[0] ?? {});
  expect(names.slice(0, SYSTEM_COLUMNS.length)).toEqual(rows.length === 0 ? [] : SYSTEM_COLUMNS);
  for (const [index, row] of rows.entries()) {
    const { _run_id, _seq, _extracted_at, ...stored } = row;
    expect(_run_id).toBe(loaded?.run_id);
    expect(_seq).toBe(index + 1);
    expect(_extracted_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    const expected = expectedRow(records[index] as Record<string, unknown>, columns);
    // The column of a null cannot be detected: the row may have it or not.
    const absent = Object.fromEntries(Object.keys(stored).map((column) => [column, null]));
    const present = Object.entries(expected).filter(([column, value]) => column in stored || value !== null);
    expect({ ...absent, ...Object.fromEntries(present) }).toStrictEqual(stored);
  }
  expect(Object.keys(columns).filter((column) => rows.length > 0 && !names.includes(column))).toEqual([]);
};
