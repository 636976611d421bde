import { PAGINATOR_DEFAULTS } from "../../lib/config/defaults.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import type { PaginatorConfig, SourceConfig } from "../../lib/config/schema/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import type { Json } from "../../lib/json/index.ts";
import { firstPage, nextPage, type PageRequest, type PageResponse, pageRequest } from "../../lib/pagination/index.ts";

type Given<Type extends PaginatorConfig["type"]> = Partial<Extract<PaginatorConfig, { type: Type }>>;

export const pageNumber = (given: Given<"page_number"> = {}): PaginatorConfig => ({
  type: "page_number",
  ...PAGINATOR_DEFAULTS.page_number,
  ...given,
});

export const offset = (given: Given<"offset"> = {}): PaginatorConfig => ({
  type: "offset",
  limit: 10,
  ...PAGINATOR_DEFAULTS.offset,
  ...given,
});

/** Returns the paginator of a config as a run uses it: validated, with its defaults. */
export const resolved = (paginator: unknown): PagePaginator => {
  const source = defineSource({
    name: "shop",
    client: { base_url: "https://api.test" },
    resources: [{ name: "rows", endpoint: { method: "POST", paginator: paginator as "page_number" } }],
  } as SourceConfig);
  validateSource("case.ts", source);
  return resolveSource(source).resources[0]?.paginator as PagePaginator;
};

/** More pages than any of the modelled APIs has. */
const ENDLESS = 60;

/** Response of an API to the request of a page. */
export type FakeResponse = { body: Json; rows: number; headers?: Record<string, string> };

/** Reads all pages from a state on. `how` is the end, or "endless". A link becomes a state, as in a run. */
export const walkRequests = (
  config: PagePaginator,
  api: (request: PageRequest) => FakeResponse,
  from: Json = firstPage(config),
) => {
  const requests: PageRequest[] = [];
  const states: Json[] = [];
  for (let state = from; requests.length < ENDLESS; ) {
    const request = pageRequest(config, state);
    requests.push(request);
    states.push(state);
    const { headers, ...rest } = api(request);
    const response: PageResponse = { ...rest, headers: new Headers(headers) };
    const next = nextPage(config, state, response);
    if ("link" in next) state = { url: next.link };
    else if ("state" in next) ({ state } = next);
    else return { requests, states, how: next };
  }
  return { requests, states, how: "endless" as const };
};

/** An API as a function from the parameters of a page to its response. */
export type Api = (params: Record<string, string>) => { body: Json; rows: number };

/** Reads all pages from a state on, and returns their parameters. */
export const walk = (config: PaginatorConfig, api: Api, from?: Json) => {
  const paramsOf = ({ params }: PageRequest) => (params ?? {}) as Record<string, string>;
  const paginator = config as PagePaginator;
  const { requests, ...rest } = walkRequests(paginator, (request) => api(paramsOf(request)), from);
  return { pages: requests.map(paramsOf), ...rest };
};
