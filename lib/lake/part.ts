import { once } from "node:events";
import { createGzip, type Gzip } from "node:zlib";

/** A part that is being filled: NDJSON is compressed as it comes, so only compressed bytes pile up. */
export interface PartBuffer {
  readonly rows: number;
  /** Bytes before compression. */
  readonly bytes: number;
  /** Milliseconds since 1970 of the first row; null while empty. */
  readonly opened_at: number | null;
  /** Takes lines that end in a newline each. */
  add(lines: string, rows: number, now: number): Promise<void>;
  /** The finished part, the same at every call. Nothing may be added afterwards. */
  finish(): Promise<Uint8Array>;
  /** Throws everything away. */
  discard(): void;
}

/** An empty part; its gzip header holds no time, so equal rows give equal bytes. */
export const createPartBuffer = (): PartBuffer => {
  const gzip: Gzip = createGzip({ level: 6 });
  const chunks: Buffer[] = [];
  let rows = 0;
  let bytes = 0;
  let openedAt: number | null = null;
  gzip.on("data", (chunk: Buffer) => chunks.push(chunk));
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
    async add(lines, count, now) {
      openedAt ??= now;
      rows += count;
      bytes += Buffer.byteLength(lines);
      if (!gzip.write(lines)) await once(gzip, "drain");
    },
    finish() {
      finished ??= once(gzip.end(), "end").then(() => Buffer.concat(chunks));
      return finished;
    },
    discard() {
      gzip.destroy();
    },
  };
};
