import { notImplemented, S3Error } from "../errors.ts";

/** Operations that a `fault` may apply to. */
export type S3Operation =
  | "PutObject"
  | "GetObject"
  | "HeadObject"
  | "ListObjectsV2"
  | "DeleteObject"
  | "CreateBucket"
  | "HeadBucket";

/** The operation that a request names, and its object. `bucket` and `key` are decoded, and empty where the operation has none. */
export interface Target {
  operation: S3Operation | "ListBuckets";
  bucket: string;
  key: string;
  query: URLSearchParams;
}

/** Query parameters of each operation, besides `x-id` and the signature, which are always allowed. */
const PARAMETERS: Partial<Record<Target["operation"], string[]>> = {
  ListObjectsV2: ["list-type", "prefix", "delimiter", "continuation-token", "start-after", "max-keys", "encoding-type"],
};

/** Headers that change the meaning of an operation, but are not implemented. Requests with them are rejected. */
const REJECTED_HEADERS: Partial<Record<Target["operation"], string[]>> = {
  PutObject: ["x-amz-copy-source", "x-amz-write-offset-bytes"],
  GetObject: ["if-modified-since", "if-unmodified-since"],
  HeadObject: ["if-modified-since", "if-unmodified-since"],
  DeleteObject: ["if-match", "x-amz-if-match-last-modified-time", "x-amz-if-match-size"],
};

/**
 * Reads the operation from method, path and query, in path style. The path is not parsed as a URL: that would resolve `..`
 * and so change keys.
 *
 * @throws S3Error NotImplemented (501), or InvalidURI (400) for a path that is not URL-encoded UTF-8.
 */
export function readTarget(method: string, url: string, headers: Record<string, string>): Target {
  const mark = url.indexOf("?");
  const path = decode(mark < 0 ? url : url.slice(0, mark)).slice(1);
  const query = new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1));
  const slash = path.indexOf("/");
  const bucket = slash < 0 ? path : path.slice(0, slash);
  const key = slash < 0 ? "" : path.slice(slash + 1);

  const operation = operationOf(method, bucket, key, query);
  const known = PARAMETERS[operation] ?? [];
  for (const name of query.keys()) {
    if (known.includes(name) || name === "x-id" || name.toLowerCase().startsWith("x-amz-")) continue;
    throw notImplemented(`${operation} with "${name}"`);
  }
  for (const name of REJECTED_HEADERS[operation] ?? []) {
    if (name in headers) throw notImplemented(`${operation} with the header ${name}`);
  }
  return { operation, bucket, key, query };
}

function operationOf(method: string, bucket: string, key: string, query: URLSearchParams): Target["operation"] {
  if (bucket === "" && key === "" && method === "GET") return "ListBuckets";
  if (key === "") {
    if (method === "PUT") return "CreateBucket";
    if (method === "HEAD") return "HeadBucket";
    if (method === "GET" && query.get("list-type") === "2") return "ListObjectsV2";
  } else {
    if (method === "PUT") return "PutObject";
    if (method === "GET") return "GetObject";
    if (method === "HEAD") return "HeadObject";
    if (method === "DELETE") return "DeleteObject";
  }
  const parameters = [...query.keys()].filter((name) => name !== "x-id").join("&");
  throw notImplemented(`${method} of ${key === "" ? "a bucket" : "an object"} with ?${parameters}`);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new S3Error(400, "InvalidURI", "Couldn't parse the specified URI.");
  }
}
