/** What is told of a resource or a source: a word, and what it says. No word: it goes on with what is above it. */
export type Fact = [word: string, text: string];

const INDENT = 2;
/** As wide as the longest word, so that all of the output is aligned. */
const WORD = 10;
const TEXT = INDENT + WORD + 2;
/** A terminal narrower than this cannot be helped. */
const LEAST_ROOM = 24;

/** A text in lines that fit; broken at spaces only, so that a URL stays one that can be copied. */
const brokenAt = (text: string, room: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= room) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/**
 * Facts as lines: the words in a column, the texts in another.
 *
 * @param width columns of the terminal; Infinity where lines may have any length.
 */
export const factLines = (facts: Fact[], width: number): string[] =>
  facts.flatMap(([word, text]) =>
    brokenAt(text, Math.max(width - TEXT, LEAST_ROOM)).map((line, index) =>
      `${" ".repeat(INDENT)}${(index === 0 ? word : "").padEnd(WORD)}  ${line}`.trimEnd(),
    ),
  );

/** Only those that have something to say. */
export const saying = (facts: [string, string | null][]): Fact[] =>
  facts.filter((fact): fact is Fact => fact[1] !== null);

/** "a, b and 3 more" */
export const some = (items: string[], most: number): string =>
  items.length <= most ? items.join(", ") : `${items.slice(0, most).join(", ")} and ${items.length - most} more`;
