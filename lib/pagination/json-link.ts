import type { Paginator } from "../config/custom-paginator.ts";
import type { Paginator as PaginatorConfig } from "../config/schema/index.ts";
import { at } from "../json/path.ts";

type Config = Extract<PaginatorConfig, { type: "json_link" }>;
type State = { url: string } | Record<string, never>;

/** What APIs write where there is no next page, PHP's empty list or object included. */
const isNone = (link: unknown): boolean =>
  typeof link === "object" && link !== null ? Object.keys(link).length === 0 : !link;

/**
 * Each answer holds the URL of the next page; null or missing ends the resource (dlt), and so does "" or false.
 * Parameters are the link's own. Anything else there is no link: to end by it would lose what lies behind.
 */
export const jsonLink: Paginator<Config, State> = {
  first: () => ({}),
  request: (_config, state) => ("url" in state ? { url: state.url } : {}),
  next(config, _state, { body }) {
    const link = at(body, config.next_url_path);
    if (isNone(link)) return { end: true };
    return typeof link === "string"
      ? { link }
      : { contradiction: `it has nothing usable at next_url_path ${config.next_url_path}` };
  },
};
