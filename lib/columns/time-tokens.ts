import { HOUR, MINUTE } from "../time/durations.ts";

/** Names of the months, as English APIs write them. */
export const MONTHS = [
  ...["January", "February", "March", "April", "May", "June"],
  ...["July", "August", "September", "October", "November", "December"],
];

/** Names of the days of the week. */
export const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** Returns the short form of a month or a day of the week. */
export const short = (name: string): string => name.slice(0, 3);

const anyOf = (names: readonly string[]): string => names.join("|");

/** Time zones with a certain meaning, in hours from UTC: those of RFC 2822. Other names mean several zones. */
const ZONES: Record<string, number> = {
  ...{ UTC: 0, GMT: 0, UT: 0, Z: 0 },
  ...{ EST: -5, EDT: -4, CST: -6, CDT: -5, MST: -7, MDT: -6, PST: -8, PDT: -7 },
};

/** Pattern of a time zone as an offset. */
export const OFFSET = "[+-]\\d{2}(?::?\\d{2})?";
/** Pattern of a time zone as a name. */
export const ZONE_NAME = anyOf(Object.keys(ZONES));

/** Returns the milliseconds that a zone is ahead of UTC. */
export const offsetOf = (zone: string): number => {
  const named = ZONES[zone.toUpperCase()];
  if (named !== undefined) return named * HOUR;
  const [, sign = "+", hours = "0", minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * HOUR + Number(minutes) * MINUTE);
};

/** Pattern of a number whose leading zero is optional, as in Python. */
export const TWO_DIGITS = "\\d{1,2}";
const EPOCH = "-?\\d{1,19}(?:\\.\\d{1,9})?";

/** Patterns of the strptime tokens, without case. `%s`, `%ms` and `%us` are seconds, milliseconds and microseconds since 1970. */
export const TOKENS: Record<string, string> = {
  Y: "\\d{4}",
  y: "\\d{2}",
  m: TWO_DIGITS,
  b: anyOf(MONTHS.map(short)),
  B: anyOf(MONTHS),
  d: TWO_DIGITS,
  e: "[ \\d]\\d",
  a: anyOf(DAYS.map(short)),
  A: anyOf(DAYS),
  H: TWO_DIGITS,
  I: TWO_DIGITS,
  M: TWO_DIGITS,
  S: TWO_DIGITS,
  f: "\\d{1,9}",
  p: "[ap]\\.?m\\.?",
  z: `Z|${OFFSET}`,
  Z: ZONE_NAME,
  s: EPOCH,
  ms: EPOCH,
  us: EPOCH,
};

/** Decimal places of a second in the unit of an epoch. */
export const EPOCHS: Record<string, number> = { s: 0, ms: 3, us: 6 };

/** The strings of one time, by token. */
const SAMPLE: Record<string, string> = {
  ...{ Y: "2001", y: "01", m: "02", b: "Feb", B: "February", d: "03", e: " 3", a: "Sat", A: "Saturday" },
  ...{ H: "04", I: "04", M: "05", S: "06", f: "000000", p: "AM", z: "+0000", Z: "UTC" },
  ...{ s: "981173106", ms: "981173106000", us: "981173106000000" },
};

/** A piece of a format: a token, white space, or other strings. */
export interface Piece {
  kind: "token" | "space" | "text";
  text: string;
}

/** Returns the pieces of a format. */
export const piecesOf = (format: string): Piece[] =>
  [...format.matchAll(/%(ms|us|.)|(\s+)|[^%\s]+|%/g)].map(([all, token, space]): Piece => {
    if (token === "%") return { kind: "text", text: "%" };
    if (token !== undefined) return { kind: "token", text: token };
    return space === undefined ? { kind: "text", text: all } : { kind: "space", text: all };
  });

/** Returns a time in a format, to compare formats with. */
export const sampleOf = (format: string): string =>
  piecesOf(format)
    .map(({ kind, text }) => (kind === "token" ? (SAMPLE[text] ?? "") : text))
    .join("");

const tokensOf = (format: string): string[] =>
  piecesOf(format).flatMap(({ kind, text }) => (kind === "token" ? [text] : []));

/** Returns the error of the first unknown token of a format; null if all are known. */
export const unknownToken = (format: string): string | null => {
  const unknown = tokensOf(format).find((token) => !Object.hasOwn(TOKENS, token));
  const known = Object.keys(TOKENS).map((token) => `%${token}`);
  return unknown === undefined ? null : `unknown token %${unknown}: choose from ${known.join(" ")}`;
};

/** Returns why a string is not a format; null for a format. */
export const formatProblem = (format: string): string | null => {
  const unknown = unknownToken(format);
  if (unknown !== null) return unknown;
  const tokens = tokensOf(format);
  const twice = tokens.find((token, index) => tokens.indexOf(token) !== index);
  if (twice !== undefined) return `token %${twice} is there twice: remove one`;
  const has = (...some: string[]) => some.some((token) => tokens.includes(token));
  if (has(...Object.keys(EPOCHS))) {
    return tokens.length > 1 ? "%s, %ms and %us stand alone: remove the other tokens" : null;
  }
  if (!has("Y", "y")) return "format without a year: add %Y, or use %s, %ms or %us for an epoch";
  if (has("d", "e") && !has("m", "b", "B")) return "format with a day and without a month: add %m or %b";
  return has("I") !== has("p") ? "%I and %p belong together: use both, or %H for hours from 0 to 23" : null;
};

const escapeText = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

const isNumber = (piece: Piece | undefined): boolean =>
  piece?.kind === "token" && TOKENS[piece.text]?.startsWith("\\d") === true;

/** Returns the pattern of a whole text, and the token of each of its groups. */
export const patternOf = (format: string): { pattern: RegExp; tokens: string[] } => {
  const pieces = piecesOf(format);
  const source = pieces.map(({ kind, text }, index) => {
    if (kind !== "token") return kind === "space" ? "\\s+" : escapeText(text);
    const pattern = TOKENS[text] as string;
    // Without a separator between two numbers, the number of digits has to be certain.
    const isAdjacent = isNumber(pieces[index - 1]) || isNumber(pieces[index + 1]);
    return `(${isAdjacent && pattern === TWO_DIGITS ? "\\d{2}" : pattern})`;
  });
  const tokens = pieces.flatMap(({ kind, text }) => (kind === "token" ? [text] : []));
  return { pattern: new RegExp(`^${source.join("")}$`, "di"), tokens };
};
