/** Stands for a space at which a line does not break. */
const NO_BREAK_SPACE = "\u00a0";

/** Joins words so that `wrapText` keeps them on one line. The words themselves are not changed, so they can still be redacted. */
export const keepTogether = (...words: string[]): string => words.filter((word) => word !== "").join(NO_BREAK_SPACE);

/**
 * Splits a string into lines of at most `width` columns. It breaks at spaces only, so that URLs can be copied. A word that is
 * longer than a line stays on the line of the word before it.
 */
export const wrapText = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const isJoined = last !== undefined && (last.length + 1 + word.length <= width || word.length > width);
    if (isJoined) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.replaceAll(NO_BREAK_SPACE, " "));
};

const INDENT = "  ";
const GAP = "  ";
/** Minimum width of the second column. */
const MIN_WIDTH = 24;

/**
 * Returns pairs as two indented columns. The second one is wrapped.
 *
 * @param width columns of the terminal; Infinity for lines of any length.
 * @param firstWidth width of the first column.
 */
export const alignColumns = (
  pairs: (readonly [first: string, second: string])[],
  width: number,
  firstWidth: number = Math.max(...pairs.map(([first]) => first.length)),
): string[] => {
  const indent = INDENT.length + firstWidth + GAP.length;
  return pairs.flatMap(([first, second]) =>
    wrapText(second, Math.max(width - indent, MIN_WIDTH)).map((line, index) =>
      `${INDENT}${(index === 0 ? first : "").padEnd(firstWidth)}${GAP}${line}`.trimEnd(),
    ),
  );
};

/** Columns of the terminal; Infinity if the output is not a terminal. */
export const terminalWidth = ({ columns }: { columns?: number }): number => columns || Number.POSITIVE_INFINITY;
