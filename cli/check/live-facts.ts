import { declaredSchema, SYSTEM_COLUMNS } from "../../lib/columns/table-schema.ts";
import type { ResolvedResource } from "../../lib/config/resolve.ts";
import type { HttpResponse } from "../../lib/http/client.ts";
import { parseRetryAfter } from "../../lib/http/retry-timing.ts";
import type { Json, JsonObject } from "../../lib/json/index.ts";
import { decide } from "../../lib/pagination/auto.ts";
import { detectSelector, selectRows, selectsList } from "../../lib/rows/selector.ts";
import { createShaper } from "../../lib/rows/shape.ts";
import { warningsAbout } from "../../lib/rows/variant-warnings.ts";
import { keepTogether } from "../wrap-text.ts";
import { type Fact, joinItems } from "./facts.ts";
import { paginatorText } from "./option-text.ts";
import type { ResponseHead } from "./watch.ts";

/** Columns that are printed; the others are counted. */
const MAX_COLUMNS = 40;

/** Returns name and message of an error, without advice about the next run: a check has none. */
const errorText = ({ name, message }: Error): string =>
  `${name}: ${message.replace(/\. The (next )?run (then )?resumes [^.]*$/, "")}`;

/** Returns the status of a response: `200 in 31 ms`. */
export const statusText = (head: ResponseHead | null): string =>
  head === null ? "no response" : `${head.status} in ${head.milliseconds} ms`;

const pathText = (keys: string[]): string => keys.join(".") || "$";

/** Returns the facts about the columns of rows: their types, and warnings about values that do not fit them. */
const columnFacts = (resource: ResolvedResource, rows: JsonObject[]): Fact[] => {
  const schema = declaredSchema(resource.columns, resource.primary_key, resource.file_format);
  const { max_table_nesting } = resource;
  const shaper = createShaper(schema, { max_table_nesting });
  const systemNames = new Set(SYSTEM_COLUMNS.map(({ name }) => name));
  const detected = shaper.missingColumns(rows.map(shaper.flatten));
  const columns = [...schema.columns.filter(({ name }) => !systemNames.has(name)), ...detected];
  const texts = columns.map(({ name, data_type }) => keepTogether(name, data_type));
  const warnings = warningsAbout({ ...schema, columns }, () => true);
  return [
    ["columns", texts.length === 0 ? "none yet" : joinItems(texts, MAX_COLUMNS)],
    ...warnings.map((warning): Fact => ["note", warning]),
  ];
};

const waitFacts = (error: Error, head: ResponseHead): Fact[] => {
  const facts: Fact[] = [];
  const isHttp = error.name === "HttpError";
  const seconds = parseRetryAfter(head.headers.get("retry-after"), Date.now());
  if ((isHttp || error.name === "ThrottledError") && seconds !== null) {
    facts.push(["retry", `after ${Math.ceil(seconds)} s (Retry-After)`]);
  }
  if (isHttp && head.status < 300) facts.push(["retry", "a response action retries this response"]);
  return facts;
};

/**
 * Returns the facts about an error: its message, waits, and where the rows are if data_selector matched nothing.
 *
 * @param body body of the last successful response.
 * @param head head of the last response.
 */
export const errorFacts = (error: Error, body: Json | undefined, head: ResponseHead | null): Fact[] => {
  const facts: Fact[] = [["error", errorText(error)], ...(head === null ? [] : waitFacts(error, head))];
  const keys = error.name === "SelectorError" && body !== undefined ? detectSelector(body) : [];
  if (body !== undefined && keys.length > 0) {
    facts.push(["instead", `${selectRows(body, keys).length} rows at ${pathText(keys)}`]);
  }
  return facts;
};

const keptText = (rows: number, records: JsonObject[]): string =>
  records.length === rows ? "" : `, ${records.length} after processing steps and incremental filter`;

/** Returns the facts of rows in the config: their number, and their columns after processing steps. */
export const staticRowFacts = (resource: ResolvedResource, rows: number, records: JsonObject[]): Fact[] => [
  ["rows", `${rows} in the config, no request${keptText(rows, records)}`],
  ...columnFacts(resource, records),
];

/**
 * Returns the facts of a first page: rows, columns, and the paginator.
 *
 * @param rows number of rows in the response.
 * @param records rows after processing steps and incremental filter.
 */
export const firstPageFacts = (
  resource: ResolvedResource,
  response: HttpResponse,
  rows: number,
  records: JsonObject[],
): Fact[] => {
  const { paginator, data_selector } = resource;
  const { body } = response;
  const selector = data_selector ?? detectSelector(body);
  const place = typeof selector === "string" ? selector : `${pathText(selector)} (detected)`;
  const pages =
    paginator.type === "auto"
      ? `${paginatorText(decide({ ...response, rows }, selectsList(body, selector)).paginator)} (detected)`
      : paginatorText(paginator);
  return [
    ["rows", `${rows} at ${place}${keptText(rows, records)}`],
    ...columnFacts(resource, records),
    ["pages", pages],
  ];
};

/**
 * Returns the fact about the rows of a second page.
 *
 * @param isBaseGuessed whether the number of the first page was guessed; the first page may be numbered 1 then.
 */
export const secondPageFact = (rows: number, isLast: boolean, isBaseGuessed: boolean): Fact => {
  if (isBaseGuessed && rows === 0 && !isLast) return ["rows", "the first page again: page numbers start at 1"];
  return ["rows", `${rows}, ${isLast ? "last page" : "more pages follow"}`];
};
