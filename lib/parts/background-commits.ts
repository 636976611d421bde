import type { CommitLog } from "../lake/commit-log.ts";
import type { NewPart } from "../lake/stored-part.ts";
import type { Logger } from "../ports/logger.ts";

/** Commits parts in the background, one at a time, while the next part is filled. */
export interface BackgroundCommits {
  /**
   * Starts the commit of a part, after the commit before it is done.
   *
   * @param options.bytes size before compression, for the log.
   * @throws the error of the commit before it.
   */
  start(part: NewPart, options: { bytes: number; saveCheckpoint: boolean }): Promise<void>;
  /** Waits for the commit in progress, and throws its error. */
  settle(): Promise<void>;
}

/** Returns the background commits of a log; none is in progress. */
export const createBackgroundCommits = (log: CommitLog, logger: Logger): BackgroundCommits => {
  let inFlight: Promise<void> = Promise.resolve();
  return {
    async start(part, { bytes, saveCheckpoint }) {
      await inFlight;
      inFlight = (async () => {
        await log.commit(part);
        logger.info("part", { part: log.end.part, rows: part.rows, bytes, compressed_bytes: part.body.byteLength });
        if (saveCheckpoint) await log.saveCheckpoint();
      })();
      // Its error is thrown by the next call.
      inFlight.catch(() => {});
    },
    settle: () => inFlight,
  };
};
