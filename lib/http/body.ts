import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { ResponseError } from "../errors/index.ts";

const decompress = promisify(gunzip);

/** The body ended before its content did, or was damaged on the way: another attempt may help. */
export class BrokenBodyError extends Error {
  override name = "BrokenBodyError";
}

const tooLarge = (maximum: number): ResponseError =>
  new ResponseError(`the response is larger than ${maximum} bytes after decompression: request smaller pages`);

/**
 * Reads a body up to a limit on its decompressed bytes: a small gzip can expand to a very large body.
 *
 * @throws ResponseError over the limit.
 */
export const readBody = async (body: ReadableStream<Uint8Array> | null, maximum: number): Promise<Uint8Array> => {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maximum) throw tooLarge(maximum);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

/** The first bytes of gzip (RFC 1952, 2.3.1). Neither JSON nor CSV begins with them. */
const isGzip = ([first, second]: Uint8Array): boolean => first === 0x1f && second === 0x8b;

/**
 * Decompresses a body that is gzip without a Content-Encoding header, such as a file.
 *
 * @throws ResponseError over the limit on the decompressed bytes; BrokenBodyError for a gzip that ends early.
 */
export const unzip = async (bytes: Uint8Array, maximum: number): Promise<Uint8Array> => {
  if (!isGzip(bytes)) return bytes;
  try {
    return await decompress(bytes, { maxOutputLength: maximum });
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maximum);
    throw new BrokenBodyError("the gzip in the response is incomplete or invalid", { cause: error });
  }
};
