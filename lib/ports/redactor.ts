/** Knows the secrets of the process, and masks them in everything that leaves it. */
export interface Redactor {
  /**
   * Registers a secret in all forms in which it may occur: raw, in a URL, in JSON, in HTML, in base64.
   *
   * @param options.in_data false for values that are stored with a key but may be common in rows, such as an account's name. They
   *   are masked in messages only.
   */
  add(value: string, options?: { in_data: boolean }): void;
  /** Masks every secret in a string, for logs, errors and metadata. */
  redact(text: string): string;
  /** Masks every secret in all strings of a value, including keys, for logs. */
  redactDeep<Value>(value: Value): Value;
  /** Whether a string that will be stored as data contains a key of at least eight characters. */
  isIn(text: string): boolean;
  /** Masks only those keys in all strings of a value, including the names of fields. */
  redactData<Value>(value: Value): Value;
}
