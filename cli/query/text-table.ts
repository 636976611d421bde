import { styleText } from "node:util";

/** A column of a table for people. */
export interface TextColumn {
  title: string;
  /** Numbers stand to the right. */
  numeric: boolean;
  /** Never cut: a part of a number is another number. */
  whole: boolean;
}

const GAP = "  ";
const ELLIPSIS = "…";
/** Widest and narrowest that a text becomes when the terminal is too narrow for all of it. */
const ROOMY_TEXT = 32;
const NARROW_TEXT = 12;

/** A number and what it counts. */
export const count = (number: number, noun: string): string =>
  `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;

const INVISIBLE = /[\p{M}\p{Cf}]/u;
const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;

const signWidth = (sign: string): number => (INVISIBLE.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1);

/** Places that a text takes in a terminal. */
export const textWidth = (text: string): number => {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const sign of text) width += signWidth(sign);
  return width;
};

/** What comes from an API must not move the cursor, nor break a row in two. */
const onOneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (sign) =>
    JSON.stringify(sign).length > 3
      ? JSON.stringify(sign).slice(1, -1)
      : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const cut = (text: string, width: number): string => {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let taken = 0;
  for (const sign of text) {
    taken += signWidth(sign);
    if (taken > width - 1) break;
    kept += sign;
  }
  return kept + ELLIPSIS;
};

const total = (widths: number[]): number =>
  widths.reduce((sum, width) => sum + width, (widths.length - 1) * GAP.length);

/**
 * Widths that fit: first long texts give way, the longest first; if that is not enough, the last columns do.
 *
 * @returns one width per column that is shown.
 */
const widthsFor = (natural: number[], columns: TextColumn[], room: number): number[] => {
  const capped = (most: number) =>
    natural.map((width, index) => (columns[index]?.whole ? width : Math.min(width, most)));
  for (let most = Math.max(...natural); most >= NARROW_TEXT; most--) {
    if (total(capped(most)) <= room) return capped(most);
  }
  const roomy = capped(ROOMY_TEXT);
  let shown = roomy.length;
  while (shown > 1 && total(roomy.slice(0, shown)) > room) shown--;
  return roomy.slice(0, shown);
};

/**
 * An aligned table: a line of titles, a rule, a line per row.
 *
 * @param rows cells as text; null is shown as NULL, in another shade than the text "NULL".
 * @param room places in a line of the terminal; null where lines may have any length.
 * @returns the lines, and how many of the columns are in them.
 */
export const textTable = (
  columns: TextColumn[],
  rows: (string | null)[][],
  room: number | null,
): { lines: string[]; shown: number } => {
  const titles = columns.map(({ title }) => onOneLine(title));
  const cells = rows.map((row) => row.map((cell) => (cell === null ? null : onOneLine(cell))));
  const natural = titles.map((title, index) =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "NULL")), textWidth(title)),
  );
  const widths = room === null ? natural : widthsFor(natural, columns, room);

  const line = (row: (string | null)[], style?: "bold") =>
    widths
      .map((width, index) => {
        const cell = row[index] ?? null;
        const text = cut(cell ?? "NULL", width);
        const blank = " ".repeat(width - textWidth(text));
        const styled = style ? styleText(style, text) : cell === null ? styleText("dim", text) : text;
        if (columns[index]?.numeric) return blank + styled;
        return index === widths.length - 1 ? styled : styled + blank;
      })
      .join(GAP);
  return {
    lines: [line(titles, "bold"), "-".repeat(total(widths)), ...cells.map((row) => line(row))],
    shown: widths.length,
  };
};
