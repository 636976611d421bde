import { isDeepStrictEqual } from "node:util";
import type { Next, PageRequest, PageResponse, Paginator } from "../config/custom-paginator.ts";
import { guardCallback, wrongResult } from "../config/guard-callback.ts";
import { registeredPaginator } from "../config/registry.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { ConfigError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import { kindOf } from "../json/kind.ts";
import { cursor } from "./cursor.ts";
import { headerCursor } from "./header-cursor.ts";
import { headerLink } from "./header-link.ts";
import { jsonLink } from "./json-link.ts";
import { offset } from "./offset.ts";
import { pageNumber } from "./page-number.ts";
import { singlePage } from "./single-page.ts";

export type { Next, PageRequest, PageResponse } from "../config/custom-paginator.ts";

/** A paginator whose config has been checked to be its own. */
type AnyPaginator = Paginator<PagePaginator, Json>;

const BUILT_IN = {
  page_number: pageNumber,
  offset,
  cursor,
  header_cursor: headerCursor,
  json_link: jsonLink,
  header_link: headerLink,
  single_page: singlePage,
};

const PAGINATORS = new Map<string, unknown>(Object.entries(BUILT_IN)) as Map<string, AnyPaginator>;

/** null is reserved for the first page. A state that JSON changes would be another page after a resume. */
const checkState = (state: unknown, callback: string): void => {
  const text: string | undefined = JSON.stringify(state);
  if (state != null && isDeepStrictEqual(JSON.parse(text), state)) return;
  throw new ConfigError(
    `${callback} returned a state that is not plain JSON (${kindOf(state)}): return an object of strings, numbers, booleans, lists and objects, so that another invocation can resume from it`,
  );
};

const checkRequest = (request: unknown, callback: string): void => {
  if (typeof request !== "object" || request === null) throw wrongResult(callback, request, "an object");
};

const checkNext = (next: unknown, callback: string): void => {
  const result = typeof next === "object" && next !== null ? next : {};
  if ("state" in result) checkState(result.state, callback);
  else if (!("link" in result ? typeof result.link === "string" : "end" in result || "contradiction" in result)) {
    throw wrongResult(callback, next, "{ state }, { link }, { end: true } or { contradiction }");
  }
};

/** Guards a user's paginator: its errors name the paginator and the method. */
const guarded = (type: string, paginator: AnyPaginator): AnyPaginator => {
  const call = <Result>(
    method: string,
    run: () => Result,
    check: (result: Result, callback: string) => void,
  ): Result => {
    const callback = `${method} of the paginator ${type}`;
    return guardCallback(callback, () => {
      const result = run();
      check(result, callback);
      return result;
    });
  };
  return {
    first: (config) => call("first", () => paginator.first(config), checkState),
    request: (config, state) => call("request", () => paginator.request(config, state), checkRequest),
    next: (config, state, response) => call("next", () => paginator.next(config, state, response), checkNext),
  };
};

const lookUp = ({ type }: PagePaginator): AnyPaginator =>
  PAGINATORS.get(type) ?? guarded(type, registeredPaginator(type) as unknown as AnyPaginator);

/**
 * Returns the state of a resource's first page, as plain JSON.
 *
 * @throws ConfigError for a registered paginator that throws, or returns something unusable.
 */
export const firstPage = (config: PagePaginator): Json => lookUp(config).first(config);

/**
 * Returns what a page adds to the resource's request.
 *
 * @throws ConfigError for a registered paginator that throws, or returns something unusable.
 */
export const pageRequest = (config: PagePaginator, state: Json): PageRequest => lookUp(config).request(config, state);

/**
 * Returns what follows the page of a state, given its response.
 *
 * @throws ConfigError for a registered paginator that throws, or returns something unusable.
 */
export const nextPage = (config: PagePaginator, state: Json, response: PageResponse): Next<Json> =>
  lookUp(config).next(config, state, response);
