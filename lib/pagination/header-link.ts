import LinkHeader from "http-link-header";
import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";
import { ResponseError } from "../errors/index.ts";

type Config = Extract<PaginatorConfig, { type: "header_link" }>;
type State = { url: string } | Record<string, never>;

const parse = (header: string): LinkHeader => {
  try {
    return LinkHeader.parse(header);
  } catch {
    throw new ResponseError(
      "the response's Link header is not valid (RFC 8288), so the next page is unknown: choose another paginator",
    );
  }
};

/**
 * Paginates by the URL in the `Link` header (RFC 8288) of each response. A header without that relation ends the resource.
 *
 * `next` throws ResponseError for an invalid header.
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
