import type { TableColumn } from "../columns/table-schema.ts";
import type { Cells } from "../rows/shape.ts";

/** A part that is being filled, in one file format. It holds its compressed bytes, and at most one row group uncompressed. */
export interface PartBuffer {
  readonly rows: number;
  /** Bytes before compression; for Parquet, characters of the cells. */
  readonly bytes: number;
  /** Time of the first row, in milliseconds since 1970; null while empty. */
  readonly opened_at: number | null;
  /** Whether rows are encoded, so that its columns can no longer change. */
  readonly is_encoded: boolean;
  /** Gives the part the columns of a later version of its table's schema, while it is not encoded. */
  setColumns(columns: TableColumn[]): void;
  /** Adds rows; each has a cell for each of the part's columns. */
  add(rows: Cells[], now: number): Promise<void>;
  /** Returns the content of the part, the same for every call. No rows may be added afterwards. */
  finish(): Promise<Uint8Array>;
  /** Releases everything. */
  discard(): void;
}

/** Encoder of one file format. `createPartBuffer` counts rows and bytes for all formats. */
export interface PartEncoder {
  /** Whether rows are encoded. */
  isEncoded(): boolean;
  setColumns(columns: TableColumn[]): void;
  /** Encodes at least one row, and returns the bytes before compression. */
  write(rows: Cells[]): number | Promise<number>;
  /** Returns the content of the part; called once, after the last row. */
  end(): Promise<Uint8Array>;
  discard(): void;
}

/** Returns an empty part that uses this encoder. */
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
    get is_encoded() {
      return encoder.isEncoded();
    },
    setColumns: encoder.setColumns,
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
