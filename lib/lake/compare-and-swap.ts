import { randomUUID } from "node:crypto";
import { StorageError } from "../errors/index.ts";
import type { PutCondition } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";
import type { StoredDocument } from "./stored-document.ts";

/** Milliseconds. */
const MAX_WAIT = 500;
const MAX_ATTEMPTS = 20;

/**
 * Changes a small JSON document that several writers may change at the same time: reads it, calls `change`, and writes the
 * result on condition that the document is still the one that was read. A writer that loses reads again. If the response to
 * a write was lost, the writer recognizes its own write by the metadata, so no change is made twice.
 *
 * @param change receives the current content, or null when the document does not exist. Returns the new content, or null
 *   for no change. It may run several times, may read more, and must not have side effects.
 * @returns the content after the change.
 * @throws the document's named error if the stored content is corrupt.
 * @throws StorageError after 20 attempts.
 */
export const compareAndSwap = async <Value>(
  { bucket, clock }: Pick<Ports, "bucket" | "clock">,
  { key, parse }: StoredDocument<Value>,
  change: (current: Value | null) => Value | null | Promise<Value | null>,
): Promise<Value | null> => {
  let unconfirmed: { swap: string; content: Value } | null = null;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const object = await bucket.get(key);
    // The SDK repeats a PUT whose response was lost. The condition of the repeated PUT fails because of the first one.
    if (unconfirmed !== null && object?.metadata.swap === unconfirmed.swap) return unconfirmed.content;
    const current = object === null ? null : parse(object.body);
    const next = await change(current);
    if (next === null) return current;
    const condition: PutCondition = object === null ? { if_none_match: "*" } : { if_match: object.etag };
    unconfirmed = { swap: randomUUID(), content: next };
    const result = await bucket.put(key, `${JSON.stringify(next)}\n`, {
      condition,
      metadata: { swap: unconfirmed.swap },
      content_type: "application/json",
    });
    if (typeof result === "object") return next;
    await clock.sleep(clock.random() * Math.min(MAX_WAIT, 2 ** attempt * 10));
  }
  throw new StorageError(`${key} is changed by other writers all the time (${MAX_ATTEMPTS} attempts): try again`);
};
