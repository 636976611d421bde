import type { Json } from "../json.ts";
import type { Paginator as PaginatorConfig } from "../source/schema/index.ts";
import { cursor } from "./cursor.ts";
import { headerCursor } from "./header-cursor.ts";
import { headerLink } from "./header-link.ts";
import { jsonLink } from "./json-link.ts";
import { offset } from "./offset.ts";
import { pageNumber } from "./page-number.ts";
import { singlePage } from "./single-page.ts";
import type { Next, PageRequest, PageResponse, Paginator } from "./types.ts";

export type { Next, PageRequest, PageResponse } from "./types.ts";

const PAGINATORS: { [Type in PaginatorConfig["type"]]: Paginator<Extract<PaginatorConfig, { type: Type }>, never> } = {
  page_number: pageNumber as never,
  offset: offset as never,
  cursor: cursor as never,
  header_cursor: headerCursor as never,
  json_link: jsonLink as never,
  header_link: headerLink as never,
  single_page: singlePage as never,
};

const lookUp = (config: PaginatorConfig) => PAGINATORS[config.type] as unknown as Paginator<PaginatorConfig, Json>;

/** State of a resource's first page, as plain JSON. */
export const firstPage = (config: PaginatorConfig): Json => lookUp(config).first(config);

/** What the page of that state asks for. */
export const pageRequest = (config: PaginatorConfig, state: Json): PageRequest => lookUp(config).request(config, state);

/** What comes after the answer to it. */
export const nextPage = (config: PaginatorConfig, state: Json, response: PageResponse): Next<Json> =>
  lookUp(config).next(config, state, response);
