import jsTokens, { type Token } from "js-tokens";
import { blank, blankCode, CODE, isProse, joinComments, type Passage } from "../passage.ts";

/** A token with its index in the file. */
type Placed = { type: Token["type"]; value: string; start: number };

const place = (source: string): Placed[] => {
  let end = 0;
  return Array.from(jsTokens(source), ({ type, value }) => {
    end += value.length;
    return { type, value, start: end - value.length };
  });
};

/** Block comments without their markers and the stars at the beginning of lines. */
const blockComments = (tokens: Placed[]): Passage[] =>
  tokens
    .filter(({ type }) => type === "MultiLineComment")
    .map(({ value, start }) => ({
      kind: value.startsWith("/**") ? "docstring" : "comment",
      start,
      text: blankCode(value.replaceAll(/^\/\*+|\*+\/$|^[^\S\n]*\*(?!\/)/gm, (marker) => blank(marker))),
    }));

/** Line comments without their markers. */
const lineComments = (tokens: Placed[]): Passage[] =>
  tokens
    .filter(({ type }) => type === "SingleLineComment")
    .map(({ value, start }) => ({
      kind: "comment",
      start,
      text: value.replace(/^\/+/, (marker) => blank(marker)),
    }));

/** A string or template without its quotes, escape sequences and HTML tags. */
const literal = (start: number, written: string): Passage => ({
  kind: "string",
  start,
  text: blankCode(
    written
      .replaceAll(/\\(?:u\{[^}]*\}|[\s\S])/g, (sequence) => (sequence === "\\`" ? " `" : blank(sequence)))
      .replaceAll(/^["'`]|["'`]$/g, " ")
      .replaceAll(/<[/!]?[a-zA-Z][^<>]*>/g, (tag) => blank(tag, CODE)),
  ),
});

/** Strings and templates. A template is one passage with its interpolations blanked out; literals inside those are passages, too. */
const literals = (tokens: Placed[]): Passage[] => {
  const passages: Passage[] = [];
  const open: { start: number; text: string }[] = [];
  for (const { type, value, start } of tokens) {
    if (type === "StringLiteral" || type === "NoSubstitutionTemplate") passages.push(literal(start, value));
    if (type === "TemplateHead") open.push({ start, text: value });
    const template = open.at(-1);
    if (!template || (type !== "TemplateMiddle" && type !== "TemplateTail")) continue;
    template.text = template.text.padEnd(start - template.start, CODE) + value;
    if (type === "TemplateTail") {
      passages.push(literal(template.start, template.text));
      open.pop();
    }
  }
  return passages.filter(({ text }) => isProse(text));
};

/** Returns the comments, docstrings, strings and templates of a TypeScript or JavaScript file. */
export const extractTypeScript = (source: string): Passage[] => {
  const tokens = place(source);
  return [...blockComments(tokens), ...joinComments(source, lineComments(tokens)), ...literals(tokens)];
};
