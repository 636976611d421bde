/** An object without its content. */
export interface ObjectHead {
  /** Opaque, quotes included. */
  etag: string;
  size: number;
  metadata: Record<string, string>;
}

/** A condition on a PUT: the key must not exist, or must still have this ETag. */
export type PutCondition = { if_none_match: "*" } | { if_match: string };

/** What became of a PUT: written, refused by its condition, or in conflict with another one (try again). */
export type PutResult = { etag: string } | "precondition_failed" | "conflict";

/**
 * What restlake needs of S3, and no more. Every method throws `StorageError` for anything else than it returns:
 * access denied, no bucket, or trouble that outlasts the SDK's retries.
 */
export interface Bucket {
  /** What S3 calls it. */
  readonly name: string;
  /** null when there is no such key. */
  head(key: string): Promise<ObjectHead | null>;
  /** null when there is no such key. */
  get(key: string): Promise<(ObjectHead & { body: Uint8Array }) | null>;
  put(
    key: string,
    body: Uint8Array | string,
    options?: { condition?: PutCondition; metadata?: Record<string, string>; content_type?: string },
  ): Promise<PutResult>;
}
