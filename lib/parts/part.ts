import type { Cells } from "../rows/shape.ts";

/** A part that is being filled, in one file format. Only compressed bytes pile up, and at most one row group. */
export interface PartBuffer {
  readonly rows: number;
  /** Bytes before compression; of Parquet, the characters of its cells. */
  readonly bytes: number;
  /** Milliseconds since 1970 of the first row; null while empty. */
  readonly opened_at: number | null;
  /** Takes rows with a cell for each of the part's columns. */
  add(rows: Cells[], now: number): Promise<void>;
  /** The finished part, the same at every call. Nothing may be added afterwards. */
  finish(): Promise<Uint8Array>;
  /** Throws everything away. */
  discard(): void;
}

/** What a file format does with rows; the counting is the same for all. */
export interface PartEncoder {
  /** Takes rows, at least one; returns how many bytes they are before compression. */
  write(rows: Cells[]): number | Promise<number>;
  /** The finished part; called once, behind the last row. */
  end(): Promise<Uint8Array>;
  discard(): void;
}

/** An empty part. */
export const createPartBuffer = (encoder: PartEncoder): PartBuffer => {
  let rows = 0;
  let bytes = 0;
  let openedAt: number | null = null;
  let finished: Promise<Uint8Array> | undefined;

  return {
    get rows() {
      return rows;
    },
    get bytes() {
      return bytes;
    },
    get opened_at() {
      return openedAt;
    },
    async add(added, now) {
      if (added.length === 0) return;
      bytes += await encoder.write(added);
      rows += added.length;
      openedAt ??= now;
    },
    finish() {
      finished ??= encoder.end();
      return finished;
    },
    discard: encoder.discard,
  };
};
