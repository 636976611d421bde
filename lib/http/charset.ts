import { ResponseError } from "../errors/index.ts";
import { API, type Peer } from "./peer.ts";

/** A body with the headers that describe it. */
export interface EncodedBody {
  headers: Headers;
  bytes: Uint8Array;
}

/** Returns the `charset` of a content type; null when there is none, or one that no decoder knows. */
const declaredCharset = (headers: Headers): string | null => {
  const label = /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(headers.get("content-type") ?? "")?.[1];
  if (label === undefined) return null;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return null;
  }
};

/**
 * Returns the charset of a body: by its byte order mark; by a NUL in the first two bytes, which only UTF-16 has (RFC 4627, 3),
 * because JSON and CSV begin with an ASCII character; by the content type; or else UTF-8.
 */
const charsetOf = ({ headers, bytes }: EncodedBody): string => {
  const [first, second] = bytes;
  if (first === 0xfe && second === 0xff) return "utf-16be";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xef && second === 0xbb && bytes[2] === 0xbf) return "utf-8";
  if (first === 0 && second !== 0) return "utf-16be";
  if (second === 0 && first !== undefined) return "utf-16le";
  return declaredCharset(headers) ?? "utf-8";
};

/** Returns a body as text without a byte order mark. Bytes that are not valid in its charset are replaced. */
export const decodeLeniently = (body: EncodedBody): string => new TextDecoder(charsetOf(body)).decode(body.bytes);

/**
 * Returns a body as text without a byte order mark.
 *
 * @param contentType for messages, redacted.
 * @param peer the server that sent it.
 * @throws ResponseError when it is not valid in its charset.
 */
export const decodeBody = (body: EncodedBody, contentType: string, peer: Peer = API): string => {
  const charset = charsetOf(body);
  try {
    return new TextDecoder(charset, { fatal: true }).decode(body.bytes);
  } catch {
    throw new ResponseError(
      `${peer.response} (${contentType}) is not valid ${charset.toUpperCase()}: check ${peer.address}`,
    );
  }
};
