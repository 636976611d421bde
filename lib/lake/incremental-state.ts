import { areComparable, type Cursor, compareCursors } from "../columns/cursor-values.ts";
import { CheckpointError } from "../errors/index.ts";
import { isJsonObject } from "../json/index.ts";
import type { Ports } from "../ports/index.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { incrementalStateKey } from "./keys.ts";

/** The cursors that a resource's next run starts from. */
export interface IncrementalState {
  version: 1;
  /** The run that moved it last. */
  run_id: string;
  cursors: Record<string, Cursor>;
}

const isCursor = (value: unknown): boolean =>
  isJsonObject(value) &&
  (typeof value.value === "string" || typeof value.value === "number") &&
  Array.isArray(value.hashes) &&
  value.hashes.every((hash) => typeof hash === "string");

const parser =
  (source: string, resource: string) =>
  (text: string): IncrementalState => {
    try {
      const state = JSON.parse(text) as IncrementalState;
      const isSound = isJsonObject(state.cursors) && Object.values(state.cursors).every(isCursor);
      if (state.version === 1 && isSound && typeof state.run_id === "string") return state;
    } catch {
      // Told below: it is never silently started over.
    }
    throw new CheckpointError(
      `${incrementalStateKey(source, resource)} is corrupt: restore an older version of the object, or delete it and start with refresh: "full"`,
      { source, resource },
    );
  };

/** @returns null when the resource was never loaded. */
export const readIncrementalState = async (
  { bucket }: Pick<Ports, "bucket">,
  source: string,
  resource: string,
): Promise<IncrementalState | null> => {
  const object = await bucket.get(incrementalStateKey(source, resource));
  return object === null ? null : parser(source, resource)(Buffer.from(object.body).toString());
};

const furthest = (a: Cursor | undefined, b: Cursor): Cursor => {
  if (a === undefined || (a.path !== undefined && a.path !== b.path)) return b;
  // The API has other values than before, and the run read them all: it could not have started from the old one.
  if (!areComparable(a.value, b.value)) return b;
  const order = compareCursors(a.value, b.value);
  if (order !== 0) return order > 0 === (b.lowest !== true) ? a : b;
  return { ...b, hashes: [...new Set([...a.hashes, ...b.hashes])] };
};

/** Moves the cursors forward: never back, never by an older run (DESIGN 3). */
export const moveIncrementalState = async (
  ports: Pick<Ports, "bucket" | "clock">,
  source: string,
  resource: string,
  run_id: string,
  cursors: Record<string, Cursor>,
): Promise<void> => {
  await compareAndSwap<IncrementalState>(
    ports,
    incrementalStateKey(source, resource),
    parser(source, resource),
    (current) => {
      if (current !== null && current.run_id > run_id) return null;
      const merged = { ...current?.cursors };
      for (const [parent, cursor] of Object.entries(cursors)) merged[parent] = furthest(merged[parent], cursor);
      const next = { version: 1 as const, run_id, cursors: merged };
      return JSON.stringify(next) === JSON.stringify(current) ? null : next;
    },
  );
};
