/**
 * What the cells of a table have to say, worked out from the text of the API's answers alone: nothing of `lib/rows` is used.
 * Where a value lies is looked up in the stored schema; what it says there is decided here.
 */

/** A number as the API writes it. */
export class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A JSON value whose numbers still have every digit. */
export type Raw = null | boolean | string | NumberText | Raw[] | RawObject;

export interface RawObject {
  [key: string]: Raw;
}

/** What DuckDB reads out of a cell: see `cellOf` in `lake.fixture.ts`. */
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

/** Node has it; TypeScript's `es2024` does not know it yet. */
const { parse, rawJSON } = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
};

/** JSON text with every digit of a BigInt. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? rawJSON(String(inner)) : inner));

export const readRaw = (text: string): Raw =>
  parse(text, (_key, value, { source }) => (typeof value === "number" ? new NumberText(source) : value)) as Raw;

const isObject = (value: Raw): value is RawObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof NumberText);

/** Halves of surrogate pairs are U+FFFD. */
const characters = (text: string): string => {
  let whole = "";
  // A string gives whole pairs, and halves alone.
  for (const character of text) whole += /^[\ud800-\udfff]$/.test(character) ? "\ufffd" : character;
  return whole;
};

/** Sign, digits and power of ten: equal for equal numbers, however they are written. null for what is no number. */
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

/** What is left of a number in any program: an integer has all its digits, a fraction is a double, 1e400 is a text. */
const kept = ({ text }: NumberText): string => {
  if (/^-?\d+$/.test(text)) return text;
  return Number.isFinite(Number(text)) ? String(Number(text)) : text;
};

const floorDiv = (value: number, by: number) => Math.floor(value / by);

/** Days since 1970 of a date of the Gregorian calendar, by arithmetic; null when there is no such day. */
export const dayNumber = (year: number, month: number, day: number): number | null => {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  const length = lengths[month - 1];
  if (length === undefined || day < 1 || day > length) return null;
  const before = year - 1;
  const leapDays = floorDiv(before, 4) - floorDiv(before, 100) + floorDiv(before, 400);
  const ofYear = lengths.slice(0, month - 1).reduce((sum, days) => sum + days, 0) + day - 1;
  const EPOCH = 719_162;
  return before * 365 + leapDays + ofYear - EPOCH;
};

const SHAPE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s?(?:Z|([+-])(\d\d)(?::?(\d\d))?)?)?$/;

/** Milliseconds since 1970 in UTC, what is below them cut off; null when the text is no ISO 8601 time. */
export const instant = (text: string): number | null => {
  const found = SHAPE.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", sign, ahead = "0", more = "0"] =
    found;
  const days = dayNumber(Number(year), Number(month), Number(day));
  if (days === null) return null;
  const offset = (sign === "-" ? -1 : 1) * (Number(ahead) * 60 + Number(more));
  const minutes = (days * 24 + Number(hour)) * 60 + Number(minute) - offset;
  return (minutes * 60 + Number(second)) * 1000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
};

const sameJson = (told: Raw, raw: Raw): boolean => {
  if (raw instanceof NumberText) {
    if (digits(kept(raw)) === null || !Number.isFinite(Number(raw.text))) {
      if (!/^-?\d+$/.test(raw.text)) return told === raw.text;
    }
    return told instanceof NumberText && digits(told.text) === digits(kept(raw));
  }
  if (typeof raw === "string") return told === characters(raw);
  if (Array.isArray(raw)) {
    return (
      Array.isArray(told) && told.length === raw.length && raw.every((item, index) => sameJson(told[index]!, item))
    );
  }
  if (!isObject(raw)) return told === raw;
  if (!isObject(told)) return false;
  const entries = Object.entries(raw);
  return (
    Object.keys(told).length === entries.length &&
    entries.every(([key, item]) => Object.hasOwn(told, characters(key)) && sameJson(told[characters(key)]!, item))
  );
};

/** The number that a value is or writes, for columns of numbers; a text must write it in full. */
const numberIn = (raw: Raw): string | null => {
  if (raw instanceof NumberText) return digits(kept(raw));
  return typeof raw === "string" && /^-?\d+(\.\d+)?$/.test(raw) ? digits(raw) : null;
};

/** The same number as far as a double can tell. */
const isNear = (cell: string | number, raw: Raw): boolean => {
  const number = Number(raw instanceof NumberText ? raw.text : raw);
  return Math.abs(Number(cell) - number) <= Math.max(1e-9, Math.abs(number) * 1e-15);
};

/** How decimals were read: with all their digits, or by DuckDB's `read_json`, which has a number for a double. */
export type Decimals = "exact" | "as doubles";

