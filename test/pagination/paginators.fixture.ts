import type { Json } from "../../lib/json.ts";
import { firstPage, nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { PAGINATOR_DEFAULTS } from "../../lib/source/defaults.ts";
import type { Paginator } from "../../lib/source/schema/index.ts";

type Given<Type extends Paginator["type"]> = Partial<Extract<Paginator, { type: Type }>>;

export const pageNumber = (given: Given<"page_number"> = {}): Paginator => ({
  type: "page_number",
  ...PAGINATOR_DEFAULTS.page_number,
  ...given,
});

export const offset = (given: Given<"offset"> = {}): Paginator => ({
  type: "offset",
  limit: 10,
  ...PAGINATOR_DEFAULTS.offset,
  ...given,
});

/** An API as a function: the answer to a page's parameters, and how many rows it has. */
export type Api = (params: Record<string, string>) => { body: Json; rows: number };

/** More pages than any of the modelled APIs has. */
const ENDLESS = 60;

/** The parameters of every page from a state on, until it ends; "endless" when it does not. */
export const walk = (config: Paginator, api: Api, from: Json = firstPage(config)) => {
  const pages: Record<string, string>[] = [];
  const states: Json[] = [];
  for (let state = from; pages.length < ENDLESS; ) {
    const params = pageRequest(config, state).params ?? {};
    pages.push(params);
    states.push(state);
    const next = nextPage(config, state, { headers: new Headers(), ...api(params) });
    if (!("state" in next)) return { pages, states, how: next };
    ({ state } = next);
  }
  return { pages, states, how: "endless" as const };
};
