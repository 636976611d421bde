import { invalidArgument, notImplemented, S3Error } from "../errors.ts";
import { decodeAwsChunked } from "../http/aws-chunked.ts";
import { startDigests } from "../http/checksums.ts";
import type { Answer } from "../http/serve.ts";
import type { Place } from "../store/places.ts";
import { type Condition, putObject, stage } from "../store/write.ts";

/** S3's limit for user metadata: the bytes of all names (without `x-amz-meta-`) and values. */
const MOST_METADATA = 2 * 1024;
const META = "x-amz-meta-";
/** System metadata that comes back with the object as it was given. */
const KEPT = ["content-type", "content-disposition", "content-language", "cache-control", "expires"];

/**
 * PutObject: receives the body into a temporary file, verifies its checksums, then puts it in place if the condition
 * in `If-None-Match: *` or `If-Match: <etag>` holds. `headers` have lower-case names.
 */
export async function put(
  root: string,
  place: Place,
  headers: Record<string, string>,
  body: AsyncIterable<Buffer>,
): Promise<Answer> {
  const condition = readCondition(headers);
  const kept = keptHeaders(headers);
  const coded = isAwsChunked(headers);
  const announced = Number(headers[coded ? "x-amz-decoded-content-length" : "content-length"] ?? Number.NaN);
  if (!Number.isSafeInteger(announced)) {
    throw new S3Error(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
  }

  const trailers = new Map<string, string>();
  const digests = startDigests(headers);
  const bytes = coded ? decodeAwsChunked(body, trailers) : body;
  await using staged = await stage(root, passing(bytes, digests.update));
  if (staged.size !== announced) {
    throw new S3Error(400, "IncompleteBody", `The body has ${staged.size} bytes, the headers announce ${announced}.`);
  }
  const checksums = digests.verify(trailers);
  const md5 = digests.md5();
  await putObject(place, staged, { md5, headers: { ...kept, ...checksums } }, condition);
  return { status: 200, headers: { etag: `"${md5}"`, ...checksums } };
}

async function* passing(body: AsyncIterable<Buffer>, see: (piece: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const piece of body) {
    see(piece);
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

function keptHeaders(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(META)) size += Buffer.byteLength(name.slice(META.length) + value, "latin1");
    if (name.startsWith(META) || KEPT.includes(name)) kept[name] = value;
  }
  if (size > MOST_METADATA) {
    throw new S3Error(
      400,
      "MetadataTooLarge",
      `Your metadata headers exceed the maximum allowed metadata size: ${size} bytes of names and values, at most ${MOST_METADATA}.`,
    );
  }
  const encoding = codings(headers).filter((coding) => coding !== "aws-chunked");
  if (encoding.length > 0) kept["content-encoding"] = encoding.join(",");
  return { "content-type": "binary/octet-stream", ...kept };
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
