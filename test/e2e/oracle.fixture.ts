/**
 * What the lake has to hold, worked out from the records and the declared columns alone: nothing of `lib/rows` is used.
 */
import { expect } from "vitest";
import type { LoadedRun } from "../cli/lake.fixture.ts";

const OWN_COLUMNS = ["_run_id", "_seq", "_extracted_at"];

type Columns = Record<string, { data_type?: string }>;

/** Node has it; TypeScript's `es2024` does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));

/** `Contact for Item` -> contact_for_item, unitPrice -> unit_price, trialing? -> trialingx. */
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

/** An ISO 8601 instant in UTC, to the millisecond, by the rules of the calendar that Date.UTC knows. */
const expectedTime = (text: string): string => {
  const [, year, month, day, hour, minute, second, , fraction = "0", sign, aheadHours = "0", aheadMinutes = "0"] =
    /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(\.(\d+))?(?:Z|([+-])(\d+):(\d+))$/.exec(text) ?? [];
  if (year === undefined) throw new Error(`${text} is no instant that the sample data is known to have`);
  const ahead = (sign === "-" ? -1 : 1) * (Number(aheadHours) * 60 + Number(aheadMinutes));
  const instant = new Date(
    Date.UTC(
      Number(year),
      Number(month) - 1,
      Number(day),
      Number(hour),
      Number(minute) - ahead,
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
    if (typeof value !== "number" && typeof value !== "bigint") throw new Error(`${value} is no ${type}`);
    return value;
  }
  if (type === "bool" && typeof value !== "boolean") throw new Error(`${value} is no ${type}`);
  return value;
};

/** A record as its row has to be, without restlake's own columns; what is null may be missing. */
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

/** Expects a loaded run to have each record as its row, once, in order, and every declared column. */
export const expectRows = (
  loaded: LoadedRun | undefined,
  records: Record<string, unknown>[],
  columns: Columns,
): void => {
  const rows = loaded?.rows ?? [];
  expect(rows).toHaveLength(records.length);
  const names = Object.keys(rows[0] ?? {});
  expect(names.slice(0, OWN_COLUMNS.length)).toEqual(rows.length === 0 ? [] : OWN_COLUMNS);
  for (const [index, row] of rows.entries()) {
    const { _run_id, _seq, _extracted_at, ...stored } = row;
    expect(_run_id).toBe(loaded?.run_id);
    expect(_seq).toBe(index + 1);
    expect(_extracted_at).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/);
    const expected = expectedRow(records[index] as Record<string, unknown>, columns);
    // A null says nothing of which column it would be: it may have one, or not.
    const absent = Object.fromEntries(Object.keys(stored).map((column) => [column, null]));
    const told = Object.entries(expected).filter(([column, value]) => column in stored || value !== null);
    expect({ ...absent, ...Object.fromEntries(told) }).toStrictEqual(stored);
  }
  expect(Object.keys(columns).filter((column) => rows.length > 0 && !names.includes(column))).toEqual([]);
};
