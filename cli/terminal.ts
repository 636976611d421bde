/**
 * Prints everything that the commands print. Names, values and messages come from APIs and must not control the terminal:
 * each control or bidirectional character is printed as its JSON escape, `\u001b`. JSON keeps its value that way.
 */
import { randomUUID } from "node:crypto";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { styleText } from "node:util";
import { createLogUpdate } from "log-update";
import { terminalWidth, wrapText } from "./wrap-text.ts";

/** Characters that move the cursor, start escape sequences, break lines, or reorder text. */
const CONTROLS = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const ESCAPE = "\u001b";

/** Stands for the ESC of a style until the string is printed. No API can guess it, so its own escape sequences are escaped. */
const STYLE_MARK = `<${randomUUID()}>`;

/** Returns the JSON escape of a control character: `\n`, `\u202e`. */
const escapeOf = (character: string): string => {
  const quoted = JSON.stringify(character).slice(1, -1);
  return quoted.length > 1 ? quoted : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
};

/** Escapes all control characters of a string that is printed on one line. */
export const escapeControls = (text: string): string => text.replaceAll(CONTROLS, escapeOf);

/** Returns a string as it is printed: line breaks, tabs and styles have an effect, all other control characters are escaped. */
export const printable = (text: string): string =>
  text
    .replaceAll(CONTROLS, (character) => (character === "\n" || character === "\t" ? character : escapeOf(character)))
    .replaceAll(STYLE_MARK, ESCAPE);

/** Returns a string in a style, if stdout supports colors. The style takes effect when the string is printed. */
export const styled = (format: Parameters<typeof styleText>[0], text: string): string =>
  styleText(format, escapeControls(text)).replaceAll(ESCAPE, STYLE_MARK);

/** Prints lines on a stream. */
export const printTo = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printable(text)}\n`);
};

/** Prints lines on stdout. */
export const print = (text: string): void => console.log(printable(text));

/** Prints a message on stderr. On a terminal, lines that are too long are wrapped at spaces. */
export const printError = (message: string): void => {
  const width = terminalWidth(process.stderr);
  const lines = message.split("\n").flatMap((line) => (line.length <= width ? line : wrapText(line, width)));
  console.error(printable(lines.join("\n")));
};

/** Prints a long string on stdout piece by piece, as fast as it is read. Ends early when its reader ends, such as `| head`. */
export const printAll = async (texts: AsyncIterable<string>): Promise<void> => {
  const pieces = Readable.from(texts).map(printable);
  try {
    await pipeline(pieces, process.stdout, { end: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
};

/** Lines at the bottom of a terminal that are replaced by each update. */
export interface LiveLines {
  update(lines: string[]): void;
  clear(): void;
  /** Removes the lines for good. */
  end(): void;
}

/** Creates live lines on a terminal. Lines that are too long are cut, because a wrapped line would make them jump. */
export const createLiveLines = (stream: NodeJS.WriteStream): LiveLines => {
  const view = createLogUpdate(stream, { showCursor: false });
  const fit = (line: string) => {
    const text = escapeControls(line);
    return text.length < stream.columns ? text : `${text.slice(0, stream.columns - 2)}…`;
  };
  return {
    update: (lines) => view(lines.map(fit).join("\n")),
    clear: view.clear,
    end() {
      view.clear();
      view.done();
    },
  };
};
