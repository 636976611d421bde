import LinkHeader from "http-link-header";
import type { Paginator } from "../config/custom-paginator.ts";
import type { Paginator as PaginatorConfig } from "../config/schema/index.ts";
import { ResponseError } from "../errors/index.ts";

type Config = Extract<PaginatorConfig, { type: "header_link" }>;
type State = { url: string } | Record<string, never>;

const parse = (header: string): LinkHeader => {
  try {
    return LinkHeader.parse(header);
  } catch {
    throw new ResponseError(
      "the answer's Link header does not follow RFC 8288, so nothing tells whether there is a next page: choose another paginator",
    );
  }
};

/**
 * Each answer's `Link` header (RFC 8288) holds the URL of the next page; no such relation ends the resource.
 *
 * @throws ResponseError for a header that cannot be read.
 */
export const headerLink: Paginator<Config, State> = {
  first: () => ({}),
  request: (_config, state) => ("url" in state ? { url: state.url } : {}),
  next(config, _state, { headers }) {
    const header = headers.get("link");
    if (header === null) return { end: true };
    const [link] = parse(header).rel(config.links_next_key);
    return link === undefined ? { end: true } : { link: link.uri };
  },
};
