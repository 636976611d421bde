import { DAYS, MONTHS, OFFSET, short, ZONE_NAME } from "./time-tokens.ts";

/** The form of a string that is a time. */
export interface TimeForm {
  /** Formats that may be meant: one if the form is certain. */
  formats: string[];
  /** Whether the form alone says what is what, whatever the values are. */
  isCertain: boolean;
}

/** A date at the beginning of a string. */
interface DateForm {
  /** Matches the date; the text after it follows. */
  pattern: RegExp;
  /** Returns the formats of a match. */
  formats(match: RegExpExecArray): string[];
  isCertain: boolean;
}

const MONTH = [...MONTHS, ...MONTHS.map(short)].join("|");
const WEEKDAY = [...DAYS, ...DAYS.map(short)].join("|");

/** `May` counts as short. */
const monthToken = (name = ""): string => (name.length > 3 ? "%B" : "%b");
const dayToken = (day = ""): string => (day.startsWith(" ") ? "%e" : "%d");

const MAX_YEAR = 2200;
const isYear = (text: string): boolean => Number(text) >= 1900 && Number(text) < MAX_YEAR;
const isDay = (text: string): boolean => Number(text) >= 1 && Number(text) <= 31;
const isMonth = (text: string): boolean => Number(text) >= 1 && Number(text) <= 12;

/** Returns the formats of a date in numbers whose year is last. */
const numericFormats = ([, one = "", separator = "", two = "", year = ""]: RegExpExecArray): string[] => {
  if (year.length === 4 && !isYear(year)) return [];
  const token = year.length === 4 ? "%Y" : "%y";
  return [
    ...(isDay(one) && isMonth(two) ? [`%d${separator}%m${separator}${token}`] : []),
    ...(isMonth(one) && isDay(two) ? [`%m${separator}%d${separator}${token}`] : []),
  ];
};

const DATES: DateForm[] = [
  {
    pattern: /^\d{4}([-/.])(\d{1,2})\1(\d{1,2})(?!\d)/,
    formats: ([, separator, month = "", day = ""]) =>
      isMonth(month) && isDay(day) ? [`%Y${separator}%m${separator}%d`] : [],
    isCertain: true,
  },
  { pattern: /^\d{8}(?=T|$)/, formats: () => ["%Y%m%d"], isCertain: true },
  { pattern: /^\d{4}-\d{2}$/, formats: () => ["%Y-%m"], isCertain: true },
  {
    pattern: /^(\d{1,2})([/-])(\d{4})$/,
    formats: ([, month = "", separator, year = ""]) => (isMonth(month) && isYear(year) ? [`%m${separator}%Y`] : []),
    isCertain: true,
  },
  {
    pattern: new RegExp(`^\\d{1,2}([ -])(${MONTH})\\1\\d{4}(?!\\d)`, "i"),
    formats: ([, separator, month]) => [`%d${separator}${monthToken(month)}${separator}%Y`],
    isCertain: true,
  },
  {
    pattern: new RegExp(`^(${MONTH}) (\\d{1,2}| \\d)(,?) \\d{4}(?!\\d)`, "i"),
    formats: ([, month, day, comma]) => [`${monthToken(month)} ${dayToken(day)}${comma} %Y`],
    isCertain: true,
  },
  {
    pattern: new RegExp(`^\\d{4}([-/ ])(${MONTH})\\1\\d{1,2}(?!\\d)`, "i"),
    formats: ([, separator, month]) => [`%Y${separator}${monthToken(month)}${separator}%d`],
    isCertain: true,
  },
  {
    pattern: new RegExp(`^(${MONTH})([ -])\\d{4}$`, "i"),
    formats: ([, month, separator]) => [`${monthToken(month)}${separator}%Y`],
    isCertain: true,
  },
  {
    pattern: new RegExp(`^\\d{1,2}([ -])(${MONTH})\\1\\d{2}(?!\\d)`, "i"),
    formats: ([, separator, month]) => [`%d${separator}${monthToken(month)}${separator}%y`],
    isCertain: false,
  },
  { pattern: /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/, formats: numericFormats, isCertain: false },
];

const CLOCK =
  /^(T|,? +| at )(\d{1,2})(:?)\d{2}(?:\3(\d{2})(?:([.,])\d{1,9})?)?(?:( ?)([ap]\.?m\.?)(?![a-z]))?(?![\d:]|[.,]\d)/i;
