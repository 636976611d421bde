import { mapInBatches } from "../../../lib/concurrency/batches.ts";
import { RestlakeError } from "../../../lib/errors/index.ts";
import { sha256 } from "../../../lib/json/hash.ts";
import { incrementalState } from "../../../lib/lake/incremental-state.ts";
import { MANIFESTS_PREFIX, rowHashesKey, STATE_PREFIX } from "../../../lib/lake/keys.ts";
import { type Manifest, manifestDocument } from "../../../lib/lake/manifest.ts";
import { runRecord } from "../../../lib/lake/run-record.ts";
import { schemaDocument } from "../../../lib/lake/schemas.ts";
import { readDocument, type StoredDocument } from "../../../lib/lake/stored-document.ts";
import type { Bucket } from "../../../lib/ports/bucket.ts";
import type { ListedBucket } from "./open-bucket.ts";
import { verifyPart } from "./verify-part.ts";

/** Parts that are in memory at the same time. */
const PARALLEL_PARTS = 4;

/** Advice about an object that is missing or changed. */
const REMEDY = "restore an older version of the object (docs/operations.md#verify-the-lake)";

/** Numbers of a verification. */
export interface Verified {
  manifests: number;
  parts: number;
  rows: number;
  /** Damaged objects. */
  damaged: number;
}

/** Keys of the documents that a verification reads. */
interface DocumentKeys {
  manifests: string[];
  /** Run records and incremental states. */
  states: string[];
}

/** Manifest of a resource that is read only for its children. */
const HIDDEN_MANIFEST = /^state\/[^/]+\/[^/]+\/log\/[^/]+-manifest\.json$/;
const STATE = /^state\/([^/]+)\/([^/]+)\.json$/;

const findDocuments = async ({ list }: ListedBucket, source: string | null): Promise<DocumentKeys> => {
  const found: DocumentKeys = { manifests: [], states: [] };
  const folder = source === null ? "" : `${source}/`;
  for await (const key of list(`${MANIFESTS_PREFIX}${folder}`)) if (key.endsWith(".json")) found.manifests.push(key);
  for await (const key of list(`${STATE_PREFIX}${folder}`)) {
    if (HIDDEN_MANIFEST.test(key)) found.manifests.push(key);
    if (STATE.test(key)) found.states.push(key);
  }
  return found;
};

/** Reads a document. Returns the message of its named error instead if it is damaged; null if it does not exist. */
const readOrExplain = async <Value>(
  bucket: Bucket,
  document: StoredDocument<Value>,
): Promise<Value | string | null> => {
  try {
    return await readDocument({ bucket }, document);
  } catch (error) {
    if (error instanceof RestlakeError && error.name !== "StorageError") return error.message;
    throw error;
  }
};

async function* verifyParts(bucket: Bucket, key: string, manifest: Manifest): AsyncGenerator<string> {
  const { parts } = manifest;
  const address = { ...manifest, selected: key.startsWith(MANIFESTS_PREFIX) };
  const all = parts.map((listed, index) => ({
    address,
    listed,
    previous: parts[index - 1]?.sha256 ?? "",
    isLast: index === parts.length - 1,
  }));
  for (const damages of await mapInBatches(all, PARALLEL_PARTS, (part) => verifyPart(bucket, part))) {
    yield* damages.map((damage) => `${damage.key}: ${damage.problem}: ${REMEDY}`);
  }
}

/** Verifies the schema of a table, of which each part states the version that it was written with. */
async function* verifySchema(bucket: Bucket, [first, ...others]: [Manifest, ...Manifest[]]): AsyncGenerator<string> {
  const document = schemaDocument(first.source, first.table);
  const schema = await readOrExplain(bucket, document);
  const needed = [first, ...others]
    .flatMap(({ parts }) => parts)
    .reduce((max, part) => Math.max(max, part.schema_version), 0);
  if (typeof schema === "string") yield schema;
  else if (schema === null) yield `${document.key}: missing: ${REMEDY}`;
  else if (schema.version < needed)
    yield `${document.key}: its version is ${schema.version}, and a part has ${needed}: ${REMEDY}`;
}

/** Verifies a run record, or an incremental state with the lists of row hashes that its cursors name. */
async function* verifyState(bucket: Bucket, key: string): AsyncGenerator<string> {
  const [, source = "", name = ""] = STATE.exec(key) ?? [];
  if (name === "run") {
    const run = await readOrExplain(bucket, runRecord(source));
    if (typeof run === "string") yield run;
    return;
  }
  const state = await readOrExplain(bucket, incrementalState(source, name));
  if (typeof state === "string") yield state;
  const cursors = typeof state === "string" || state === null ? [] : Object.values(state.cursors);
  for (const list of cursors.flatMap(({ hash_lists = [] }) => hash_lists)) {
    const listKey = rowHashesKey(source, list.sha256);
    const object = await bucket.get(listKey);
    if (object === null) yield `${listKey}: missing: ${REMEDY}`;
    else if (sha256(object.body) !== list.sha256) yield `${listKey}: its sha256 is not its name: ${REMEDY}`;
  }
}

async function* damagesIn(lake: ListedBucket, source: string | null, verified: Verified): AsyncGenerator<string> {
  const { bucket } = lake;
  const { manifests, states } = await findDocuments(lake, source);
  const tables = new Map<string, [Manifest, ...Manifest[]]>();
  for (const key of manifests) {
    const manifest = await readOrExplain(bucket, manifestDocument(key, {}));
    verified.manifests++;
    if (typeof manifest === "string") yield manifest;
    if (typeof manifest === "string" || manifest === null) continue;
    verified.parts += manifest.parts.length;
    verified.rows += manifest.rows;
    yield* verifyParts(bucket, key, manifest);
    if (!key.startsWith(MANIFESTS_PREFIX)) continue;
    const table = `${manifest.source}/${manifest.table}`;
    tables.set(table, [manifest, ...(tables.get(table) ?? [])]);
  }
  for (const table of tables.values()) yield* verifySchema(bucket, table);
  for (const key of states) yield* verifyState(bucket, key);
}

/**
 * Verifies a lake: that each part has the sha256, the rows and the place in its commit log that its manifest lists, and that
 * the documents about them are valid.
 *
 * @param source name of a source; null for all of them.
 * @param verified is counted up.
 * @yields a line for each damaged object, with its key, what is wrong, and what to do.
 */
export async function* verifyLake(
  lake: ListedBucket,
  source: string | null,
  verified: Verified,
): AsyncGenerator<string> {
  for await (const line of damagesIn(lake, source, verified)) {
    verified.damaged++;
    yield line;
  }
}
