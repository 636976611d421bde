/** Maximum number of keys that a set remembers. They take 32 MiB of memory. */
export const MAX_KEYS = 2 ** 21;
/** Slots of an empty set. The number is a power of two, and at most half of the slots are used. */
const MIN_SLOTS = 2 ** 12;

/** A set of 64-bit hashes of keys. Two keys of two million have the same hash with odds of about one in nine million. */
export interface KeySet {
  /** Adds a key, and returns whether it was there. A full set adds none. */
  add(key: string): boolean;
  /** Adds hashes as `hashes` returns them. */
  addHashes(hashes: Uint32Array): void;
  /** Returns the hashes that `add` added since the last call, two numbers each. */
  takeAdded(): Uint32Array;
}

/** Spreads the bits of a number (the finalizer of MurmurHash3, which is in the public domain). */
const mix = (value: number): number => {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};

/** Writes the two halves of a key's hash into `target`: two different multiplicative hashes, mixed. */
const hashInto = (target: Uint32Array, key: string): void => {
  let [one, other] = [0x811c9dc5, 0x9e3779b9];
  for (let index = 0; index < key.length; index++) {
    const code = key.charCodeAt(index);
    one = Math.imul(one ^ code, 0x01000193);
    other = Math.imul(other + code, 0x2c1b3c6d) ^ (other >>> 15);
  }
  target[0] = mix(one ^ other);
  // A slot of two zeros is empty.
  target[1] = mix(other + key.length) || 1;
};

/** Creates an empty set. */
export const createKeySet = (max = MAX_KEYS): KeySet => {
  let slots = new Uint32Array(2 * MIN_SLOTS);
  let size = 0;
  let added: number[] = [];
  const hash = new Uint32Array(2);

  /** Returns the index of the slot that has a hash, or that is free for it. */
  const slotOf = (high: number, low: number): number => {
    const mask = slots.length / 2 - 1;
    for (let slot = high & mask; ; slot = (slot + 1) & mask) {
      const isFree = slots[2 * slot + 1] === 0;
      if (isFree || (slots[2 * slot] === high && slots[2 * slot + 1] === low)) return 2 * slot;
    }
  };

  const grow = (): void => {
    const old = slots;
    slots = new Uint32Array(2 * old.length);
    for (let index = 0; index < old.length; index += 2) {
      const [high = 0, low = 0] = [old[index], old[index + 1]];
      if (low !== 0) slots.set([high, low], slotOf(high, low));
    }
  };

  /** Adds a hash, and returns whether it was there; null if the set is full. */
  const addHash = (high: number, low: number): boolean | null => {
    const index = slotOf(high, low);
    if (slots[index + 1] !== 0) return true;
    if (size >= max) return null;
    slots[index] = high;
    slots[index + 1] = low;
    size += 1;
    if (4 * size > slots.length) grow();
    return false;
  };

  return {
    add(key) {
      hashInto(hash, key);
      const [high = 0, low = 0] = hash;
      const wasThere = addHash(high, low);
      if (wasThere === false) added.push(high, low);
      return wasThere === true;
    },
    addHashes(hashes) {
      for (let index = 0; index < hashes.length; index += 2) addHash(hashes[index] ?? 0, hashes[index + 1] ?? 1);
    },
    takeAdded() {
      const taken = Uint32Array.from(added);
      added = [];
      return taken;
    },
  };
};
