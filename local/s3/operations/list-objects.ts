import { invalidArgument } from "../errors.ts";
import type { S3Response } from "../http/serve.ts";
import { element, xmlDocument } from "../http/xml.ts";
import { keysBelow } from "../store/keys.ts";
import { bucketFolder, placeOf } from "../store/places.ts";
import { openObject } from "../store/read.ts";

/** Maximum and default number of entries on a page. */
const MAX_KEYS = 1000;
/** Number of objects read concurrently: enough to keep the disk busy, but below the limit of open files. */
const CONCURRENCY = 32;

/** An entry of a listing. */
type Entry = { key: string } | { commonPrefix: string };

/** ListObjectsV2: one page of keys in order of their bytes, grouped by `delimiter`. */
export async function list(root: string, bucket: string, query: URLSearchParams): Promise<S3Response> {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const maxKeys = readMaxKeys(query.get("max-keys"));
  const token = query.get("continuation-token");
  const after = token === null ? (query.get("start-after") ?? "") : readToken(token);

  const entries: Entry[] = [];
  let truncated = false;
  for await (const entry of group(keysBelow(bucketFolder(root, bucket), prefix, after), prefix, delimiter, after)) {
    if (entries.length === maxKeys) {
      truncated = maxKeys > 0;
      break;
    }
    entries.push(entry);
  }

  const text = query.get("encoding-type") === "url" ? encodeUrl : (value: string) => value;
  const content = [
    element("Name", bucket),
    element("Prefix", text(prefix)),
    ...(delimiter === "" ? [] : [element("Delimiter", text(delimiter))]),
    ...(query.has("start-after") ? [element("StartAfter", text(query.get("start-after")!))] : []),
    ...(token === null ? [] : [element("ContinuationToken", token)]),
    ...(query.get("encoding-type") === "url" ? [element("EncodingType", "url")] : []),
    element("MaxKeys", maxKeys),
    element("KeyCount", entries.length),
    element("IsTruncated", truncated),
    ...(truncated ? [element("NextContinuationToken", writeToken(entries.at(-1)!))] : []),
    ...(await contents(root, bucket, entries, text)),
    ...entries.map((entry) =>
      "key" in entry ? "" : `<CommonPrefixes>${element("Prefix", text(entry.commonPrefix))}</CommonPrefixes>`,
    ),
  ];
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("ListBucketResult", content.join("")),
  };
}

async function* group(
  keys: AsyncIterable<string>,
  prefix: string,
  delimiter: string,
  after: string,
): AsyncGenerator<Entry> {
  let last = "";
  for await (const key of keys) {
    const end = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) {
      yield { key };
      continue;
    }
    const commonPrefix = key.slice(0, end + delimiter.length);
    // If the previous page ended with this group, the token is its prefix, and its keys sort after the token.
    if (commonPrefix === last || commonPrefix === after) continue;
    last = commonPrefix;
    yield { commonPrefix };
  }
}

async function contents(
  root: string,
  bucket: string,
  entries: Entry[],
  text: (value: string) => string,
): Promise<string[]> {
  const keys = entries.flatMap((entry) => ("key" in entry ? [entry.key] : []));
  const lines: string[] = [];
  for (let index = 0; index < keys.length; index += CONCURRENCY) {
    lines.push(
      ...(await Promise.all(keys.slice(index, index + CONCURRENCY).map((key) => line(root, bucket, key, text)))),
    );
  }
  return lines;
}

async function line(root: string, bucket: string, key: string, text: (value: string) => string): Promise<string> {
  const object = await openObject(placeOf(root, bucket, key));
  if (!object) return "";
  await object.file.close();
  const parts = [
    element("Key", text(key)),
    element("LastModified", object.modified.toISOString()),
    element("ETag", object.etag),
    element("Size", object.size),
    element("StorageClass", "STANDARD"),
  ];
  return `<Contents>${parts.join("")}</Contents>`;
}

function readMaxKeys(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text)) throw invalidArgument("Provided max-keys not an integer or within integer range");
  return Math.min(Number(text), MAX_KEYS);
}

function writeToken(entry: Entry): string {
  return Buffer.from("key" in entry ? entry.key : entry.commonPrefix).toString("base64");
}

function readToken(token: string): string {
  const after = Buffer.from(token, "base64").toString();
  if (after === "" || Buffer.from(after).toString("base64") !== token) {
    throw invalidArgument("The continuation token provided is incorrect");
  }
  return after;
}

function encodeUrl(value: string): string {
  return encodeURIComponent(value).replaceAll("%2F", "/");
}
