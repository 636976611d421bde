import { CheckpointError, CommitConflictError } from "../errors/index.ts";
import { sha256 } from "../json/hash.ts";
import { type Activity, activityOf } from "../metering/activity.ts";
import type { Ports } from "../ports/index.ts";
import { type Checkpoint, loadCheckpoint, saveCheckpoint, warnOfRebuild } from "./checkpoint.ts";
import type { LogAddress } from "./keys.ts";
import type { Position } from "./position.ts";
import { type LogEnd, type NewPart, putPart, readPart } from "./stored-part.ts";

/** Thrown when another writer has committed the next part: what is in memory must be discarded. Never leaves `lib`. */
export class Adopted {
  readonly reason = "adopted";
}

/** The commit log of one resource in one run: its parts, each of which names the hash of the part before it. */
export interface CommitLog {
  readonly end: LogEnd;
  readonly activity: Activity;
  /**
   * Commits the next part.
   *
   * @throws Adopted when another writer was faster; `end` is then the end of that writer's log.
   * @throws CommitConflictError when the parts do not form a chain.
   */
  commit(part: NewPart): Promise<void>;
  /** Writes the checkpoint. It is a cache: losing it costs time, not rows. */
  saveCheckpoint(): Promise<void>;
}

/** Follows the log from the given end over all later parts, and verifies the chain of hashes. */
const rollForward = async (ports: Ports, address: LogAddress, from: LogEnd): Promise<LogEnd> => {
  let end = from;
  while (!end.final) {
    const next = await readPart(ports, address, end.part + 1);
    if (next === null) break;
    if (next.previous !== end.sha256) {
      throw new CommitConflictError(
        `part ${next.record.part} of run ${address.run_id} does not follow part ${end.part}, because the commit log was changed (${next.record.key}): start with new_run`,
        { source: address.source, resource: address.resource },
      );
    }
    end = next.end;
  }
  return end;
};

/** Finds the end of the log: from the checkpoint on, or from the first part on if the checkpoint does not match the log. */
const findEnd = async (
  ports: Ports,
  address: LogAddress,
  start: LogEnd,
  checkpoint: Checkpoint | null,
): Promise<LogEnd> => {
  if (checkpoint !== null && checkpoint.part > 0) {
    const { part, sha256: hash } = checkpoint;
    const known = await readPart(ports, address, part);
    if (known !== null && known.end.sha256 === hash) return rollForward(ports, address, known.end);
    warnOfRebuild(ports, address.resource, "it does not match the commit log");
  }
  const end = await rollForward(ports, address, start);
  if (checkpoint === null && end.part > 0) warnOfRebuild(ports, address.resource, "there is no valid checkpoint");
  return end;
};

/**
 * Opens the commit log of a resource in a run: loads the checkpoint, rolls forward over later parts, and verifies the
 * chain. A lost or corrupt checkpoint is rebuilt from the log.
 *
 * @param first the position before the first part.
 * @param writer identifies this invocation: its own part, whose response was lost, is not another writer's part.
 * @throws CheckpointError when the log was written under another config.
 */
export const openCommitLog = async (
  ports: Ports,
  address: LogAddress,
  first: Position,
  writer: string,
): Promise<CommitLog> => {
  const { source, resource } = address;
  const checkpoint = await loadCheckpoint(ports, address);
  let end = await findEnd(ports, address, { part: 0, sha256: "", position: first, final: false }, checkpoint);
  if (end.position.config_hash !== first.config_hash) {
    throw new CheckpointError(
      `the config changed after run ${address.run_id} started, so its position is no longer valid: undo the change, or start with new_run. If nothing was changed, the check command names the value that differs each time the config is read`,
      { source, resource },
    );
  }
  const activity = activityOf(checkpoint);
  // Parts after the checkpoint are commits, and a commit resets the retries.
  if (checkpoint !== null && checkpoint.part !== end.part) activity.attempts = 0;

  /** Returns false when the part is another writer's. */
  const put = async (newPart: NewPart): Promise<boolean> => {
    const part = end.part + 1;
    const hash = sha256(newPart.body);
    const result = await putPart(ports, address, newPart, { part, sha256: hash, previous: end.sha256, writer });
    // Every attempt was in conflict: another writer is writing this part.
    if (result === "conflict") return false;
    if (result === "precondition_failed") {
      const existing = await readPart(ports, address, part);
      if (existing?.writer !== writer || existing.end.sha256 !== hash) return false;
    }
    end = { part, sha256: hash, position: newPart.position, final: newPart.final };
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
        activity.committed_at = ports.clock.now();
        return;
      }
      ports.logger.warn("adopted", { resource, part: end.part + 1 });
      end = await rollForward(ports, address, end);
      throw new Adopted();
    },
    saveCheckpoint: () => saveCheckpoint(ports, address, end, activity),
  };
};
