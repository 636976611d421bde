import { noSuchKey, preconditionFailed, S3Error } from "../errors.ts";
import type { S3Response } from "../http/serve.ts";
import type { Place } from "../store/places.ts";
import { openObject, type StoredObject } from "../store/read.ts";

/** First and last byte, both included, as in the Range header. */
interface Range {
  first: number;
  last: number;
}

/**
 * GetObject and HeadObject, with `Range`, `If-Match` and `If-None-Match`. They differ only in whether the body is sent.
 *
 * @param absent creates the error for a key without an object.
 */
export async function get(
  place: Place,
  headers: Record<string, string>,
  absent: () => S3Error = noSuchKey,
): Promise<S3Response> {
  const object = await openObject(place);
  if (!object) throw absent();
  let body: S3Response["body"];
  try {
    const { range, ...response } = describe(object, headers);
    if (range) body = object.file.createReadStream({ start: range.first, end: range.last });
    return { ...response, body };
  } finally {
    if (!body) await object.file.close();
  }
}

/** Returns status and headers, and the range of bytes to send, if there is any. */
function describe(object: StoredObject, headers: Record<string, string>): S3Response & { range?: Range } {
  const { etag, size } = object;
  const required = headers["if-match"];
  if (required !== undefined && !matches(required, etag)) throw preconditionFailed();
  const excluded = headers["if-none-match"];
  if (excluded !== undefined && matches(excluded, etag)) return { status: 304, headers: { etag } };

  const range = readRange(headers.range, size);
  const stored = { ...object.headers };
  // The checksum is that of the whole object, and S3 sends it only on request.
  const withChecksum = !range && headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED";
  for (const name of Object.keys(stored)) if (name.startsWith("x-amz-checksum-") && !withChecksum) delete stored[name];

  const common = { ...stored, etag, "last-modified": object.modified.toUTCString(), "accept-ranges": "bytes" };
  if (!range) {
    return {
      status: 200,
      headers: { ...common, "content-length": String(size) },
      range: size === 0 ? undefined : { first: 0, last: size - 1 },
    };
  }
  const { first, last } = range;
  return {
    status: 206,
    headers: {
      ...common,
      "content-length": String(last - first + 1),
      "content-range": `bytes ${first}-${last}/${size}`,
    },
    range,
  };
}

function matches(condition: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replaceAll('"', "");
  return condition.split(",").some((one) => bare(one) === "*" || bare(one) === bare(etag));
}

/** Returns undefined for no range, several ranges or an invalid header: S3 then sends the whole object. */
function readRange(header: string | undefined, size: number): Range | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new S3Error(416, "InvalidRange", "The requested range is not satisfiable");
  return { first, last };
}
