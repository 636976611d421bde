import { isDeepStrictEqual } from "node:util";
import type { Next, PageRequest, PageResponse, Paginator } from "../config/custom-paginator.ts";
import { registeredPaginator } from "../config/registry.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { ConfigError, RestlakeError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import { cursor } from "./cursor.ts";
import { headerCursor } from "./header-cursor.ts";
import { headerLink } from "./header-link.ts";
import { jsonLink } from "./json-link.ts";
import { offset } from "./offset.ts";
import { pageNumber } from "./page-number.ts";
import { singlePage } from "./single-page.ts";

export type { Next, PageRequest, PageResponse } from "../config/custom-paginator.ts";

/** A config of any paginator, as the paginator's own code takes it. */
type Any = Paginator<PagePaginator, Json>;

const PAGINATORS = new Map<string, Any>(
  Object.entries({
    page_number: pageNumber as unknown as Any,
    offset: offset as unknown as Any,
    cursor: cursor as unknown as Any,
    header_cursor: headerCursor as unknown as Any,
    json_link: jsonLink as unknown as Any,
    header_link: headerLink as unknown as Any,
    single_page: singlePage as unknown as Any,
  }),
);

/** null stands for the first page, and anything that JSON changes would be another page after a resume. */
const checkState = (state: unknown, where: string): void => {
  const text: string | undefined = JSON.stringify(state);
  if (state != null && isDeepStrictEqual(JSON.parse(text), state)) return;
  throw new ConfigError(
    `${where} returned a state that is no plain JSON, so that no later invocation could go on from it: return an object of texts, numbers, booleans, lists and objects`,
  );
};

const checkNext = (next: unknown, where: string): void => {
  const kinds = typeof next === "object" && next !== null ? next : {};
  if ("state" in kinds) checkState(kinds.state, where);
  else if (!("link" in kinds ? typeof kinds.link === "string" : "end" in kinds || "contradiction" in kinds)) {
    throw new ConfigError(`${where} must return { state }, { link }, { end: true } or { contradiction }`);
  }
};

/** A paginator of the user's own: what goes wrong in it is told by its name. */
const guarded = (type: string, paginator: Any): Any => {
  const call = <Result>(method: string, run: () => Result, check: (result: Result, where: string) => void): Result => {
    const where = `${method} of the paginator ${type}`;
    try {
      const result = run();
      check(result, where);
      return result;
    } catch (error) {
      if (error instanceof RestlakeError) throw error;
      const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new ConfigError(`${where} threw ${what}`, { cause: error });
    }
  };
  return {
    first: (config) => call("first", () => paginator.first(config), checkState),
    request: (config, state) =>
      call(
        "request",
        () => paginator.request(config, state),
        (request, where) => {
          if (typeof request !== "object" || request === null) throw new ConfigError(`${where} must return an object`);
        },
      ),
    next: (config, state, response) => call("next", () => paginator.next(config, state, response), checkNext),
  };
};

const lookUp = ({ type }: PagePaginator): Any =>
  PAGINATORS.get(type) ?? guarded(type, registeredPaginator(type) as unknown as Any);

/** State of a resource's first page, as plain JSON. */
export const firstPage = (config: PagePaginator): Json => lookUp(config).first(config);

/** What the page of that state asks for. */
export const pageRequest = (config: PagePaginator, state: Json): PageRequest => lookUp(config).request(config, state);

/**
 * What comes after the answer to it.
 *
 * @throws ConfigError for a registered paginator that throws, or returns what cannot be gone on with.
 */
export const nextPage = (config: PagePaginator, state: Json, response: PageResponse): Next<Json> =>
  lookUp(config).next(config, state, response);
