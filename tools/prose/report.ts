import type { Hit } from "./match.ts";

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Formats one line per hit. */
export const formatHits = (hits: readonly Hit[]): string[] =>
  hits.map(({ path, line, column, term, write }) => `${path}:${line}:${column}: "${term}": write "${write}"`);

/** Formats one line per file with hits, most hits first. */
export const formatCounts = (hits: readonly Hit[]): string[] =>
  Object.entries(Object.groupBy(hits, ({ path }) => path))
    .map(([path, inFile = []]) => ({ path, count: inFile.length }))
    .sort((left, right) => right.count - left.count)
    .map(({ path, count }) => `${String(count).padStart(5)} ${path}`);

/** Formats the last line of the output. */
export const formatSummary = (hits: readonly Hit[], files: number): string =>
  hits.length === 0
    ? `prose: no hits in ${many(files, "file")}`
    : `prose: ${many(hits.length, "hit")} in ${new Set(hits.map(({ path }) => path)).size} of ${many(files, "file")}`;
