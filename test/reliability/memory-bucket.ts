import { createHash } from "node:crypto";
import type { Bucket } from "../../lib/ports/bucket.ts";

/** A stored object. */
export interface StoredObject {
  body: Uint8Array;
  metadata: Record<string, string>;
  etag: string;
}

/**
 * Returns a bucket in memory with S3's conditional PUTs, for tests with thousands of runs. `test/contract/bucket.test.ts`
 * checks it against the same contract as S3.
 */
export const createMemoryBucket = (
  objects = new Map<string, StoredObject>(),
): Bucket & { objects: Map<string, StoredObject> } => ({
  objects,
  name: "lake",
  async head(key) {
    const object = objects.get(key);
    return object === undefined
      ? null
      : { etag: object.etag, size: object.body.byteLength, metadata: { ...object.metadata } };
  },
  async get(key) {
    const object = objects.get(key);
    return object === undefined
      ? null
      : { etag: object.etag, size: object.body.byteLength, metadata: { ...object.metadata }, body: object.body };
  },
  async put(key, body, { condition, metadata = {} } = {}) {
    const existing = objects.get(key);
    if (condition !== undefined) {
      const holds = "if_match" in condition ? existing?.etag === condition.if_match : existing === undefined;
      if (!holds) return "precondition_failed";
    }
    const bytes = typeof body === "string" ? Buffer.from(body) : body;
    const etag = `"${createHash("md5").update(bytes).digest("hex")}"`;
    objects.set(key, { body: bytes, metadata: { ...metadata }, etag });
    return { etag };
  },
});
