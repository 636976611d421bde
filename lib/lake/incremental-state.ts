import { areComparable, type Cursor, compareCursors } from "../columns/cursor-values.ts";
import { CheckpointError } from "../errors/index.ts";
import { objectOf, string } from "../json/shape.ts";
import type { Ports } from "../ports/index.ts";
import { compareAndSwap } from "./compare-and-swap.ts";
import { CURSORS, VERSION } from "./document-shapes.ts";
import { incrementalStateKey, type RunAddress } from "./keys.ts";
import { readDocument, type StoredDocument, storedDocument } from "./stored-document.ts";

/** `state/<source>/<resource>.json`: the cursors that a resource's next run starts from. */
export interface IncrementalState {
  version: 1;
  /** The run that moved it last. */
  run_id: string;
  /** By parent; a resource without a parent has one cursor under "". */
  cursors: Record<string, Cursor>;
}

const STATE = objectOf<IncrementalState>({ version: VERSION, run_id: string, cursors: CURSORS });

/**
 * Returns the document of a resource's incremental state; its named error is a CheckpointError. A silent restart from the
 * beginning could load rows twice.
 */
export const incrementalState = (source: string, resource: string): StoredDocument<IncrementalState> =>
  storedDocument({
    key: incrementalStateKey(source, resource),
    shape: STATE,
    error: CheckpointError,
    remedy: 'restore an older version of the object, or delete it and start with refresh: "full"',
    place: { source, resource },
  });

/** Returns the cursors that a resource's next run starts from; null when no run has stored any. */
export const readIncrementalState = (
  ports: Pick<Ports, "bucket">,
  source: string,
  resource: string,
): Promise<IncrementalState | null> => readDocument(ports, incrementalState(source, resource));

/** Incremental state, and the name under which it is stored. */
export type NamedState = IncrementalState & { resource: string };

/** Returns the newest state under the names of a resource; null when there is none. */
export const readNewestState = async (
  ports: Pick<Ports, "bucket">,
  source: string,
  names: string[],
): Promise<NamedState | null> => {
  let newest: NamedState | null = null;
  for (const resource of names) {
    const state = await readIncrementalState(ports, source, resource);
    if (state !== null && (newest === null || state.run_id > newest.run_id)) newest = { ...state, resource };
  }
  return newest;
};

const furthest = (a: Cursor | undefined, b: Cursor): Cursor => {
  if (a === undefined || (a.path !== undefined && a.path !== b.path)) return b;
  // The API's values have another type now, and the run read them all: it could not start from the old cursor.
  const formats = b.formats ?? null;
  if (!areComparable(a.value, b.value, formats)) return b;
  const order = compareCursors(a.value, b.value, formats);
  if (order !== 0) return order > 0 === (b.lowest !== true) ? a : b;
  const lists = new Map([...(a.hash_lists ?? []), ...(b.hash_lists ?? [])].map((list) => [list.sha256, list]));
  return {
    ...b,
    hashes: [...new Set([...a.hashes, ...b.hashes])],
    ...(lists.size > 0 && { hash_lists: [...lists.values()] }),
  };
};

/**
 * Moves a resource's cursors forward. A cursor never moves back, and an older run moves none. The cursors that are stored under
 * an earlier name of the resource are taken over.
 */
export const moveIncrementalState = async (
  ports: Pick<Ports, "bucket" | "clock">,
  {
    source,
    resource,
    run_id,
    renamed_from = [],
  }: Pick<RunAddress, "source" | "resource" | "run_id"> & { renamed_from?: string[] },
  cursors: Record<string, Cursor>,
): Promise<void> => {
  const earlier = await readNewestState(ports, source, renamed_from);
  await compareAndSwap(ports, incrementalState(source, resource), (current) => {
    if (current !== null && current.run_id > run_id) return null;
    const isRenamed = earlier !== null && (current === null || earlier.run_id > current.run_id);
    const merged = { ...(isRenamed ? earlier : current)?.cursors };
    for (const [parent, cursor] of Object.entries(cursors)) merged[parent] = furthest(merged[parent], cursor);
    const next: IncrementalState = { version: 1, run_id, cursors: merged };
    return JSON.stringify(next) === JSON.stringify(current) ? null : next;
  });
};
