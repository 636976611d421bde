import { randomUUID } from "node:crypto";
import { StorageError } from "../errors/index.ts";
import type { PutCondition } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";

const LONGEST_WAIT = 500;
const MOST_ATTEMPTS = 20;

/**
 * Changes a small JSON object that several writers may want to change at once: reads it, lets `change` decide,
 * writes under the condition that nobody wrote in between; who loses reads again. An own write whose answer was lost
 * is recognised by its metadata, so no change is made twice.
 *
 * @param change gets null when there is no object; returns the new content, or null to leave it as it is. It may run
 *   several times, may read more, and must not have side effects.
 * @param parse turns the stored text into a value; what it throws is thrown.
 * @returns the content after the change.
 */
export const compareAndSwap = async <Value>(
  { bucket, clock }: Pick<Ports, "bucket" | "clock">,
  key: string,
  parse: (text: string) => Value,
  change: (current: Value | null) => Value | null | Promise<Value | null>,
): Promise<Value | null> => {
  let lost: { swap: string; content: Value } | null = null;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const object = await bucket.get(key);
    // The SDK repeats a PUT whose answer was lost, and then its condition is false by our own doing.
    if (lost !== null && object?.metadata.swap === lost.swap) return lost.content;
    const current = object === null ? null : parse(Buffer.from(object.body).toString());
    const next = await change(current);
    if (next === null) return current;
    const condition: PutCondition = object === null ? { if_none_match: "*" } : { if_match: object.etag };
    lost = { swap: randomUUID(), content: next };
    const result = await bucket.put(key, `${JSON.stringify(next)}\n`, {
      condition,
      metadata: { swap: lost.swap },
      content_type: "application/json",
    });
    if (typeof result === "object") return next;
    await clock.sleep(clock.random() * Math.min(LONGEST_WAIT, 2 ** attempt * 10));
  }
  throw new StorageError(`${key} was changed by others ${MOST_ATTEMPTS} times in a row: try again`);
};
