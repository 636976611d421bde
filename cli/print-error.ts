import process from "node:process";
import { terminalWidth, wrapText } from "./wrap-text.ts";

/** Prints a message on stderr. On a terminal, lines that are too long are wrapped at spaces. */
export const printError = (message: string): void => {
  const width = terminalWidth(process.stderr);
  const lines = message.split("\n").flatMap((line) => (line.length <= width ? line : wrapText(line, width)));
  console.error(lines.join("\n"));
};
