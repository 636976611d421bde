import { DAY, HOUR, MINUTE, SECOND } from "../time/durations.ts";
import { DAYS, EPOCHS, MONTHS, offsetOf, patternOf, piecesOf, sampleOf, short } from "./time-tokens.ts";

/** A time as a string has it. */
export interface ParsedTime {
  /** Milliseconds since 1970, in UTC. */
  milliseconds: number;
  /** The six digits after the milliseconds. */
  digits: string;
  /** The fields of the text, in its order. */
  fields: Field[];
}

/** One field of a time, and its place in the text. */
interface Field {
  token: string;
  text: string;
  start: number;
}

/** A strptime format. It reads strings, and moves them without changing their form. */
export interface TimeFormat {
  /** Whether it has the time of day, or is an epoch. */
  hasClock: boolean;
  hasDay: boolean;
  /** Returns the time in a string; null for a string of another form, and for a time that does not exist. */
  parse(text: string): ParsedTime | null;
  /**
   * Returns a string that this format reads, moved by milliseconds. A step that the form cannot represent is rounded away from
   * zero, so that no row is missed.
   *
   * @returns null outside the years 0 to 9999.
   */
  move(text: string, by: number): string | null;
}

type Get = (...tokens: string[]) => string | undefined;

const reader = (fields: Field[]): Get => {
  const texts = new Map(fields.map(({ token, text }) => [token, text]));
  return (...tokens) => texts.get(tokens.find((token) => texts.has(token)) ?? "");
};

const yearOf = (get: Get): number => {
  const year = get("Y");
  const two = Number(get("y"));
  // POSIX: 69 to 99 are in the last century.
  return year === undefined ? two + (two < 69 ? 2000 : 1900) : Number(year);
};

/** Returns the month from 0. */
const monthOf = (get: Get): number => {
  const name = get("b", "B")?.slice(0, 3).toLowerCase();
  return name === undefined
    ? Number(get("m") ?? 1) - 1
    : MONTHS.findIndex((month) => short(month).toLowerCase() === name);
};

/** Returns the hour from 0 to 24; NaN for a number that is not an hour. */
const hourOf = (get: Get): number => {
  const half = get("I");
  if (half === undefined) return Number(get("H") ?? 0);
  const hour = Number(half) >= 1 && Number(half) <= 12 ? Number(half) % 12 : Number.NaN;
  return /^p/i.test(get("p") ?? "") ? hour + 12 : hour;
};

/** Returns the milliseconds of a local time as if its zone were UTC; null for a time that does not exist. */
const localTime = (get: Get): number | null => {
  const [year, month, day] = [yearOf(get), monthOf(get), Number(get("d", "e") ?? 1)];
  const [hour, minute, second] = [hourOf(get), Number(get("M") ?? 0), Number(get("S") ?? 0)];
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  const isDay = date.getUTCMonth() === month && date.getUTCDate() === day;
  const isTime = (hour < 24 || (hour === 24 && minute + second === 0)) && minute < 60 && second <= 60;
  return isDay && isTime ? date.getTime() + hour * HOUR + minute * MINUTE + second * SECOND : null;
};

/** Decimal places of a second in nanoseconds. */
const NANOS = 9;
const NANOS_PER_MILLISECOND = 1_000_000n;

const nanosOf = (epoch: string, places: number): bigint => {
  const [whole = "0", fraction = ""] = epoch.split(".");
  return BigInt(whole + fraction.slice(0, NANOS - places).padEnd(NANOS - places, "0"));
};

const timeOf = (fields: Field[]): Omit<ParsedTime, "fields"> | null => {
  const epoch = fields.find(({ token }) => Object.hasOwn(EPOCHS, token));
  if (epoch !== undefined) {
    const nanos = nanosOf(epoch.text, EPOCHS[epoch.token] as number);
    const rest = BigInt.asUintN(64, ((nanos % NANOS_PER_MILLISECOND) + NANOS_PER_MILLISECOND) % NANOS_PER_MILLISECOND);
    return { milliseconds: Number((nanos - rest) / NANOS_PER_MILLISECOND), digits: String(rest).padStart(6, "0") };
  }
  const get = reader(fields);
  const local = localTime(get);
  if (local === null) return null;
  const [fraction, zone] = [(get("f") ?? "").padEnd(NANOS, "0"), get("z", "Z") ?? "Z"];
  return { milliseconds: local + Number(fraction.slice(0, 3)) - offsetOf(zone), digits: fraction.slice(3) };
};

