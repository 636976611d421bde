import type { Comparison } from "../comparison.fixture.ts";
import { MERGE } from "./merge.ts";
import { PAGINATORS } from "./paginators.ts";

/** All comparisons by theme and title. */
export const COMPARISONS: Record<string, Record<string, Comparison>> = {
  merge: MERGE,
  paginators: PAGINATORS,
};
