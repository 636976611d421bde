import { CheckpointError, CommitConflictError } from "../errors/index.ts";
import { sha256 } from "../json/hash.ts";
import { canonicalJson } from "../json/index.ts";
import { type Activity, activityOf } from "../metering/activity.ts";
import type { Ports } from "../ports/index.ts";
import {
  checkpointKey,
  FILE_FORMATS,
  type LogAddress,
  parentRowsKey,
  partKey,
  positionKey,
  type RunAddress,
} from "./keys.ts";
import type { Position } from "./position.ts";
import { putOnce } from "./put-once.ts";

/** S3 allows 2 KB of metadata in all; the other fields of a part take less than 600 bytes. */
const LONGEST_POSITION = 1200;

/** One part as its log knows it. */
export interface PartRecord {
  part: number;
  key: string;
  rows: number;
  /** Bytes in S3. */
  bytes: number;
  sha256: string;
  schema_version: number;
  /** Key of the parent rows' object, for resources with children. */
  parent_rows: string | null;
}

/** Where a log ends. */
export interface LogEnd {
  /** Number of the last part; 0 when there is none. */
  part: number;
  sha256: string;
  position: Position;
  /** Whether the last part is marked final: nothing follows. */
  final: boolean;
}

/** `state/<source>/<run_id>/<resource>.json`: a cache of the log, and the counts that the log does not have. */
export interface Checkpoint extends LogEnd, Activity {
  version: 1;
}

/** Another writer owns the part that was to be written: everything in memory is void. Never leaves `lib`. */
export class Adopted {
  readonly reason = "adopted";
}

/** What a part consists of. */
export interface NewPart {
  body: Uint8Array;
  rows: number;
  /** The place after this part. */
  position: Position;
  schema_version: number;
  final: boolean;
  /** Raw fields for the children, row by row; null when there are no children. */
  parent_rows: Uint8Array | null;
}

/** The log of one resource in one run. */
export interface CommitLog {
  readonly end: LogEnd;
  readonly activity: Activity;
  /**
   * Commits the next part.
   *
   * @throws Adopted when another writer was faster; `end` is then the end of that writer's log.
   * @throws CommitConflictError when the log is not a chain.
   */
  commit(part: NewPart): Promise<void>;
  /** Writes the checkpoint: a cache, whose loss costs time and no rows. */
  saveCheckpoint(): Promise<void>;
}

