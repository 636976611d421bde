/** The one place that knows which texts are secret, and takes them out of whatever leaves the process. */
export interface Redactor {
  /**
   * Remembers a secret in all the forms in which it may show up: raw, in a URL, in JSON, in HTML, in base64.
   *
   * @param options.in_data false for what only shares a place with a key, such as an account's name beside it: rows
   *   may well be full of that. It is masked in messages all the same.
   */
  add(value: string, options?: { in_data: boolean }): void;
  /** The text with every secret masked; for logs, errors, metadata. */
  redact(text: string): string;
  /** Any value with every string in it redacted, keys included; for logs. */
  redactDeep<Value>(value: Value): Value;
  /** Whether a text that is about to be stored as data holds a key of at least eight characters. */
  isIn(text: string): boolean;
  /** Data with just those keys masked in every string, names of fields included. */
  redactData<Value>(value: Value): Value;
}
