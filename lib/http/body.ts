import { ResponseError } from "../errors/index.ts";
import { type Json, parseJson } from "../json/index.ts";
import { API, type Peer } from "./peer.ts";

/** The body ended before its JSON did, or was damaged on the way: another attempt may help. */
export class BrokenBodyError extends Error {
  override name = "BrokenBodyError";
}

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
    if (size > maximum) {
      throw new ResponseError(
        `the response is larger than ${maximum} bytes after decompression: request smaller pages`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
};

/**
 * Parses a JSON body in UTF-8, with or without a byte order mark.
 *
 * @param contentType for messages, redacted.
 * @param peer the server that sent it.
 * @throws ResponseError when it is not UTF-8, or not JSON at all (an HTML page, an empty body).
 * @throws BrokenBodyError when it starts like JSON and is incomplete or invalid.
 */
export const parseBody = (bytes: Uint8Array, contentType: string, peer: Peer = API): Json => {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ResponseError(`${peer.response} (${contentType}) is not valid UTF-8: check ${peer.address}`);
  }
  try {
    return parseJson(text);
  } catch {
    if (/^\s*[[{]/.test(text)) throw new BrokenBodyError(`${peer.response} is incomplete or invalid JSON`);
    const found = text.trim() === "" ? "an empty body" : contentType;
    throw new ResponseError(`${peer.response} is not JSON (${found}): check ${peer.address}`);
  }
};
