import { matchesGlob } from "node:path";
import type { Passage } from "./passage.ts";
import type { Entry } from "./words.ts";

/** One use of a term that has a replacement. */
export interface Hit {
  path: string;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 code units. */
  column: number;
  /** The term as it is written there. */
  term: string;
  write: string;
}

const matchesAny = (path: string, globs: readonly string[]): boolean => globs.some((glob) => matchesGlob(path, glob));

/** Ends of sentences, paragraphs, list items and table cells. */
const SENTENCE_END = /[.!?;:](?=\s)|\n[^\S\n]*(?=\n|[-*#>] )|\|/g;

/** The sentence around an index, in one line. */
const sentenceAt = (text: string, index: number): string => {
  const ends = Array.from(text.matchAll(SENTENCE_END), ({ index: end, 0: mark }) => end + mark.length);
  const start = ends.findLast((end) => end <= index) ?? 0;
  return text
    .slice(
      start,
      ends.find((end) => end > index),
    )
    .replaceAll(/\s+/g, " ")
    .trim();
};

const allows = ({ only, except }: Entry, text: string, index: number): boolean => {
  if (!only && !except) return true;
  const sentence = sentenceAt(text, index);
  return (only?.test(sentence) ?? true) && !except?.test(sentence);
};

/** Starts of a file's lines. */
const lineStarts = (source: string): number[] => [0, ...Array.from(source.matchAll(/\n/g), ({ index }) => index + 1)];

/** Returns the hits of a file, sorted by position. Where several entries match at one position, the first one counts. */
export const match = (path: string, source: string, passages: readonly Passage[], entries: readonly Entry[]): Hit[] => {
  const applicable = entries.filter(
    ({ paths, exceptPaths }) => (!paths || matchesAny(path, paths)) && !matchesAny(path, exceptPaths),
  );
  const found = new Map<number, { term: string; write: string }>();
  for (const entry of applicable) {
    for (const { text, start } of passages.filter(({ kind }) => entry.kinds.includes(kind))) {
      for (const { index, 0: term } of text.matchAll(entry.regex)) {
        if (found.has(start + index) || !allows(entry, text, index)) continue;
        found.set(start + index, { term: term.replaceAll(/\s+/g, " "), write: entry.write });
      }
    }
  }
  const starts = lineStarts(source);
  return [...found]
    .sort(([left], [right]) => left - right)
    .map(([index, hit]) => {
      const line = starts.findLastIndex((start) => start <= index);
      return { path, line: line + 1, column: index - (starts[line] ?? 0) + 1, ...hit };
    });
};
