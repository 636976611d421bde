import type { Redactor } from "../ports/redactor.ts";

/** What a message quotes of a text that came from outside. */
const LONGEST = 200;

/**
 * The beginning of a text for a message, on one line.
 * Redacted before anything is cut off: half a key at the cut would not be known as one.
 */
export const excerpt = (text: string, redactor: Pick<Redactor, "redact">): string =>
  redactor.redact(text).replaceAll(/\s+/g, " ").trim().slice(0, LONGEST);
