/** Values of the source's secret by field. */
export interface Secrets {
  /**
   * @param options.force reads the secret anew: it may have been rotated.
   * @throws SecretError when the secret or the field is missing.
   */
  get(field: string, options?: { force?: boolean }): Promise<string>;
}
