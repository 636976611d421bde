import { ResponseError } from "../errors/index.ts";
import { type Json, parseJson } from "../json/index.ts";
import { API, type Peer } from "./peer.ts";

/** The body ended before its JSON did, or arrived damaged: worth another attempt. */
export class BrokenBodyError extends Error {
  override name = "BrokenBodyError";
}

/**
 * Reads a body up to a cap that counts bytes after decompression: a small gzip can hold a huge answer.
 *
 * @throws ResponseError over the cap.
 */
export const readBody = async (body: ReadableStream<Uint8Array> | null, maximum: number): Promise<Uint8Array> => {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maximum) {
      throw new ResponseError(`the answer is larger than ${maximum} bytes after decompression: ask for smaller pages`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

/**
 * The JSON of a body in UTF-8, a byte order mark allowed.
 *
 * @param contentType for messages, redacted.
 * @param peer who answered.
 * @throws ResponseError when it is not text in UTF-8 or not JSON at all (an HTML page, an empty body).
 * @throws BrokenBodyError when it starts like JSON and does not end.
 */
export const parseBody = (bytes: Uint8Array, contentType: string, peer: Peer = API): Json => {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ResponseError(`${peer.answer} (${contentType}) is not text in UTF-8`);
  }
  try {
    return parseJson(text);
  } catch {
    if (/^\s*[[{]/.test(text)) throw new BrokenBodyError(`${peer.answer} starts like JSON and does not end as such`);
    const what = text.trim() === "" ? "an empty body" : contentType;
    throw new ResponseError(`${peer.answer} is not JSON (${what}): check ${peer.address}`);
  }
};
