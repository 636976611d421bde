/** Kinds of passages; an entry of the word list may be limited to some. `file` is a whole file, code included. */
export const KINDS = ["docstring", "comment", "string", "markdown", "file"] as const;

/** Kind of a passage. */
export type Kind = (typeof KINDS)[number];

/**
 * One piece of prose, as it is written in its file. Comment markers, inline code and interpolations are blanked out and not
 * removed, so an index in `text` plus `start` is an index in the file.
 */
export interface Passage {
  kind: Kind;
  /** Index in the file, in UTF-16 code units. */
  start: number;
  text: string;
}

/** Stands for code inside a passage: neither a letter nor white space, so no phrase matches across it. */
export const CODE = "\uFFFC";

/** Replaces every character except line breaks. */
export const blank = (text: string, by = " "): string => text.replaceAll(/[^\n]/g, by);

/** Blanks out inline code and URLs. */
export const blankCode = (text: string): string =>
  text.replaceAll(/(`+)(?!`)[^`]+?\1(?!`)|\b[a-z][a-z0-9+.-]*:\/\/[^\s)>\]"']+/g, (code) => blank(code, CODE));

/** Returns whether a string reads as prose: two words, or a word and an interpolation, with white space between them. */
export const isProse = (text: string): boolean => /[\p{L}\p{N}\uFFFC}][,;:.!?)]?\s+\(?[\p{L}\uFFFC$]/u.test(text);

/**
 * Joins line comments with nothing but white space between them: a sentence may continue on the next line.
 *
 * @param comments in the order of the file.
 */
export const joinComments = (source: string, comments: readonly Passage[]): Passage[] => {
  const joined: Passage[] = [];
  for (const comment of comments) {
    const last = joined.at(-1);
    const gap = last && source.slice(last.start + last.text.length, comment.start);
    if (last && gap?.trim() === "") last.text += gap + comment.text;
    else joined.push({ ...comment });
  }
  return joined.map((comment) => ({ ...comment, text: blankCode(comment.text) }));
};
