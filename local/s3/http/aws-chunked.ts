import { S3Error } from "../errors.ts";

const LINE_END = Buffer.from("\r\n");
/** Maximum length of a size or trailer line. Without a maximum, an invalid body would be buffered completely. */
const MAX_LINE_LENGTH = 8 * 1024;

/**
 * Decodes an `aws-chunked` body: `<hex size>[;chunk-signature=..]CRLF <bytes> CRLF ... 0 CRLF [trailers] CRLF`. The SDK sends
 * streams this way, because the checksum of a stream is known only at its end. Signatures are not verified. Holds one
 * network chunk in memory.
 *
 * @param trailers filled with the trailers, by lower-case name.
 * @throws S3Error IncompleteBody when the body ends early, InvalidRequest when it is not encoded this way.
 */
export async function* decodeAwsChunked(
  body: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  const input = body[Symbol.asyncIterator]();
  let pending: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const next = await input.next();
    if (!next.done) pending = pending.length === 0 ? next.value : Buffer.concat([pending, next.value]);
    return !next.done;
  }
  async function line(): Promise<string | undefined> {
    for (;;) {
      const end = pending.indexOf(LINE_END);
      if (end >= 0) {
        const text = pending.toString("latin1", 0, end);
        pending = pending.subarray(end + LINE_END.length);
        return text;
      }
      if (pending.length > MAX_LINE_LENGTH) throw malformed();
      if (!(await more())) return undefined;
    }
  }

  try {
    for (;;) {
      const header = (await line()) ?? incomplete();
      const hex = /^[0-9a-f]{1,12}(?=;|$)/i.exec(header)?.[0] ?? "";
      if (hex === "") throw malformed();
      let left = Number.parseInt(hex, 16);
      if (left === 0) break;
      while (left > 0) {
        if (pending.length === 0 && !(await more())) incomplete();
        const piece = pending.subarray(0, left);
        pending = pending.subarray(piece.length);
        left -= piece.length;
        if (piece.length > 0) yield piece;
      }
      if (((await line()) ?? incomplete()) !== "") throw malformed();
    }

    for (let text = await line(); text; text = await line()) {
      const colon = text.indexOf(":");
      if (colon < 0) throw malformed();
      trailers.set(text.slice(0, colon).trim().toLowerCase(), text.slice(colon + 1).trim());
    }
  } finally {
    // Releases the body, so that the rest of a rejected body can be drained.
    await input.return?.();
  }
}

function malformed(): S3Error {
  return new S3Error(400, "InvalidRequest", "The body is not in the aws-chunked coding that its headers announce.");
}

function incomplete(): never {
  throw new S3Error(400, "IncompleteBody", "The aws-chunked body ended before its last chunk.");
}
