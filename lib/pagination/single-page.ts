import type { Paginator as PaginatorConfig } from "../source/schema/index.ts";
import type { Paginator } from "./types.ts";

type Config = Extract<PaginatorConfig, { type: "single_page" }>;

/** One request, and that is all. */
export const singlePage: Paginator<Config, Record<string, never>> = {
  first: () => ({}),
  request: () => ({}),
  next: () => ({ end: true }),
};
