/**
 * Expected cells of a table, derived only from the text of the API's responses and not with `lib/rows`. The stored schema
 * determines the column of a value; this module determines the value.
 */
import { DAY } from "../../lib/time/durations.ts";

/** A number with the digits of the API. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value whose numbers have all their digits. */
export type Raw = null | boolean | string | NumberText | Raw[] | RawObject;

export interface RawObject {
  [key: string]: Raw;
}

/** A cell as DuckDB returns it: see `cellOf` in `lake.fixture.ts`. */
export type Cell = string | number | null;

export type Cells = Record<string, Cell>;

export interface Column {
  name: string;
  data_type: string;
  path?: string[];
  variant?: true;
  declared?: true;
  precision?: number;
  scale?: number;
}

/** Supported by Node, but not yet in TypeScript's `es2024`. */
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/** Returns JSON with all digits of a BigInt. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));

export const readRaw = (text: string): Raw =>
  parse(text, (_key, value, { source }) => (typeof value === "number" ? new NumberText(source) : value)) as Raw;

const isObject = (value: Raw): value is RawObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText);

/** Replaces unpaired surrogates by U+FFFD. */
const wellFormed = (text: string): string => {
  let result = "";
  // Iterating over a string yields complete pairs, and unpaired surrogates separately.
  for (const character of text) result += /^[\ud800-\udfff]$/.test(character) ? "\ufffd" : character;
  return result;
};

/** Returns sign, digits and power of ten, which are the same for all notations of a number; null for other strings. */
const digits = (text: string): string | null => {
  const found = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (found === null) return null;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = found;
  let all = whole + fraction;
  let power = Number(exponent) - fraction.length;
  while (all.endsWith("0")) {
    all = all.slice(0, -1);
    power++;
  }
  all = all.replace(/^0+/, "");
  return all === "" ? "0" : `${sign}${all}e${power}`;
};

/** Returns the stored form of a number: integers keep all digits, fractions are doubles, 1e400 is a string. */
const storedNumber = ({ text }: NumberText): string => {
  if (/^-?\d+$/.test(text)) return text;
  return Number.isFinite(Number(text)) ? String(Number(text)) : text;
};

const floorDiv = (value: number, by: number) => Math.floor(value / by);

/** Computes the days since 1970 in the Gregorian calendar; null for a day that does not exist. */
export const dayNumber = (year: number, month: number, day: number): number | null => {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[month - 1];
  if (length === undefined || day < 1 || day > length) return null;
  const before = year - 1;
  const leapDays = floorDiv(before, 4) - floorDiv(before, 100) + floorDiv(before, 400);
  const daysInYear = lengths.slice(0, month - 1).reduce((sum, days) => sum + days, 0) + day - 1;
  const EPOCH = 719_162;
  return before * 365 + leapDays + daysInYear - EPOCH;
};

const ISO_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?)?$/;

/** Returns the milliseconds since 1970 in UTC, truncated; null for strings that are not ISO 8601 times. */
export const instant = (text: string): number | null => {
  const found = ISO_TIME.exec(text);
  if (found === null) return null;
  const [
    ,
    year,
    month,
    day,
    hour = "0",
    minute = "0",
    second = "0",
    fraction = "",
    sign,
    offsetHours = "0",
    offsetMinutes = "0",
  ] = found;
  const days = dayNumber(Number(year), Number(month), Number(day));
  if (days === null) return null;
  const offset = (sign === "-" ? -1 : 1) * (Number(offsetHours) * 60 + Number(offsetMinutes));
  const minutes = (days * 24 + Number(hour)) * 60 + Number(minute) - offset;
  return (minutes * 60 + Number(second)) * 1000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
};

const sameJson = (stored: Raw, raw: Raw): boolean => {
  if (raw instanceof NumberText) {
    if (digits(storedNumber(raw)) === null || !Number.isFinite(Number(raw.text))) {
      if (!/^-?\d+$/.test(raw.text)) return stored === raw.text;
    }
    return stored instanceof NumberText && digits(stored.text) === digits(raw.text);
  }
  if (typeof raw === "string") return stored === wellFormed(raw);
  if (Array.isArray(raw)) {
    return (
      Array.isArray(stored) &&
      stored.length === raw.length &&
      raw.every((item, index) => sameJson(stored[index]!, item))
    );
  }
  if (!isObject(raw)) return stored === raw;
  if (!isObject(stored)) return false;
  const entries = Object.entries(raw);
  return (
    Object.keys(stored).length === entries.length &&
    entries.every(([key, item]) => Object.hasOwn(stored, wellFormed(key)) && sameJson(stored[wellFormed(key)]!, item))
  );
};

