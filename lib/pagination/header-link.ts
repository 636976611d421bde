import LinkHeader from "http-link-header";
import type { Paginator as PaginatorConfig } from "../source/schema/index.ts";
import type { Paginator } from "./types.ts";

type Config = Extract<PaginatorConfig, { type: "header_link" }>;
type State = { url: string } | Record<string, never>;

/** Each answer's `Link` header (RFC 8288) holds the URL of the next page; no such relation ends the resource. */
export const headerLink: Paginator<Config, State> = {
  first: () => ({}),
  request: (_config, state) => ("url" in state ? { url: state.url } : {}),
  next(config, _state, { headers }) {
    const header = headers.get("link");
    if (header === null) return { end: true };
    const [link] = LinkHeader.parse(header).rel(config.links_next_key);
    return link === undefined ? { end: true } : { link: link.uri };
  },
};
