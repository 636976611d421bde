import { blankCode, type Passage } from "../passage.ts";

/** Returns the descriptions in a JSON file, such as package.json's. */
export const extractDescriptions = (source: string): Passage[] =>
  Array.from(source.matchAll(/(?<="description"\s*:\s*")(?:\\.|[^"\\])*/g), ({ 0: text, index: start }) => ({
    kind: "string",
    start,
    text: blankCode(text),
  }));