/** Whether a cell of this type says what the API said. */
export const says = ({ data_type }: Column, cell: string | number, raw: Raw, decimals: Decimals = "exact"): boolean => {
  if (data_type === "decimal" && decimals === "as doubles") return numberIn(raw) !== null && isNear(cell, raw);
  switch (data_type) {
    case "text":
      if (raw instanceof NumberText) {
        return cell === raw.text || (digits(kept(raw)) !== null && digits(String(cell)) === digits(kept(raw)));
      }
      return typeof raw === "boolean" ? cell === String(raw) : typeof raw === "string" && cell === characters(raw);
    case "bigint":
    case "decimal":
    case "double":
      return numberIn(raw) !== null && digits(String(cell)) === numberIn(raw);
    case "bool":
      return typeof raw === "boolean" && cell === String(raw);
    case "timestamp":
      return typeof raw === "string" && instant(raw) !== null && cell === String(instant(raw));
    case "date":
      return (
        typeof raw === "string" && /^\d{4}-\d\d-\d\d$/.test(raw) && cell === String((instant(raw) ?? 0.5) / 86_400_000)
      );
    case "json":
      return sameJson(readRaw(String(cell)), raw);
    default:
      return false;
  }
};

/** Contact for Item -> contact_for_item, unitPrice -> unit_price, trialing? -> trialingx. Not for all that there is. */
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

const SYSTEM = new Set(["_run_id", "_seq", "_extracted_at"]);

/** A row that says something else than the API. */
export interface Fault {
  what: "no column" | "no cell" | "two cells" | "another value" | "another leaf's cell" | "from nowhere";
  where: string;
  cell?: Cell;
  raw?: string;
}

/** Compares rows with what the API said: for every leaf just one cell that says it, and no cell that no leaf said. */
export const createModel = (columns: Column[], decimals: Decimals = "exact") => {
  const own = columns.filter(({ name }) => !SYSTEM.has(name));
  const keyOf = (path: string[]) => JSON.stringify(path);
  const byPath = new Map(own.flatMap((column) => (column.path ? [[keyOf(column.path), column] as const] : [])));
  const plain = new Map(
    own.flatMap((column) => (column.path || column.variant ? [] : [[column.name, column] as const])),
  );
  const variants = Map.groupBy(
    own.filter(({ variant }) => variant),
    ({ name }) => name.replace(/__v_[a-z]+$/, ""),
  );

  /** The columns that may have a path's value. */
  const familyOf = (path: string[], cells: Cells): Column[] => {
    const declared = plain.get(path.map(plainName).join("__"));
    const found = [
      byPath.get(keyOf(path)),
      path.length === 1 ? plain.get(path[0]!) : undefined,
      declared?.declared ? declared : undefined,
    ].filter((column) => column !== undefined);
    const families = found.map((column) => [column, ...(variants.get(column.name) ?? [])]);
    return families.find((family) => family.some(({ name }) => (cells[name] ?? null) !== null)) ?? families[0] ?? [];
  };

  return {
    /** How many values were compared, and what is wrong. */
    compare(record: RawObject, cells: Cells): { values: number; faults: Fault[] } {
      const faults: Fault[] = [];
      const used = new Set<string>();
      let values = 0;
      const visit = (path: string[], raw: Raw) => {
        if (raw === null) return;
        const family = path.length === 0 ? [] : familyOf(path, cells);
        const told = family.filter(({ name }) => (cells[name] ?? null) !== null);
        const isWhole = ({ name, data_type }: Column) =>
          data_type === "json" && !used.has(name) && sameJson(readRaw(String(cells[name])), raw);
        if (isObject(raw) && !told.some(isWhole)) {
          for (const [key, value] of Object.entries(raw)) visit([...path, key], value);
          return;
        }
        values++;
        const where = keyOf(path);
        const [column] = told;
        const text = String(JSON.stringify(raw)).slice(0, 200);
        if (family.length === 0) faults.push({ what: "no column", where, raw: text });
        else if (column === undefined) faults.push({ what: "no cell", where, raw: text });
        else if (told.length > 1) faults.push({ what: "two cells", where, raw: text });
        else {
          const cell = cells[column.name] ?? "";
          if (!says(column, cell, raw, decimals)) faults.push({ what: "another value", where, cell, raw: text });
          if (used.has(column.name)) faults.push({ what: "another leaf's cell", where, cell, raw: text });
          used.add(column.name);
        }
      };
      visit([], record);
      for (const { name } of own) {
        const cell = cells[name] ?? null;
        if (cell !== null && !used.has(name)) faults.push({ what: "from nowhere", where: name, cell });
      }
      return { values, faults };
    },
  };
};
