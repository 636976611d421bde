import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { at } from "../json/path.ts";

type Config = Extract<PaginatorConfig, { type: "json_link" }>;
type State = { url: string } | Record<string, never>;

/** Whether a value stands for no next page, such as PHP's empty list or object. */
const isNone = (link: unknown): boolean =>
  typeof link === "object" && link !== null ? Object.keys(link).length === 0 : !link;

/**
 * Paginates by the URL of the next page in each response. null or a missing URL ends the resource (dlt), as do "", false and empty
 * lists. The parameters are those of the link. Any other value is a contradiction, because ending there could lose pages.
 */
export const jsonLink: Paginator<Config, State> = {
  first: () => ({}),
  request: (_config, state) => ("url" in state ? { url: state.url } : {}),
  next(config, _state, { body }) {
    const link = at(body, config.next_url_path);
    if (isNone(link)) return { end: true };
    return typeof link === "string"
      ? { link }
      : {
          contradiction: `it has no URL at next_url_path ${config.next_url_path}: correct the path, or use the paginator cursor`,
        };
  },
};
