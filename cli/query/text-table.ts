import { escapeControls, styled } from "../terminal.ts";

/** A column of a printed table. */
export interface TextColumn {
  title: string;
  /** Whether its cells are aligned to the right. */
  numeric: boolean;
  /** Whether its cells are never cut: part of a number would be another number. */
  whole: boolean;
}

const GAP = "  ";
const ELLIPSIS = "…";
/** Widths that strings are cut to in a narrow terminal: the usual one, and the smallest one. */
const CUT_WIDTH = 32;
const MIN_CUT_WIDTH = 12;

const INVISIBLE = /[\p{M}\p{Cf}]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

const characterWidth = (character: string): number => (INVISIBLE.test(character) ? 0 : WIDE.test(character) ? 2 : 1);

/** Returns the number of columns that a string takes in a terminal. */
const textWidth = (text: string): number => {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
};

const cut = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let taken = 0;
  for (const character of text) {
    taken += characterWidth(character);
    if (taken > width - 1) break;
    kept += character;
  }
  return kept + ELLIPSIS;
};

const total = (widths: number[]): number =>
  widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP.length);

/**
 * Returns column widths that fit into a line: the longest strings are cut first; if that is not enough, the last columns are
 * omitted.
 *
 * @returns one width per shown column.
 */
const fitWidths = (natural: number[], columns: TextColumn[], lineWidth: number): number[] => {
  const cutAt = (max: number) => natural.map((width, index) => (columns[index]?.whole ? width : Math.min(width, max)));
  for (let max = Math.max(...natural); max >= MIN_CUT_WIDTH; max--) {
    if (total(cutAt(max)) <= lineWidth) return cutAt(max);
  }
  const widths = cutAt(CUT_WIDTH);
  let shown = widths.length;
  while (shown > 1 && total(widths.slice(0, shown)) > lineWidth) shown--;
  return widths.slice(0, shown);
};

/**
 * Returns an aligned table: a line of titles, a rule, and a line per row.
 *
 * @param rows cells; null is printed as a dimmed NULL, to be distinct from the string "NULL".
 * @param lineWidth columns of the terminal; null for lines of any length.
 * @returns the lines, and the number of columns in them.
 */
export const textTable = (
  columns: TextColumn[],
  rows: (string | null)[][],
  lineWidth: number | null,
): { lines: string[]; shown: number } => {
  const titles = columns.map(({ title }) => escapeControls(title));
  const cells = rows.map((row) => row.map((cell) => (cell === null ? null : escapeControls(cell))));
  const natural = titles.map((title, index) =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "NULL")), textWidth(title)),
  );
  const widths = lineWidth === null ? natural : fitWidths(natural, columns, lineWidth);

  const line = (row: (string | null)[], style?: "bold") =>
    widths
      .map((width, index) => {
        const cell = row[index] ?? null;
        const text = cut(cell ?? "NULL", width);
        const blank = " ".repeat(width - textWidth(text));
        const shown = style ? styled(style, text) : cell === null ? styled("dim", text) : text;
        if (columns[index]?.numeric) return blank + shown;
        return index === widths.length - 1 ? shown : shown + blank;
      })
      .join(GAP);
  return {
    lines: [line(titles, "bold"), "-".repeat(total(widths)), ...cells.map((row) => line(row))],
    shown: widths.length,
  };
};
