/** Splits a string into lines of at most `width` columns. It breaks at spaces only, so that URLs can be copied. */
export const wrapText = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** Columns of the terminal; Infinity if the output is not a terminal. */
export const terminalWidth = ({ columns }: { columns?: number }): number => columns || Number.POSITIVE_INFINITY;
