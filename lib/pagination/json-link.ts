import { at } from "../rows/path.ts";
import type { Paginator as PaginatorConfig } from "../source/schema/index.ts";
import type { Paginator } from "./types.ts";

type Config = Extract<PaginatorConfig, { type: "json_link" }>;
type State = { url: string } | Record<string, never>;

/** Each answer holds the URL of the next page; null or missing ends the resource (dlt). Parameters are the link's own. */
export const jsonLink: Paginator<Config, State> = {
  first: () => ({}),
  request: (_config, state) => ("url" in state ? { url: state.url } : {}),
  next(config, _state, { body }) {
    const link = at(body, config.next_url_path);
    return typeof link === "string" && link !== "" ? { link } : { end: true };
  },
};
