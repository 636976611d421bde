import { invalidArgument, notImplemented, S3Error } from "../errors.ts";
import { decodeAwsChunked } from "../http/aws-chunked.ts";
import { startDigests } from "../http/checksums.ts";
import type { S3Response } from "../http/serve.ts";
import type { Place } from "../store/places.ts";
import { type Condition, putObject, stage } from "../store/write.ts";

/** S3's limit for user metadata: bytes of all names (without `x-amz-meta-`) and values. */
const MAX_METADATA = 2 * 1024;
const META = "x-amz-meta-";
/** System metadata that is stored with the object and returned unchanged. */
const STORED = ["content-type", "content-disposition", "content-language", "cache-control", "expires"];

/**
 * PutObject: receives the body into a temporary file, verifies its checksums, then moves it into place if the condition
 * `If-None-Match: *` or `If-Match: <etag>` is true. Names of `headers` are in lower case.
 */
export async function put(
  root: string,
  place: Place,
  headers: Record<string, string>,
  body: AsyncIterable<Buffer>,
): Promise<S3Response> {
  const condition = readCondition(headers);
  const stored = storedHeaders(headers);
  const isChunked = isAwsChunked(headers);
  const announced = Number(headers[isChunked ? "x-amz-decoded-content-length" : "content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(announced)) {
    throw new S3Error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }

  const trailers = new Map<string, string>();
  const digests = startDigests(headers);
  const bytes = isChunked ? decodeAwsChunked(body, trailers) : body;
  await using staged = await stage(root, passing(bytes, digests.update));
  if (staged.size !== announced) {
    throw new S3Error(400, "IncompleteBody", `The body has ${staged.size} bytes, the headers announce ${announced}.`);
  }
  const checksums = digests.verify(trailers);
  const md5 = digests.md5();
  await putObject(place, staged, { md5, headers: { ...stored, ...checksums } }, condition);
  return { status: 200, headers: { etag: `"${md5}"`, ...checksums } };
}

async function* passing(body: AsyncIterable<Buffer>, onPiece: (piece: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const piece of body) {
    onPiece(piece);
    yield piece;
  }
}

function readCondition(headers: Record<string, string>): Condition {
  const { "if-none-match": none, "if-match": etag } = headers;
  if (none !== undefined && none !== "*") throw notImplemented("If-None-Match on PutObject with anything but *");
  if (none !== undefined && etag !== undefined) throw invalidArgument("If-Match and If-None-Match exclude each other.");
  if (etag === "*") throw notImplemented("If-Match: * on PutObject");
  if (none !== undefined) return "absent";
  return etag === undefined ? undefined : { etag };
}

function storedHeaders(headers: Record<string, string>): Record<string, string> {
  const stored: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(META)) size += Buffer.byteLength(name.slice(META.length) + value, "latin1");
    if (name.startsWith(META) || STORED.includes(name)) stored[name] = value;
  }
  if (size > MAX_METADATA) {
    throw new S3Error(
      400,
      "MetadataTooLarge",
      `Your metadata headers exceed the maximum allowed metadata size: ${size} bytes of names and values, at most ${MAX_METADATA}.`,
    );
  }
  const encoding = codings(headers).filter((coding) => coding !== "aws-chunked");
  if (encoding.length > 0) stored["content-encoding"] = encoding.join(",");
  return { "content-type": "binary/octet-stream", ...stored };
}

function isAwsChunked(headers: Record<string, string>): boolean {
  return codings(headers).includes("aws-chunked") || (headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");
}

function codings(headers: Record<string, string>): string[] {
  return (headers["content-encoding"] ?? "")
    .split(",")
    .map((coding) => coding.trim())
    .filter(Boolean);
}
