import type { PutResult } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";

/** A 409 says that another write of this key is under way: it is over in a moment. */
const CONFLICT_WAITS = [50, 100, 200, 400, 800, 1600];

/**
 * PUT of an object that is written once (`If-None-Match: *`), again while S3 answers 409.
 *
 * @returns `conflict` only when it was in conflict every time: someone else writes this very object.
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
