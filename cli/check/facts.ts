import { alignColumns, keepTogether } from "../wrap-text.ts";

/** A label and its value, about a resource or a source. An empty label continues the fact above it. */
export type Fact = [label: string, value: string];

/** Width of the longest label. All output of a check is aligned by it. */
const LABEL_WIDTH = 10;

/**
 * Returns facts as lines: labels in one column, values in another.
 *
 * @param width columns of the terminal; Infinity for lines of any length.
 */
export const factLines = (facts: Fact[], width: number): string[] => alignColumns(facts, width, LABEL_WIDTH);

/** Returns only the facts that have a value. */
export const presentFacts = (facts: [string, string | null][]): Fact[] =>
  facts.filter((fact): fact is Fact => fact[1] !== null);

/** Joins items, and counts those after the first `max`: `a, b and 3 more`. */
export const joinItems = (items: string[], max: number): string =>
  items.length <= max
    ? items.join(", ")
    : `${items.slice(0, max).join(", ")} ${keepTogether("and", String(items.length - max), "more")}`;
