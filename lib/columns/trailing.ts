/** Returns how often a character is repeated at the end of a string. A regular expression would take quadratic time. */
export const countTrailing = (text: string, character: string): number => {
  let start = text.length;
  while (start > 0 && text[start - 1] === character) start--;
  return text.length - start;
};

/** Returns a string without the zeros at its end. */
export const withoutTrailingZeros = (text: string): string => text.slice(0, text.length - countTrailing(text, "0"));
