import { CST, Lexer } from "yaml";
import { blankCode, isProse, joinComments, type Passage } from "../passage.ts";

/** Marks that the lexer adds to the text of the file: of documents, flow errors and scalars. */
const ADDED: readonly string[] = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR];

/** Returns the comments of a YAML file, and its scalars that read as prose. */
export const extractYaml = (source: string): Passage[] => {
  const comments: Passage[] = [];
  const scalars: Passage[] = [];
  let start = 0;
  let previous = "";
  for (const lexeme of new Lexer().lex(source)) {
    const type = CST.tokenType(lexeme);
    const isScalar = previous === CST.SCALAR || type === "single-quoted-scalar" || type === "double-quoted-scalar";
    previous = lexeme;
    if (ADDED.includes(lexeme)) continue;
    if (type === "comment") comments.push({ kind: "comment", start, text: lexeme.replace("#", " ") });
    else if (isScalar && isProse(lexeme)) scalars.push({ kind: "string", start, text: blankCode(lexeme) });
    start += lexeme.length;
  }
  return [...joinComments(source, comments), ...scalars];
};
