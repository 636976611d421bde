import type { Comparison } from "../comparison.fixture.ts";
import { COUNTED_PAGES } from "./counted-pages.ts";
import { CURSORS } from "./cursors.ts";
import { DETECTED_PAGES } from "./detected-pages.ts";
import { LINKS } from "./links.ts";
import { MERGE } from "./merge.ts";

/** All comparisons by theme and title. */
export const COMPARISONS: Record<string, Record<string, Comparison>> = {
  "counted pages": COUNTED_PAGES,
  cursors: CURSORS,
  links: LINKS,
  "detected pages": DETECTED_PAGES,
  merge: MERGE,
};
