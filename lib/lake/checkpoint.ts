import { CheckpointError } from "../errors/index.ts";
import { canonicalJson } from "../json/index.ts";
import { anyValue, mapOf, number, objectOf, optional, orNull } from "../json/shape.ts";
import type { Activity } from "../metering/activity.ts";
import type { Ports } from "../ports/index.ts";
import { VERSION } from "./document-shapes.ts";
import { checkpointKey, type RunAddress } from "./keys.ts";
import { readDocument, type StoredDocument, storedDocument } from "./stored-document.ts";
import { LOG_END, type LogEnd } from "./stored-part.ts";

/** `state/<source>/<run_id>/<resource>.json`: a cache of the log's end, and the counts, which the log does not have. */
export interface Checkpoint extends LogEnd, Activity {
  version: 1;
}

type CheckpointAddress = Pick<RunAddress, "source" | "resource" | "run_id">;

/** Missing numbers of the activity are zero, and an invalid timeline is empty. */
const CHECKPOINT = objectOf<Checkpoint>({
  version: VERSION,
  ...LOG_END,
  requests: optional(number),
  retries: optional(number),
  waited_seconds: optional(number),
  invocations: optional(number),
  throttles: optional(number),
  attempts: optional(number),
  committed_at: optional(orNull(number)),
  usage: optional(mapOf(number)),
  timeline: anyValue,
});

const checkpointDocument = (address: CheckpointAddress): StoredDocument<Checkpoint> =>
  storedDocument({
    key: checkpointKey(address),
    shape: CHECKPOINT,
    error: CheckpointError,
    remedy: "the commit log replaces it",
    place: { source: address.source, resource: address.resource },
  });

/** Logs that the log's end was found without the checkpoint. */
export const warnOfRebuild = ({ logger }: Pick<Ports, "logger">, resource: string, why: string): void =>
  logger.warn("checkpoint rebuilt", { resource, why });

/** Returns the stored checkpoint; null when there is none, or, with a warning, when it is corrupt. */
export const loadCheckpoint = async (
  ports: Pick<Ports, "bucket" | "logger">,
  address: CheckpointAddress,
): Promise<Checkpoint | null> => {
  try {
    return await readDocument(ports, checkpointDocument(address));
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    warnOfRebuild(ports, address.resource, error.message);
    return null;
  }
};

/** Writes the checkpoint. It is a cache: losing it costs time, not rows. */
export const saveCheckpoint = async (
  { bucket }: Pick<Ports, "bucket">,
  address: CheckpointAddress,
  end: LogEnd,
  activity: Activity,
): Promise<void> => {
  const checkpoint: Checkpoint = { version: 1, ...end, ...activity };
  await bucket.put(checkpointKey(address), canonicalJson(checkpoint), { content_type: "application/json" });
};