/** Returns `yyyy-MM-ddTHH:mm:ss.SSS`; null outside the years 0 to 9999. */
const isoOf = (milliseconds: number): string | null => {
  const iso = Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : "";
  return iso.length === "yyyy-MM-ddTHH:mm:ss.SSSZ".length ? iso.slice(0, -1) : null;
};

/** Returns a time as sortable text in UTC with nine digits after the second; null outside the years 0 to 9999. */
export const sortableTime = ({ milliseconds, digits }: Pick<ParsedTime, "milliseconds" | "digits">): string | null => {
  const iso = isoOf(milliseconds);
  return iso === null ? null : iso.replace("T", " ") + digits;
};

/** Returns a name in the case of another. */
const inCaseOf = (given: string, name: string): string => {
  if (given === given.toUpperCase()) return name.toUpperCase();
  return given === given.toLowerCase() ? name.toLowerCase() : name;
};

/** Returns whether the numbers of a string have a leading zero: its date, and its hours. */
const paddingOf = (fields: Field[]) => {
  const isSingle = (...tokens: string[]) =>
    fields.some(({ token, text }) => tokens.includes(token) && text.length === 1);
  return { date: !isSingle("m", "d"), hour: !isSingle("H", "I") };
};

/** Returns a function that writes a field of a time, with the width and the case of its old text. Zones stay. */
const writerOf = (iso: string, { digits, fields }: ParsedTime): ((field: Field) => string) => {
  const [year = "", month, day, hour, minute = "", second = "", fraction = ""] = iso.split(/[-T:.]/);
  const padding = paddingOf(fields);
  const number = (value: string | number | undefined, isPadded: boolean) =>
    String(Number(value)).padStart(isPadded ? 2 : 1, "0");
  const monthName = MONTHS[Number(month) - 1] as string;
  const dayName = DAYS[new Date(`${iso}Z`).getUTCDay()] as string;
  const writers: Record<string, (text: string) => string> = {
    Y: () => year,
    y: () => year.slice(2),
    m: () => number(month, padding.date),
    b: (text) => inCaseOf(text, short(monthName)),
    B: (text) => inCaseOf(text, monthName),
    d: () => number(day, padding.date),
    e: (text) => String(Number(day)).padStart(2, text.startsWith("0") ? "0" : " "),
    a: (text) => inCaseOf(text, short(dayName)),
    A: (text) => inCaseOf(text, dayName),
    H: () => number(hour, padding.hour),
    I: () => number(Number(hour) % 12 === 0 ? 12 : Number(hour) % 12, padding.hour),
    M: () => minute,
    S: () => second,
    f: (text) => (fraction + digits).slice(0, text.length),
    p: (text) => text.replace(/^./, (letter) => inCaseOf(letter, Number(hour) < 12 ? "A" : "P")),
  };
  return ({ token, text }) => writers[token]?.(text) ?? text;
};

/** Returns an epoch in the unit of a token, rounded down. */
const epochOf = (token: string, milliseconds: number): string => {
  const nanos = BigInt(Math.floor(milliseconds)) * NANOS_PER_MILLISECOND;
  const unit = 10n ** BigInt(NANOS - (EPOCHS[token] as number));
  return String((nanos - (((nanos % unit) + unit) % unit)) / unit);
};

/**
 * Returns a time in a format, in UTC.
 *
 * @param format has known tokens only.
 * @param milliseconds in the years 0 to 9999.
 */
