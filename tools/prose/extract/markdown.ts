import { blank, blankCode, CODE, type Passage } from "../passage.ts";

/** Code fences with their content, HTML comments and tags, link targets. */
const NOT_PROSE =
  /^([ \t>]*)(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^[ \t>]*\2[`~]*[ \t]*$|$(?![\s\S]))|<!--[\s\S]*?-->|<[/]?[a-z][^<>\n]*>|(?<=\])\([^()\n]*\)/gim;

/** Returns the text of a Markdown file, without code fences, inline code, link targets and HTML tags. */
export const extractMarkdown = (source: string): Passage[] => [
  { kind: "markdown", start: 0, text: blankCode(source.replaceAll(NOT_PROSE, (code) => blank(code, CODE))) },
];
