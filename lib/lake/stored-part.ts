import { CheckpointError } from "../errors/index.ts";
import { sha256 } from "../json/hash.ts";
import { boolean, count, matching, objectOf, oneOf, type Shape, sha256Text, string } from "../json/shape.ts";
import type { ObjectHead, PutResult } from "../ports/bucket.ts";
import type { Ports } from "../ports/index.ts";
import { FILE_FORMATS, type LogAddress, parentRowsKey, partKey, positionKey } from "./keys.ts";
import { POSITION, type Position } from "./position.ts";
import { putOnce } from "./put-once.ts";

/** Maximum length of a position in S3 metadata. S3 allows 2 KB in total; the other fields of a part take less than 600 bytes. */
const MAX_POSITION = 1200;

/** One part, as the manifest lists it. */
export interface PartRecord {
  part: number;
  key: string;
  rows: number;
  /** Bytes in S3. */
  bytes: number;
  sha256: string;
  schema_version: number;
  /** Key of the object with the parent rows, for resources with children. */
  parent_rows: string | null;
}

/** End of a commit log: the state after a part. */
export interface LogEnd {
  /** Number of the last part; 0 when there is none. */
  part: number;
  sha256: string;
  position: Position;
  /** Whether the last part is marked final: no part follows. */
  final: boolean;
}

/** Shapes of the end of a log, by key. */
export const LOG_END = { part: count, sha256: string, position: POSITION, final: boolean } as const;

/** A part to be committed. */
export interface NewPart {
  body: Uint8Array;
  rows: number;
  /** The position after this part. */
  position: Position;
  schema_version: number;
  final: boolean;
  /** Raw fields for the children, row by row; null when there are no children. */
  parent_rows: Uint8Array | null;
}

/** Place of a part in the chain of parts. */
export interface ChainLink {
  /** Number of the part, from 1. */
  part: number;
  sha256: string;
  /** Hash of the part before it; "" for the first. */
  previous: string;
  /** Identifies the invocation that wrote it. */
  writer: string;
}

/** A part, as its metadata describes it. */
export interface StoredPart {
  record: PartRecord;
  end: LogEnd;
  /** Hash of the part before it; "" for the first. */
  previous: string;
  writer: string;
}

/** Returns JSON text with all non-ASCII characters escaped: S3 metadata is sent in headers. */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

const integerText = matching("integer", (value) => typeof value === "string" && /^\d+$/.test(value));

/** Shape of a part's metadata, except for its position. */
const METADATA: Shape = objectOf({
  rows: integerText,
  sha256: sha256Text,
  previous: matching("sha256", (value) => value === "" || sha256Text(value, "") === null),
  "schema-version": integerText,
  writer: string,
  final: oneOf("true", "false"),
});

/** Returns the text of a part's position, from the metadata or from a separate object; otherwise what is wrong with it. */
const readPositionText = async (
  { bucket }: Pick<Ports, "bucket">,
  address: LogAddress,
  metadata: Record<string, string>,
): Promise<{ text: string } | { problem: string }> => {
  const hash = metadata["position-sha256"];
  if (hash === undefined) {
    return metadata.position === undefined ? { problem: "position: missing" } : { text: metadata.position };
  }
  const key = positionKey(address, hash);
  const object = await bucket.get(key);
  if (object === null) return { problem: `${key} is missing` };
  return sha256(object.body) === hash
    ? { text: Buffer.from(object.body).toString() }
    : { problem: `${key} is corrupt` };
};

/** Returns a part's position; otherwise what is wrong with it. */
const readPosition = async (
  ports: Pick<Ports, "bucket">,
  address: LogAddress,
  metadata: Record<string, string>,
): Promise<{ position: Position } | { problem: string }> => {
  const read = await readPositionText(ports, address, metadata);
  if ("problem" in read) return read;
  try {
    const value: unknown = JSON.parse(read.text);
    const problem = POSITION(value, "position");
    return problem === null ? { position: value as Position } : { problem };
  } catch {
    return { problem: "position: invalid JSON" };
  }
};

/** Returns a part's place in the log, from its metadata; otherwise what is wrong with them. */
export const describePart = async (
  ports: Pick<Ports, "bucket">,
  address: LogAddress,
  part: number,
  { metadata, size }: Pick<ObjectHead, "metadata" | "size">,
): Promise<StoredPart | { problem: string }> => {
  const invalid = METADATA(metadata, "");
  const read = invalid === null ? await readPosition(ports, address, metadata) : { problem: invalid };
  if ("problem" in read) return read;
  const { sha256: hash, previous, writer } = metadata as Record<"sha256" | "previous" | "writer", string>;
  const parents = metadata["parents-sha256"];
  return {
    record: {
      part,
      key: partKey(address, part),
      rows: Number(metadata.rows),
      bytes: size,
      sha256: hash,
      schema_version: Number(metadata["schema-version"]),
      parent_rows: parents === undefined ? null : parentRowsKey(address, parents),
    },
    end: { part, sha256: hash, position: read.position, final: metadata.final === "true" },
    previous,
    writer,
  };
};

/**
 * Reads a part's place in the log from its metadata; null when there is no such part.
 *
 * @throws CheckpointError when the metadata is not valid.
 */
export const readPart = async (
  ports: Pick<Ports, "bucket">,
  address: LogAddress,
  part: number,
): Promise<StoredPart | null> => {
  const key = partKey(address, part);
  const head = await ports.bucket.head(key);
  if (head === null) return null;
  const described = await describePart(ports, address, part, head);
  if (!("problem" in described)) return described;
  throw new CheckpointError(
    `part ${part} of run ${address.run_id} has invalid metadata (${key}: ${described.problem}): start with new_run`,
    { source: address.source, resource: address.resource },
  );
};

/** Writes a part with its place in the log, unless its key exists. This PUT is the commit. */
export const putPart = async (
  ports: Pick<Ports, "bucket" | "clock">,
  address: LogAddress,
  { body, rows, position, schema_version, final, parent_rows }: NewPart,
  link: ChainLink,
): Promise<PutResult> => {
  const metadata: Record<string, string> = {
    rows: String(rows),
    sha256: link.sha256,
    previous: link.previous,
    "schema-version": String(schema_version),
    writer: link.writer,
    final: String(final),
  };
  const text = asciiJson(position);
  if (text.length <= MAX_POSITION) metadata.position = text;
  else {
    metadata["position-sha256"] = sha256(text);
    await ports.bucket.put(positionKey(address, metadata["position-sha256"]), text);
  }
  if (parent_rows !== null) {
    metadata["parents-sha256"] = sha256(parent_rows);
    await ports.bucket.put(parentRowsKey(address, metadata["parents-sha256"]), parent_rows);
  }
  const { content_type } = FILE_FORMATS[address.file_format];
  return putOnce(ports, partKey(address, link.part), body, { metadata, content_type });
};