const ZONE = new RegExp(`^( ?)(?:(GMT|UTC)?(${OFFSET})|(${ZONE_NAME}))(?![a-z\\d])`, "i");
/** Text that may follow a zone: its name in parentheses or brackets. */
const COMMENT = /^ ?(?:\([^()]*\)|\[[^[\]]*\])$/;

const literal = (text: string): string => text.replaceAll("%", "%%");

/** Returns the format of a time of day and what follows it; null if the text does not begin with one. */
const clockForm = (text: string): (Omit<TimeForm, "formats"> & { format: string }) | null => {
  const match = CLOCK.exec(text);
  if (match === null) return null;
  const [all, before = "", , colon = "", seconds, point, space = "", half] = match;
  const clock = [half === undefined ? "%H" : "%I", "%M", ...(seconds === undefined ? [] : ["%S"])].join(colon);
  const format = `${before}${clock}${point === undefined ? "" : `${point}%f`}${half === undefined ? "" : `${space}%p`}`;
  const rest = text.slice(all.length);
  const zone = ZONE.exec(rest);
  const [zoned = "", zoneSpace = "", prefix = "", offset] = zone ?? [];
  const zoneFormat =
    zone === null ? "" : `${zoneSpace}${prefix}${offset === undefined && zoned.trim() !== "Z" ? "%Z" : "%z"}`;
  const after = rest.slice(zoned.length);
  const isCertain = after === "" || (zone !== null && COMMENT.test(after));
  return { format: format + zoneFormat + literal(after), isCertain };
};

/** `Mon Jan  1 10:00:00 +0000 2024`, as in C and at Twitter: the year is last. */
const YEAR_LAST = new RegExp(
  `^(${MONTH}) (\\d{1,2}| \\d) \\d{2}:\\d{2}:\\d{2}(?: (?:(${OFFSET})|(${ZONE_NAME})))? \\d{4}$`,
  "i",
);
const yearLastForm = (text: string): TimeForm | null => {
  const match = YEAR_LAST.exec(text);
  if (match === null) return null;
  const [, month, day, offset, name] = match;
  const zone = offset === undefined ? (name === undefined ? "" : " %Z") : " %z";
  return { formats: [`${monthToken(month)} ${dayToken(day)} %H:%M:%S${zone} %Y`], isCertain: true };
};

const dateForm = (text: string, isWeekdayBefore: boolean): TimeForm | null => {
  for (const { pattern, formats, isCertain } of DATES) {
    const match = pattern.exec(text);
    const dates = match === null ? [] : formats(match);
    if (match === null || dates.length === 0) continue;
    const rest = text.slice(match[0].length);
    const clock = rest === "" ? { format: "", isCertain: true } : clockForm(rest);
    if (clock === null) continue;
    // RFC 850: with the day of the week before it, a year of two digits is the last number.
    const isDateCertain = isCertain || (isWeekdayBefore && dates.length === 1 && /%[bB]/.test(dates[0] ?? ""));
    return { formats: dates.map((date) => date + clock.format), isCertain: isDateCertain && clock.isCertain };
  }
  return null;
};

const WEEKDAY_BEFORE = new RegExp(`^(${WEEKDAY})(\\.?,? +)`, "i");
/** Begins like a time: most other strings end here. */
const LIKE_A_TIME = new RegExp(`^(?:\\d{1,2}[-/. ]|\\d{4}[-/. ]|\\d{8}(?:T|$)|(?:${WEEKDAY}|${MONTH})[-., ])`, "i");
const MAX_LENGTH = 100;

/**
 * Returns the form of a string that is a date or a time; null for other strings.
 *
 * A form is certain if it says by itself what is the day and what the month: ISO 8601 and other forms that begin with the
 * year, and forms with the name of the month (RFC 2822, RFC 850, C). `20-01-2024` is not: another value of this form could be
 * read in two ways. Neither is a time with an unknown time zone.
 */
export const timeFormOf = (text: string): TimeForm | null => {
  if (text.length > MAX_LENGTH || !LIKE_A_TIME.test(text)) return null;
  const [before = "", weekday = "", separator = ""] = WEEKDAY_BEFORE.exec(text) ?? [];
  const rest = text.slice(before.length);
  const form = yearLastForm(rest) ?? dateForm(rest, before !== "");
  if (form === null || before === "") return form;
  const token = weekday.length > 3 ? "%A" : "%a";
  return { ...form, formats: form.formats.map((format) => token + separator + format) };
};
