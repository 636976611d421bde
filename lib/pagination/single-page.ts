import type { Paginator } from "../config/custom-paginator.ts";
import type { PaginatorConfig } from "../config/schema/index.ts";

type Config = Extract<PaginatorConfig, { type: "single_page" }>;

/** Requests a single page. */
export const singlePage: Paginator<Config, Record<string, never>> = {
  first: () => ({}),
  request: () => ({}),
  next: () => ({ end: true }),
};
