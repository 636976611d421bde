import type { PutResult } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";

/** Milliseconds between attempts. A 409 means that another write of the same key is in progress, which ends soon. */
const CONFLICT_WAITS = [50, 100, 200, 400, 800, 1600];

/**
 * Writes an object unless its key exists (`If-None-Match: *`), and repeats the PUT while S3 returns 409.
 *
 * @returns `conflict` only when every attempt was in conflict: another writer is writing the same object.
 */
export const putOnce = async (
  { bucket, clock }: Pick<Ports, "bucket" | "clock">,
  key: string,
  body: Uint8Array | string,
  options: { metadata?: Record<string, string>; content_type: string },
): Promise<PutResult> => {
  const put = () => bucket.put(key, body, { ...options, condition: { if_none_match: "*" } });
  for (const wait of CONFLICT_WAITS) {
    const result = await put();
    if (result !== "conflict") return result;
    await clock.sleep(wait);
  }
  return put();
};
