import { RESERVED_COLUMNS, type TableSchema } from "../../lib/columns/table-schema.ts";
import type { ResolvedResource } from "../../lib/config/resolve.ts";
import type { HttpResponse } from "../../lib/http/client.ts";
import { parseRetryAfter } from "../../lib/http/retry-timing.ts";
import type { Json } from "../../lib/json/index.ts";
import { addPageReadings, NO_READINGS, readingWarnings } from "../../lib/metering/readings.ts";
import { decide } from "../../lib/pagination/auto.ts";
import { detectSelector, selectRows, selectsList } from "../../lib/rows/selector.ts";
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

/** Returns the fact about the columns of a table: their types. */
export const columnsFact = ({ columns }: TableSchema): Fact => {
  const texts = columns.flatMap(({ name, data_type }) =>
    RESERVED_COLUMNS.has(name) ? [] : [keepTogether(name, data_type)],
  );
  return ["columns", texts.length === 0 ? "none yet" : joinItems(texts, MAX_COLUMNS)];
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

/** Returns notes about the total that the API reports, for pages that are the whole list. */
export const totalFacts = (...pages: { records: unknown[]; total: number | null }[]): Fact[] => {
  const readings = pages.reduce(
    (sum, { records, total }, index) =>
      addPageReadings(sum, {
        rows: records.length,
        total,
        repeated: 0,
        end: index === pages.length - 1 ? "complete" : "no",
      }),
    NO_READINGS,
  );
  const rules = { isStatic: false, hasParent: false, hasDedupSort: false };
  return readingWarnings(readings, rules).map((warning): Fact => ["note", warning]);
};

const selectorOf = ({ data_selector }: ResolvedResource, { body }: HttpResponse): string | string[] =>
  data_selector ?? detectSelector(body);

/**
 * Returns the fact about the rows of a first page, or of the config.
 *
 * @param response null for rows in the config.
 * @param rows number of rows in the response.
 * @param kept number of rows after processing steps and incremental filter.
 */
export const rowsFact = (
  resource: ResolvedResource,
  response: HttpResponse | null,
  rows: number,
  kept: number,
): Fact => {
  const after = kept === rows ? "" : `, ${kept} after processing steps and incremental filter`;
  if (response === null) return ["rows", `${rows} in the config, no request${after}`];
  const selector = selectorOf(resource, response);
  const place = typeof selector === "string" ? selector : `${pathText(selector)} (detected)`;
  const keyed = resource.key_column === null ? "" : `, keys in ${resource.key_column}`;
  return ["rows", `${rows} at ${place}${keyed}${after}`];
};

/** Returns the fact about the paginator, given the first page. */
export const pagesFact = (resource: ResolvedResource, response: HttpResponse, rows: number): Fact => {
  const { paginator } = resource;
  if (paginator.type !== "auto") return ["pages", paginatorText(paginator)];
  const isList = resource.key_column !== null || selectsList(response.body, selectorOf(resource, response));
  return ["pages", `${paginatorText(decide({ ...response, rows }, isList).paginator)} (detected)`];
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
