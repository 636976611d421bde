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