/** Returns the number in a value for a numeric column. A string must contain all digits, without an exponent. */
const numberIn = (raw: Raw): string | null => {
  if (raw instanceof NumberText) return digits(storedNumber(raw));
  return typeof raw === "string" && /^-?\d+(\.\d+)?$/.test(raw) ? digits(raw) : null;
};

/** Whether both are the same number in the precision of a double. */
const isNear = (cell: string | number, raw: Raw): boolean => {
  const number = Number(raw instanceof NumberText ? raw.text : raw);
  if (number === Number(cell)) return true;
  return Math.abs(Number(cell) - number) <= Math.max(1e-9, Math.abs(number) * 1e-15);
};

/** How decimals were read: with all digits, or by DuckDB's `read_json`, which reads numbers as doubles. */
export type Decimals = "exact" | "as doubles";

/** Whether a cell has the value of the API. */
export const hasValue = (
  { data_type }: Column,
  cell: string | number,
  raw: Raw,
  decimals: Decimals = "exact",
): boolean => {
  if (data_type === "decimal" && decimals === "as doubles") return numberIn(raw) !== null && isNear(cell, raw);
  switch (data_type) {
    case "text":
      if (raw instanceof NumberText) {
        return (
          cell === raw.text ||
          (digits(storedNumber(raw)) !== null && digits(String(cell)) === digits(storedNumber(raw)))
        );
      }
      return typeof raw === "boolean" ? cell === String(raw) : typeof raw === "string" && cell === wellFormed(raw);
    case "decimal":
      return (
        digits(String(cell)) === digits(raw instanceof NumberText ? raw.text : String(raw)) && numberIn(raw) !== null
      );
    case "bigint":
    case "double":
      return numberIn(raw) !== null && digits(String(cell)) === numberIn(raw);
    case "bool":
      return typeof raw === "boolean" && cell === String(raw);
    case "timestamp":
      return typeof raw === "string" && instant(raw) !== null && cell === String(instant(raw));
    case "date":
      return typeof raw === "string" && /^\d{4}-\d\d-\d\d$/.test(raw) && cell === String((instant(raw) ?? 0.5) / DAY);
    case "json":
      return sameJson(readRaw(String(cell)), raw);
    default:
      return false;
  }
};

/** Normalises common names: Contact for Item -> contact_for_item, unitPrice -> unit_price, trialing? -> trialingx. */
const plainName = (key: string): string => {
  let name = "";
  const all = [...key];
  for (const [index, char] of all.entries()) {
    const before = all[index - 1] ?? "_";
    if (/[A-Z]/.test(char) && /[a-z0-9]/.test(before)) name += "_";
    name += /[A-Za-z0-9]/.test(char) ? char.toLowerCase() : "_";
  }
  return name.replace(/_+$/, "x").replaceAll(/_+/g, "_");
};

/** Returns the number in a string as any usual notation writes it, in the notation of JSON; null for other strings. */
const anyNumber = (text: string): string | null => {
  if (/^0x[0-9a-f]+$/i.test(text.trim())) return String(BigInt(text.trim()));
  const found = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(text.trim());
  if (found === null || !/^[+-]?\.?\d/.test(text.trim())) return null;
  const [, sign, whole = "", fraction = "", exponent] = found;
  const all = `${whole || "0"}${fraction === "" ? "" : `.${fraction}`}${exponent === undefined ? "" : `e${exponent}`}`;
  return `${sign === "-" ? "-" : ""}${all}`;
};

/** Returns the milliseconds since 1970 of a number in seconds, milliseconds, microseconds or nanoseconds. */
const epochMilliseconds = (number: number): number => {
  const magnitude = Math.abs(number);
  return number * (magnitude < 1e11 ? 1e3 : magnitude < 1e14 ? 1 : magnitude < 1e17 ? 1e-3 : 1e-6);
};

