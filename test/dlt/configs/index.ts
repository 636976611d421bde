import type { Comparison } from "../comparison.fixture.ts";
import { AUTHS } from "./auths.ts";
import { COUNTED_PAGES } from "./counted-pages.ts";
import { CURSORS } from "./cursors.ts";
import { DETECTED_PAGES } from "./detected-pages.ts";
import { INCREMENTAL } from "./incremental.ts";
import { INCREMENTAL_FORMS } from "./incremental-forms.ts";
import { LINKS } from "./links.ts";
import { MERGE } from "./merge.ts";
import { NAMES } from "./names.ts";
import { PARENTS } from "./parents.ts";
import { BOUND } from "./placeholders.ts";
import { REQUESTS } from "./requests.ts";
import { SELECTED } from "./selectors.ts";
import { TYPES } from "./types.ts";

/** All comparisons by theme and title. */
export const COMPARISONS: Record<string, Record<string, Comparison>> = {
  requests: REQUESTS,
  auths: AUTHS,
  placeholders: BOUND,
  parents: PARENTS,
  "rows of a response": SELECTED,
  "counted pages": COUNTED_PAGES,
  cursors: CURSORS,
  links: LINKS,
  "detected pages": DETECTED_PAGES,
  "forms of incremental": INCREMENTAL_FORMS,
  incremental: INCREMENTAL,
  types: TYPES,
  names: NAMES,
  merge: MERGE,
};
