/** An S3 object without its content. */
export interface ObjectHead {
  /** Opaque, including quotes. */
  etag: string;
  size: number;
  metadata: Record<string, string>;
}

/** A condition on a PUT: the key must not exist, or must still have this ETag. */
export type PutCondition = { if_none_match: "*" } | { if_match: string };

/** Result of a PUT: written, rejected by its condition, or in conflict with a concurrent PUT (retry). */
export type PutResult = { etag: string } | "precondition_failed" | "conflict";

/**
 * The S3 operations that restlake uses. Every method throws `StorageError` when access is denied, the bucket does not exist, or S3
 * still fails after the SDK's retries.
 */
export interface Bucket {
  /** Name of the bucket in S3. */
  readonly name: string;
  /** Returns null if the key does not exist. */
  head(key: string): Promise<ObjectHead | null>;
  /** Returns null if the key does not exist. */
  get(key: string): Promise<(ObjectHead & { body: Uint8Array }) | null>;
  put(
    key: string,
    body: Uint8Array | string,
    options?: { condition?: PutCondition; metadata?: Record<string, string>; content_type?: string },
  ): Promise<PutResult>;
}