export const writeTime = (format: string, milliseconds: number): string => {
  const iso = isoOf(milliseconds) ?? "";
  const write = writerOf(iso, { milliseconds, digits: "000000", fields: [] });
  return piecesOf(format)
    .map(({ kind, text }) => {
      if (kind !== "token") return text;
      if (Object.hasOwn(EPOCHS, text)) return epochOf(text, milliseconds);
      return write({ token: text, text: sampleOf(`%${text}`), start: 0 });
    })
    .join("");
};

/** Replaces the fields of a string. */
const withFields = (text: string, fields: Field[], write: (field: Field) => string): string => {
  let end = 0;
  let written = "";
  for (const field of fields) {
    written += text.slice(end, field.start) + write(field);
    end = field.start + field.text.length;
  }
  return written + text.slice(end);
};

/** Returns an epoch moved by milliseconds, with as many digits after the point as before. */
const movedEpoch = ({ token, text }: Field, by: number): string => {
  const places = text.split(".")[1]?.length ?? 0;
  const unit = 10n ** BigInt(Math.max(0, NANOS - (EPOCHS[token] as number) - places));
  const nanos = nanosOf(text, EPOCHS[token] as number) + BigInt(Math.round(by)) * NANOS_PER_MILLISECOND;
  const rest = ((nanos % unit) + unit) % unit;
  const units = (nanos - rest) / unit + (by > 0 && rest > 0n ? 1n : 0n);
  const digits = String(units < 0n ? -units : units).padStart(places + 1, "0");
  const sign = units < 0n ? "-" : "";
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`;
};

const UNITS: [string[], number][] = [
  [["S"], SECOND],
  [["M"], MINUTE],
  [["H", "I"], HOUR],
  [["d", "e"], DAY],
  [["m", "b", "B"], 31 * DAY],
  [["Y", "y"], 366 * DAY],
];

/** Returns the smallest step of a form in milliseconds, at least one. */
const unitOf = (get: Get): number => {
  const fraction = get("f");
  if (fraction !== undefined) return Math.max(1, 10 ** (3 - fraction.length));
  return UNITS.find(([tokens]) => get(...tokens) !== undefined)?.[1] ?? 1;
};

const compile = (format: string): TimeFormat => {
  const { pattern, tokens } = patternOf(format);
  const fieldsOf = (text: string): Field[] | null => {
    const match = pattern.exec(text);
    return (
      match &&
      tokens.map((token, index) => ({
        token,
        text: match[index + 1] ?? "",
        start: match.indices?.[index + 1]?.[0] ?? 0,
      }))
    );
  };
  const parse = (text: string): ParsedTime | null => {
    const fields = fieldsOf(text);
    const time = fields && timeOf(fields);
    return time && { ...time, fields: fields as Field[] };
  };
  const at = (text: string, time: ParsedTime, milliseconds: number): string | null => {
    const iso = isoOf(milliseconds + offsetOf(reader(time.fields)("z", "Z") ?? "Z"));
    return iso && withFields(text, time.fields, writerOf(iso, time));
  };
  const has = (...some: string[]) => some.some((token) => tokens.includes(token));
  return {
    hasClock: has("H", "I", ...Object.keys(EPOCHS)),
    hasDay: has("d", "e"),
    parse,
    move(text, by) {
      const time = parse(text);
      if (time === null) return null;
      const [first] = time.fields;
      if (first !== undefined && Object.hasOwn(EPOCHS, first.token)) {
        return withFields(text, time.fields, (field) => movedEpoch(field, by));
      }
      const target = time.milliseconds + Math.round(by);
      const moved = at(text, time, target);
      const isShort = by > 0 && moved !== null && (parse(moved)?.milliseconds ?? target) < target;
      return isShort ? at(text, time, target + unitOf(reader(time.fields))) : moved;
    },
  };
};

const MAX_COMPILED = 500;
const compiled = new Map<string, TimeFormat>();

/** Returns a format for which `formatProblem` finds no problem. */
export const timeFormat = (format: string): TimeFormat => {
  const known = compiled.get(format);
  if (known !== undefined) return known;
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  const created = compile(format);
  compiled.set(format, created);
  return created;
};
