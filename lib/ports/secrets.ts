/** Access to the source's secret, by field. */
export interface Secrets {
  /**
   * Returns the value of a field.
   *
   * @param options.force bypasses the cache, because the secret may have been rotated.
   * @throws SecretError if the secret or the field is missing.
   */
  get(field: string, options?: { force?: boolean }): Promise<string>;
  /**
   * Replaces the value of a field. The other fields keep their stored values.
   *
   * @throws SecretError if the secret cannot be read or written.
   */
  put(field: string, value: string): Promise<void>;
}
