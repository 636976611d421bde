import type { Cursor, HashList } from "../columns/cursor-values.ts";
import { CheckpointError } from "../errors/index.ts";
import { sha256 } from "../json/hash.ts";
import type { Ports } from "../ports/index.ts";
import { rowHashesKey } from "./keys.ts";

/** Maximum number of row hashes in a cursor. It is part of positions and run records, which are small. */
export const MAX_INLINE_HASHES = 1000;

/** Bytes of a row hash in a list. */
const WIDTH = 8;

/** Limits of stored lists. */
export interface HashListLimits {
  /** Maximum number of hashes in one list. Merging two lists takes four times their size in memory. */
  list: number;
  /** Maximum number of hashes that stay in memory. Lists beyond it are read again for each page that needs them. */
  memory: number;
}

/** Lists of up to 1 MiB, of which 64 MiB stay in memory. */
const LIMITS: HashListLimits = { list: 2 ** 17, memory: 2 ** 23 };

/**
 * Hashes of rows at the boundary value of a cursor that do not fit into the cursor: sorted lists of 8 bytes per row in
 * content-addressed objects. Their number is not limited, and the memory that they take is.
 */
export interface RowHashes {
  /** Returns those of the hashes that are in the lists. */
  find(lists: HashList[], hashes: string[]): Promise<Set<string>>;
  /** Returns the cursor with its hashes in a stored list, if they do not fit into it. */
  fit(cursor: Cursor): Promise<Cursor>;
}

/** Keeps nothing: for checks, which write nothing. */
export const NO_ROW_HASHES: RowHashes = {
  find: async () => new Set(),
  fit: async (cursor) => cursor,
};

const pack = (hashes: string[]): Buffer => Buffer.from([...new Set(hashes)].sort().join(""), "hex");

const unpack = (list: Buffer): string[] => list.toString("hex").match(/.{16}/g) ?? [];

const includes = (list: Buffer, hash: string): boolean => {
  const wanted = BigInt(`0x${hash}`);
  let [low, high] = [0, list.length / WIDTH];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const found = list.readBigUInt64BE(middle * WIDTH);
    if (found === wanted) return true;
    if (found < wanted) low = middle + 1;
    else high = middle;
  }
  return false;
};

/** Creates the access to the stored row hashes of a source. */
export const createRowHashes = (
  { bucket }: Pick<Ports, "bucket">,
  source: string,
  limits: HashListLimits = LIMITS,
): RowHashes => {
  const loaded = new Map<string, Buffer>();
  let held = 0;

  /** @throws CheckpointError for a list that is missing or corrupt: without it, rows would be loaded twice. */
  const read = async (list: HashList): Promise<Buffer> => {
    const object = await bucket.get(rowHashesKey(source, list.sha256));
    const found = object === null ? "missing" : "corrupt";
    if (object !== null && sha256(object.body) === list.sha256) return Buffer.from(object.body);
    throw new CheckpointError(
      `the row hashes ${rowHashesKey(source, list.sha256)} are ${found}: restore an older version of the object, or start with refresh: "full"`,
    );
  };

  /** Reads a list and keeps it, unless the memory is full. */
  const load = async (list: HashList): Promise<Buffer> => {
    const known = loaded.get(list.sha256);
    if (known !== undefined) return known;
    const content = await read(list);
    if (held + list.count <= limits.memory) {
      loaded.set(list.sha256, content);
      held += list.count;
    }
    return content;
  };

  const store = async (content: Buffer): Promise<HashList> => {
    const list = { sha256: sha256(content), count: content.length / WIDTH };
    await bucket.put(rowHashesKey(source, list.sha256), content, { content_type: "application/octet-stream" });
    return list;
  };

  /** Adds hashes as a new list, into which smaller lists before it are merged: their number grows with the logarithm. */
  const add = async (lists: HashList[], hashes: string[]): Promise<HashList[]> => {
    const kept = [...lists];
    let content = pack(hashes);
    for (let last = kept.at(-1); last !== undefined; last = kept.at(-1)) {
      const count = content.length / WIDTH;
      if (last.count > count || last.count + count > limits.list) break;
      content = pack([...unpack(await read(last)), ...unpack(content)]);
      kept.pop();
    }
    return [...kept, await store(content)];
  };

  return {
    async find(lists, hashes) {
      const found = new Set<string>();
      if (hashes.length === 0) return found;
      for (const list of lists) {
        const content = await load(list);
        for (const hash of hashes) if (includes(content, hash)) found.add(hash);
      }
      return found;
    },
    async fit(cursor) {
      if (cursor.hashes.length <= MAX_INLINE_HASHES) return cursor;
      return { ...cursor, hashes: [], hash_lists: await add(cursor.hash_lists ?? [], cursor.hashes) };
    },
  };
};
