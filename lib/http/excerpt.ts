import type { Redactor } from "../ports/redactor.ts";

/** Maximum number of characters that a message quotes of an external string. */
const MAX_LENGTH = 200;

/**
 * Returns the beginning of an external string on one line, for a message.
 * Secrets are redacted before the string is cut: half a key at the cut would not be recognized.
 */
export const excerpt = (text: string, redactor: Pick<Redactor, "redact">): string =>
  redactor.redact(text).replaceAll(/\s+/g, " ").trim().slice(0, MAX_LENGTH);
