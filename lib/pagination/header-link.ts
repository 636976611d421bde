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
 * Paginates by the URL in the `Link` header (RFC 8288) of each response, or by the URL that is all of another header. A response
 * without it, or a link with the attribute `results="false"`, ends the resource.
 *
 * `next` throws ResponseError for an invalid header.
 */
export const headerLink: Paginator<Config, State> = {
  first: () => ({}),
  request: (_config, state) => ("url" in state ? { url: state.url } : {}),
  next({ header, links_next_key }, _state, { headers }) {
    if (header != null) {
      const url = headers.get(header)?.trim() ?? "";
      return url === "" ? { end: true } : { link: url };
    }
    const [link] = parse(headers.get("link") ?? "").rel(links_next_key);
    // Some APIs link to a next page without rows, and mark it with this attribute.
    return link === undefined || link.results === "false" ? { end: true } : { link: link.uri };
  },
};