const ascii = (text: string): string =>
  text.replaceAll(/[\u007f-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Reads one part's place in the log from its metadata; null when there is no such part. */
export const readPart = async (
  { bucket }: Pick<Ports, "bucket">,
  address: LogAddress,
  part: number,
): Promise<{ record: PartRecord; end: LogEnd; previous: string; writer: string } | null> => {
  const key = partKey(address, part);
  const head = await bucket.head(key);
  if (head === null) return null;
  const { metadata } = head;
  const damaged = (what: string) =>
    new CheckpointError(`part ${part} of run ${address.run_id} has no usable ${what}: start over with new_run`, {
      source: address.source,
      resource: address.resource,
    });
  let text = metadata.position;
  const named = metadata["position-sha256"];
  if (named !== undefined) {
    const object = await bucket.get(positionKey(address, named));
    text = object === null || sha256(object.body) !== named ? undefined : Buffer.from(object.body).toString();
  }
  if (text === undefined || metadata.sha256 === undefined) throw damaged("position");
  let position: Position;
  try {
    position = JSON.parse(text) as Position;
    if (position.version !== 1) throw damaged("position");
  } catch {
    throw damaged("position");
  }
  const parents = metadata["parents-sha256"];
  return {
    record: {
      part,
      key,
      rows: Number(metadata.rows),
      bytes: head.size,
      sha256: metadata.sha256,
      schema_version: Number(metadata["schema-version"]),
      parent_rows: parents === undefined ? null : parentRowsKey(address, parents),
    },
    end: { part, sha256: metadata.sha256, position, final: metadata.final === "true" },
    previous: metadata.previous ?? "",
    writer: metadata.writer ?? "",
  };
};

/** The checkpoint as it was saved last; null, with a warning if it is corrupt, when there is none to use. */
export const loadCheckpoint = async (
  ports: Pick<Ports, "bucket" | "logger">,
  address: RunAddress,
): Promise<Checkpoint | null> => {
  const object = await ports.bucket.get(checkpointKey(address));
  if (object === null) return null;
  try {
    const checkpoint = JSON.parse(Buffer.from(object.body).toString()) as Checkpoint;
    if (checkpoint.version === 1 && typeof checkpoint.part === "number" && checkpoint.position !== undefined) {
      return checkpoint;
    }
  } catch {
    // Told below: a checkpoint that cannot be read is as good as none.
  }
  ports.logger.warn("checkpoint rebuilt", { resource: address.resource, why: "the stored one is corrupt" });
  return null;
};

/** From the given end forward over all parts that follow, verifying the chain of hashes. */
const rollForward = async (ports: Ports, address: LogAddress, from: LogEnd): Promise<LogEnd> => {
  let end = from;
  while (!end.final) {
    const next = await readPart(ports, address, end.part + 1);
    if (next === null) break;
    if (next.previous !== end.sha256) {
      throw new CommitConflictError(
        `part ${next.record.part} of run ${address.run_id} does not follow from part ${end.part}: someone changed the log. Start over with new_run`,
        { source: address.source, resource: address.resource },
      );
    }
    end = next.end;
  }
  return end;
};

/** The end of the log: by its checkpoint and what follows it, or from the first part on when that does not hold. */
const findEnd = async (ports: Ports, address: LogAddress, start: LogEnd, checkpoint: Checkpoint | null) => {
  if (checkpoint !== null && checkpoint.part > 0) {
    const { part, sha256: hash } = checkpoint;
    const known = await readPart(ports, address, part);
    if (known !== null && known.end.sha256 === hash) return rollForward(ports, address, known.end);
    ports.logger.warn("checkpoint rebuilt", { resource: address.resource, why: "it does not match the log" });
  }
  const end = await rollForward(ports, address, start);
  if (checkpoint === null && end.part > 0) {
    ports.logger.warn("checkpoint rebuilt", { resource: address.resource, why: "there is none to use" });
  }
  return end;
};

/**
 * Opens the log of a resource in a run: loads the checkpoint, rolls forward over the parts beyond it, verifies the
 * chain. A lost or corrupt checkpoint is rebuilt from the log.
 *
 * @param first the position before the first part.
 * @param writer identifies this invocation: tells an own lost response from another writer's part.
 * @throws CheckpointError when the log was written under another config.
 */
export const openCommitLog = async (
  ports: Ports,
  address: LogAddress,
  first: Position,
  writer: string,
): Promise<CommitLog> => {
  const { bucket, clock } = ports;
  const start: LogEnd = { part: 0, sha256: "", position: first, final: false };
  const checkpoint = await loadCheckpoint(ports, address);
  let end = await findEnd(ports, address, start, checkpoint);
  if (end.position.config_hash !== first.config_hash) {
    throw new CheckpointError(
      `the config changed since run ${address.run_id} began, so its position has no meaning any more: undo the change, or start over with new_run`,
      { source: address.source, resource: address.resource },
    );
  }
  const activity = activityOf(checkpoint);
  // Parts beyond the checkpoint are commits, and a commit resets the retries.
  if (checkpoint !== null && checkpoint.part !== end.part) activity.attempts = 0;

  const put = async (part: NewPart): Promise<boolean> => {
    const hash = sha256(part.body);
    const text = ascii(JSON.stringify(part.position));
    const metadata: Record<string, string> = {
      rows: String(part.rows),
      sha256: hash,
      previous: end.sha256,
      "schema-version": String(part.schema_version),
      writer,
      final: String(part.final),
    };
    if (text.length <= LONGEST_POSITION) metadata.position = text;
    else {
      metadata["position-sha256"] = sha256(text);
      await bucket.put(positionKey(address, metadata["position-sha256"]), text);
    }
    if (part.parent_rows !== null) {
      metadata["parents-sha256"] = sha256(part.parent_rows);
      await bucket.put(parentRowsKey(address, metadata["parents-sha256"]), part.parent_rows);
    }
    const number = end.part + 1;
    const result = await putOnce(ports, partKey(address, number), part.body, {
      metadata,
      content_type: FILE_FORMATS[address.file_format].content_type,
    });
    // In conflict every time: someone else writes this very part. Let the log say who.
    if (result === "conflict") return false;
    if (result === "precondition_failed") {
      const existing = await readPart(ports, address, number);
      if (existing?.writer !== writer || existing.end.sha256 !== hash) return false;
    }
    end = { part: number, sha256: hash, position: part.position, final: part.final };
    return true;
  };

  return {
    get end() {
      return end;
    },
    activity,
    async commit(part) {
      if (await put(part)) {
        activity.attempts = 0;
        activity.committed_at = clock.now();
        return;
      }
      ports.logger.warn("adopted", { resource: address.resource, part: end.part + 1 });
      end = await rollForward(ports, address, end);
      throw new Adopted();
    },
    async saveCheckpoint() {
      await bucket.put(
        checkpointKey(address),
        canonicalJson({ version: 1, ...end, ...activity } satisfies Checkpoint),
        {
          content_type: "application/json",
        },
      );
    },
  };
};