/** Whether a cell of a declared column has the value of the API, converted to the column's type. */
const hasConverted = ({ data_type }: Column, cell: string | number, raw: Raw, decimals: Decimals): boolean => {
  const text = raw instanceof NumberText ? raw.text : raw;
  const number = typeof text === "string" ? anyNumber(text) : null;
  switch (data_type) {
    case "text":
      return typeof raw === "object" && sameJson(readRaw(String(cell)), raw);
    case "json":
      return typeof raw === "string" && /^[[{]/.test(raw) && sameJson(readRaw(String(cell)), readRaw(raw));
    case "bool":
      if (raw instanceof NumberText) return cell === String(Number(raw.text) !== 0);
      return cell === String({ true: true, t: true, 1: true, false: false, f: false, 0: false }[String(raw)]);
    case "double":
      return number !== null && isNear(cell, new NumberText(number));
    case "decimal":
      if (number === null) return false;
      return decimals === "exact" ? digits(String(cell)) === digits(number) : isNear(cell, new NumberText(number));
    case "bigint":
      return number !== null && digits(String(cell)) === digits(number);
    case "timestamp":
      return number !== null && Math.abs(Number(cell) - epochMilliseconds(Number(number))) <= 1;
    case "date": {
      const time = number === null ? instant(String(raw)) : epochMilliseconds(Number(number));
      return time !== null && cell === String(Math.floor(time / DAY));
    }
    default:
      return false;
  }
};

const SYSTEM = new Set(["_run_id", "_seq", "_extracted_at"]);

/** A difference between a row and the API. */
export interface Fault {
  what: "no column" | "no cell" | "two cells" | "another value" | "cell of another value" | "cell without value";
  where: string;
  cell?: Cell;
  raw?: string;
}

/** Returns the columns that may contain the value of a path: a column and its variants. */
type ColumnLookup = (path: string[], cells: Cells) => Column[];

const keyOf = (path: string[]) => JSON.stringify(path);

const createColumnLookup = (columns: Column[]): ColumnLookup => {
  const byPath = new Map(columns.flatMap((column) => (column.path ? [[keyOf(column.path), column] as const] : [])));
  const byName = new Map(
    columns.flatMap((column) => (column.path || column.variant ? [] : [[column.name, column] as const])),
  );
  const variants = Map.groupBy(
    columns.filter(({ variant }) => variant),
    ({ name }) => name.replace(/__v_[a-z]+$/, ""),
  );
  return (path, cells) => {
    const declared = byName.get(path.map(plainName).join("__"));
    const found = [
      byPath.get(keyOf(path)),
      path.length === 1 ? byName.get(path[0]!) : undefined,
      declared?.declared ? declared : undefined,
    ].filter((column) => column !== undefined);
    const groups = found.map((column) => [column, ...(variants.get(column.name) ?? [])]);
    return groups.find((group) => group.some(({ name }) => (cells[name] ?? null) !== null)) ?? groups[0] ?? [];
  };
};

/** Compares rows with the API: every value must be in exactly one cell, and every cell must have a value of the API. */
export const createModel = (columns: Column[], decimals: Decimals = "exact") => {
  const userColumns = columns.filter(({ name }) => !SYSTEM.has(name));
  const columnsOf = createColumnLookup(userColumns);
  return {
    /** Returns the number of compared values, and the differences. */
    compare(record: RawObject, cells: Cells): { values: number; faults: Fault[] } {
      const faults: Fault[] = [];
      const used = new Set<string>();
      let values = 0;
      const visit = (path: string[], raw: Raw) => {
        if (raw === null) return;
        const candidates = path.length === 0 ? [] : columnsOf(path, cells);
        const filled = candidates.filter(({ name }) => (cells[name] ?? null) !== null);
        const hasWhole = ({ name, data_type, declared }: Column) =>
          (data_type === "json" || (declared && data_type === "text" && /^\{/.test(String(cells[name])))) &&
          !used.has(name) &&
          sameJson(readRaw(String(cells[name])), raw);
        if (isObject(raw) && !filled.some(hasWhole)) {
          for (const [key, value] of Object.entries(raw)) visit([...path, key], value);
          return;
        }
        values++;
        const where = keyOf(path);
        const [column] = filled;
        const text = String(JSON.stringify(raw)).slice(0, 200);
        if (candidates.length === 0) faults.push({ what: "no column", where, raw: text });
        else if (column === undefined) faults.push({ what: "no cell", where, raw: text });
        else if (filled.length > 1) faults.push({ what: "two cells", where, raw: text });
        else {
          const cell = cells[column.name] ?? "";
          const isRight =
            hasValue(column, cell, raw, decimals) || (column.declared && hasConverted(column, cell, raw, decimals));
          if (!isRight) faults.push({ what: "another value", where, cell, raw: text });
          if (used.has(column.name)) faults.push({ what: "cell of another value", where, cell, raw: text });
          used.add(column.name);
        }
      };
      visit([], record);
      for (const { name } of userColumns) {
        const cell = cells[name] ?? null;
        if (cell !== null && !used.has(name)) faults.push({ what: "cell without value", where: name, cell });
      }
      return { values, faults };
    },
  };
};
