/** Place of an error in a string that is not JSON. */
export interface JsonSyntaxError {
  /** Index of the first character that JSON does not have there; the length of the string if it ends too early. */
  index: number;
  /** The word or character at the index, such as `NaN`; "" at the end of the string. */
  found: string;
}

/** White space, then anything but a string. */
const TOKEN =
  /[ \t\n\r]*(?:([{}[\],:])|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w))|")/y;
const SPACES = /[ \t\n\r]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;
/** A number, literal or escape that the end of the string may have cut off. */
const CUT_OFF = /^[ \t\n\r]*(?:-?\d*\.?\d*(?:[eE][+-]?)?|t|tr|tru|f|fa|fal|fals|n|nu|nul|\\(?:u[\dA-Fa-f]{0,3})?)$/;
/** Length that is enough for a token which is cut off. */
const MAX_CUT_OFF = 1000;

const QUOTE = '"'.charCodeAt(0);
const BACKSLASH = "\\".charCodeAt(0);
const SPACE = " ".charCodeAt(0);

/** Returns the index after a string whose content begins at an index; that of the first invalid character, negative, otherwise. */
const endOfString = (text: string, start: number): number => {
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === QUOTE) return index + 1;
    if (code < SPACE) return -index;
    if (code !== BACKSLASH) continue;
    ESCAPE.lastIndex = index;
    if (!ESCAPE.test(text)) return -index;
    index = ESCAPE.lastIndex - 1;
  }
  return -text.length;
};

/** Tokens that may follow: a value, the first value or end of a list, a key, the first key or end of an object, and so on. */
type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | ", or end" | "nothing";

/** Returns what may follow a closing bracket; null if it must not stand here. */
const afterClosing = (token: "]" | "}", expected: Expected, open: string[]): Expected | null => {
  if (open.at(-1) !== (token === "]" ? "[" : "{")) return null;
  if (expected !== ", or end" && !expected.endsWith(`or ${token}`)) return null;
  open.pop();
  return open.length === 0 ? "nothing" : ", or end";
};

/** Returns what may follow a token, of which a string is its opening quote; null if it must not stand here. */
const after = (token: string, expected: Expected, open: string[]): Expected | null => {
  if (token === "]" || token === "}") return afterClosing(token, expected, open);
  if (token === ",") return expected === ", or end" ? (open.at(-1) === "[" ? "value" : "key") : null;
  if (token === ":") return expected === ":" ? "value" : null;
  if (expected.startsWith("key")) return token === '"' ? ":" : null;
  if (!expected.startsWith("value")) return null;
  if (token !== "[" && token !== "{") return open.length === 0 ? "nothing" : ", or end";
  open.push(token);
  return token === "[" ? "value or ]" : "key or }";
};

const errorAt = (text: string, index: number): JsonSyntaxError => ({
  index,
  found: /^(?:[-\w.]+|.)/su.exec(text.slice(index, index + MAX_CUT_OFF))?.[0] ?? "",
});

const skipSpace = (text: string, index: number): number => {
  SPACES.lastIndex = index;
  SPACES.test(text);
  return SPACES.lastIndex;
};

const isCutOff = (text: string, index: number): boolean =>
  text.length - index < MAX_CUT_OFF && CUT_OFF.test(text.slice(index));

/** Finds the error in a string that JSON.parse refuses. Its own messages have no position for short strings. */
export const findSyntaxError = (text: string): JsonSyntaxError => {
  const open: string[] = [];
  let expected: Expected = "value";
  for (let index = 0; ; ) {
    TOKEN.lastIndex = index;
    const match = TOKEN.exec(text);
    const next: Expected | null = match === null ? null : after(match[1] ?? match[2] ?? '"', expected, open);
    if (next === null) {
      const isEarly = match === null && expected !== "nothing" && isCutOff(text, index);
      return errorAt(text, isEarly ? text.length : skipSpace(text, index));
    }
    expected = next;
    index = TOKEN.lastIndex;
    if (text.charCodeAt(index - 1) !== QUOTE) continue;
    const end = endOfString(text, index);
    if (end <= 0) return errorAt(text, isCutOff(text, -end) ? text.length : -end);
    index = end;
  }
};
