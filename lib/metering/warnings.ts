/** Maximum number of warnings that a resource keeps. */
export const MAX_WARNINGS = 20;
/** Maximum length of a warning. */
const MAX_LENGTH = 300;

/**
 * Returns the warnings of a resource with more of them: distinct, in order, and few enough for a position. A warning is about
 * rows that may be missing, which no client can prove: the run is done, and a person should check.
 */
export const addWarnings = (warnings: readonly string[], added: readonly string[]): string[] => {
  const all = new Set(warnings);
  for (const text of added) {
    if (all.size >= MAX_WARNINGS) break;
    all.add(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 3)}...` : text);
  }
  return [...all];
};
