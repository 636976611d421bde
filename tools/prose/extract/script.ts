import { blank, blankCode, isProse, joinComments, type Kind, type Passage } from "../passage.ts";

/** Triple-quoted strings, strings and `#` comments, as Python and shell write them. */
const TEXTS = /("""|''')[\s\S]*?\1|"(?:\\[\s\S]|[^"\\])*"|'(?:\\.|[^'\\\n])*'|(?<=^|\s)#[^\n]*/g;

/** Returns the comments, docstrings and strings of a Python or shell script, or of a file with `#` comments. */
export const extractScript = (source: string): Passage[] => {
  const passages = Array.from(source.matchAll(TEXTS), ({ 0: written, 1: tripleQuote, index: start }): Passage => {
    const kind: Kind = written.startsWith("#") ? "comment" : tripleQuote ? "docstring" : "string";
    return { kind, start, text: blankCode(written.replaceAll(/^(?:#!?|["']+)|["']+$/g, (marker) => blank(marker))) };
  });
  const comments = passages.filter(({ kind }) => kind === "comment");
  const literals = passages.filter(({ kind, text }) => kind === "docstring" || (kind === "string" && isProse(text)));
  return [...joinComments(source, comments), ...literals];
};
