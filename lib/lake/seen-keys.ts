import { sha256 } from "../json/hash.ts";
import { createKeySet } from "../metering/key-set.ts";
import type { Ports } from "../ports/index.ts";
import { type RunAddress, seenKeysKey } from "./keys.ts";

/** Bytes of the name of the list before, as binary, which every list begins with: zeros for none. */
const HEADER = 32;
const NONE = "0".repeat(2 * HEADER);
const BYTES_PER_KEY = 8;

/** The primary keys that a resource has read in a run, as hashes. */
export interface SeenKeys {
  /** Adds keys, and returns how many of them were there. null is not a key. */
  add(keys: (string | null)[]): number;
  /** Stores the keys that were added since the last call, and returns the name of the newest list; null for none. */
  save(): Promise<string | null>;
}

/** A stored list of hashes, and the list before it. */
interface KeyList {
  name: string;
  count: number;
}

/**
 * Opens the keys of a resource in a run. They are stored with each part but the last one, as lists of 8 bytes per key in
 * content-addressed objects, each of which names the one before it. Smaller lists are merged into a new one, so that their number
 * grows with the logarithm. A list that cannot be read is a warning: without it, fewer repeated rows are found.
 *
 * @param newest name of the newest list, from the position; null for none.
 */
export const openSeenKeys = async (
  { bucket, logger }: Pick<Ports, "bucket" | "logger">,
  address: Pick<RunAddress, "source" | "run_id">,
  newest: string | null,
): Promise<SeenKeys> => {
  const set = createKeySet();
  /** The stored lists, the oldest first. */
  const lists: KeyList[] = [];

  /** Returns the hashes in a list, and the name of the list before it; null if it cannot be read. */
  const read = async (name: string): Promise<{ hashes: Buffer; previous: string | null } | null> => {
    const object = await bucket.get(seenKeysKey(address, name));
    if (object === null || sha256(object.body) !== name) {
      logger.warn("keys not read", { key: seenKeysKey(address, name), why: object === null ? "missing" : "corrupt" });
      return null;
    }
    const body = Buffer.from(object.body);
    const previous = body.subarray(0, HEADER).toString("hex");
    return { hashes: body.subarray(HEADER), previous: previous === NONE ? null : previous };
  };

  for (let name = newest; name !== null; ) {
    const list = await read(name);
    if (list === null) break;
    lists.unshift({ name, count: list.hashes.length / BYTES_PER_KEY });
    set.addHashes(new Uint32Array(Uint8Array.from(list.hashes).buffer));
    name = list.previous;
  }

  return {
    add: (keys) => keys.reduce((repeated, key) => repeated + (key !== null && set.add(key) ? 1 : 0), 0),
    async save() {
      const added = set.takeAdded();
      let hashes: Buffer = Buffer.from(added.buffer, added.byteOffset, added.byteLength);
      for (let last = lists.at(-1); hashes.length > 0 && last !== undefined; last = lists.at(-1)) {
        const list = last.count * BYTES_PER_KEY <= hashes.length ? await read(last.name) : null;
        if (list === null) break;
        hashes = Buffer.concat([list.hashes, hashes]);
        lists.pop();
      }
      if (hashes.length > 0) {
        const body = Buffer.concat([Buffer.from(lists.at(-1)?.name ?? NONE, "hex"), hashes]);
        const name = sha256(body);
        await bucket.put(seenKeysKey(address, name), body, { content_type: "application/octet-stream" });
        lists.push({ name, count: hashes.length / BYTES_PER_KEY });
      }
      return lists.at(-1)?.name ?? null;
    },
  };
};
