import { noSuchKey, preconditionFailed, S3Error } from "../errors.ts";
import type { Answer } from "../http/serve.ts";
import type { Place } from "../store/places.ts";
import { openObject, type StoredObject } from "../store/read.ts";

/** First and last byte, both included, as in the Range header. */
interface Range {
  first: number;
  last: number;
}

/**
 * GetObject and HeadObject, which differ only in what is sent of the answer: with `Range`, `If-Match`, `If-None-Match`.
 * `absent` makes the error for a key without an object.
 */
export async function get(
  place: Place,
  headers: Record<string, string>,
  absent: () => S3Error = noSuchKey,
): Promise<Answer> {
  const object = await openObject(place);
  if (!object) throw absent();
  let body: Answer["body"];
  try {
    const answer = describe(object, headers);
    if (answer.range) body = object.file.createReadStream({ start: answer.range.first, end: answer.range.last });
    return { ...answer, body };
  } finally {
    if (!body) await object.file.close();
  }
}

/** Status and headers; `range` is absent when there are no bytes to send. */
function describe(object: StoredObject, headers: Record<string, string>): Answer & { range?: Range } {
  const { etag, size } = object;
  const wanted = headers["if-match"];
  if (wanted !== undefined && !matches(wanted, etag)) throw preconditionFailed();
  const unwanted = headers["if-none-match"];
  if (unwanted !== undefined && matches(unwanted, etag)) return { status: 304, headers: { etag } };

  const range = readRange(headers.range, size);
  const kept = { ...object.headers };
  // The checksum is of the whole object, and S3 sends it only when asked.
  const withChecksum = !range && headers["x-amz-checksum-mode"]?.toUpperCase() === "ENABLED";
  for (const name of Object.keys(kept)) if (name.startsWith("x-amz-checksum-") && !withChecksum) delete kept[name];

  const common = { ...kept, etag, "last-modified": object.modified.toUTCString(), "accept-ranges": "bytes" };
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

/** Undefined for no range, several ranges or nonsense, all of which S3 answers with the whole object. */
function readRange(header: string | undefined, size: number): Range | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new S3Error(416, "InvalidRange", "The requested range is not satisfiable");
  return { first, last };
}
