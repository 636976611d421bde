import { CsvError, parse } from "csv-parse/sync";
import { ResponseError } from "../errors/index.ts";
import type { JsonObject } from "../json/index.ts";
import { BrokenBodyError } from "./body.ts";
import { API } from "./peer.ts";

/** Returns the names of the columns, each once: `id`, `id_2`; one without a name is `column_3`. */
const columnNames = (header: string[]): string[] => {
  const names = new Set<string>();
  /** The next number to try, by name: a header may consist of one name a million times. */
  const next = new Map<string, number>();
  for (const [index, text] of header.entries()) {
    const name = text.trim() || `column_${index + 1}`;
    let unique = name;
    for (let count = next.get(name) ?? 2; names.has(unique); count++) {
      unique = `${name}_${count}`;
      next.set(name, count + 1);
    }
    names.add(unique);
  }
  return [...names];
};

/** An empty field is null, and an empty text in quotes an empty text, as in PostgreSQL. */
const cast = (text: string, { quoting, header }: { quoting: boolean; header: boolean }) =>
  text === "" && !quoting && !header ? null : text;

/** Returns the usual delimiter that the header has most often outside of quotes. */
const delimiterOf = (text: string): string => {
  const [header = ""] = text
    .replaceAll(/"[^"]*"/g, "")
    .trimStart()
    .split(/[\r\n]/, 1);
  const counted = [",", ";", "\t", "|"].map((delimiter) => ({ delimiter, count: header.split(delimiter).length }));
  return counted.reduce((most, next) => (next.count > most.count ? next : most)).delimiter;
};

/** First line of files for Excel, which names the delimiter: `sep=;`. */
const SEPARATOR_LINE = /^\s*"?sep=([^\w\s"]|\t)"?[ \t]*(?=[\r\n]|$)/i;

/** Removes the line breaks around the lines. */
const withoutOuterBreaks = (text: string): string => {
  let end = text.length;
  while (end > 0 && /[\r\n]/.test(text.charAt(end - 1))) end--;
  return text.slice(0, end).replace(/^[\r\n]+/, "");
};

type Lines = (string | null)[][];

/** Returns the fields of all lines. An empty line is a row only in a CSV with one column, between two rows. */
const fieldsOf = (text: string, delimiter: string): Lines => {
  const lines: Lines = parse(text, { delimiter, cast, skip_empty_lines: true });
  return lines[0]?.length === 1 ? parse(withoutOuterBreaks(text), { delimiter, cast }) : lines;
};

/**
 * Parses CSV (RFC 4180) whose first line names the columns. Values are text or null. A line before it may
 * name the delimiter, `sep=;`.
 *
 * @throws BrokenBodyError when it ends inside of quotes; ResponseError when it is not CSV.
 */
export const parseCsv = (given: string): JsonObject[] => {
  if (/^\s*<(!doctype|html|\?xml)\b/i.test(given)) {
    throw new ResponseError(`the response is HTML or XML where CSV is expected: check ${API.address}`);
  }
  // The line becomes an empty one, so that messages count it.
  const text = given.replace(SEPARATOR_LINE, "");
  const delimiter = SEPARATOR_LINE.exec(given)?.[1] ?? delimiterOf(text);
  try {
    const [header = [], ...rows] = fieldsOf(text, delimiter);
    const names = columnNames(header.map((name) => name ?? ""));
    return rows.map((row) => Object.fromEntries(row.map((value, index) => [names[index] as string, value])));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    if (error.code === "CSV_QUOTE_NOT_CLOSED") {
      throw new BrokenBodyError("the CSV in the response ends inside of quotes");
    }
    throw new ResponseError(
      `the response is not CSV with ${JSON.stringify(delimiter)} between the columns (${String(error.code)} in line ${String(error.lines)}): check ${API.address}`,
    );
  }
};
