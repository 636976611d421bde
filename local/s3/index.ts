import type { IncomingMessage, ServerResponse } from "node:http";
import { accessDenied, S3Error } from "./errors.ts";
import { listen } from "./http/listen.ts";
import { readTarget, type S3Operation, type Target } from "./http/request.ts";
import { type Answer, serve } from "./http/serve.ts";
import * as buckets from "./operations/buckets.ts";
import { get } from "./operations/get-object.ts";
import { list } from "./operations/list-objects.ts";
import { put } from "./operations/put-object.ts";
import { requireBucket } from "./store/buckets.ts";
import { openRoot } from "./store/open.ts";
import { placeOf } from "./store/places.ts";
import { deleteObject } from "./store/write.ts";

export type { S3Operation } from "./http/request.ts";

/** A request as a `fault` sees it, before anything was done; header names in lower case. */
export interface S3Request {
  operation: S3Operation;
  bucket: string;
  /** Empty for operations on a bucket. */
  key: string;
  headers: Record<string, string>;
}

/** What goes wrong: an error answer and nothing done; done but the answer lost; the connection reset, nothing done. */
export type S3Fault = { status: number; code: string } | "lost" | "reset";

export interface S3Options {
  /** The folder of the lake, made if missing: objects are the plain files `<root>/<bucket>/<key>`. */
  root: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Buckets to make if they are missing. */
  buckets?: string[];
  /**
   * Plays a role whose ListBucket is allowed for these prefixes only: GET and HEAD of an absent key elsewhere
   * answer 403 instead of 404, and so does ListObjectsV2 of another prefix.
   */
  listPrefixes?: string[];
  /** Milliseconds that `close` waits for requests under way; 2 s by default. */
  patience?: number;
  /** Asked before each request (but ListBuckets) is carried out. */
  fault?: (request: S3Request) => S3Fault | undefined;
}

export interface S3StandIn {
  /** For AWS_ENDPOINT_URL_S3. */
  url: string;
  /** Real path of the root. */
  root: string;
  /** Ends connections and waits for requests under way. The objects stay. */
  close(): Promise<void>;
}

/**
 * S3 on this machine, for development and tests: what restlake needs of it, on plain files, with true conditional
 * PUTs. Several processes may serve one root at a time, and any may be killed: an object is the old or the new one,
 * always with its own metadata. (Killed, not cut from power: nothing is forced to disk. And all on one machine, since
 * a lock names the process that holds it.) Keys that differ only in case need a file system that tells them apart.
 * Signatures are not verified. What is not implemented answers 501, so that nothing is silently ignored.
 *
 * Throws a plain Error when the port is taken.
 *
 * @example
 * const s3 = await startS3({ root: ".local/s3", buckets: ["lake"] });
 * process.env.AWS_ENDPOINT_URL_S3 = s3.url;
 */
export async function startS3(options: S3Options): Promise<S3StandIn> {
  const root = await openRoot(options.root, options.buckets ?? []);
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const headers = request.headers as Record<string, string>;
    return serve(request, response, () => {
      const target = readTarget(request.method ?? "", request.url ?? "", headers);
      // A body that is refused halfway must not take the connection with it: the client is to see the answer.
      const body = request.iterator({ destroyOnReturn: false });
      const answer = () => carryOut(root, options.listPrefixes ?? [""], target, headers, body);
      const fault = faultOf(options, target, headers);
      if (fault === "lost") return { lost: answer };
      if (fault === "reset") return "reset";
      if (fault) throw new S3Error(fault.status, fault.code, "A fault that was asked for.");
      return answer;
    });
  };
  const server = await listen(options.port ?? 0, handle, options.patience);
  return { url: server.url, root, close: server.close };
}

function faultOf(options: S3Options, target: Target, headers: Record<string, string>): S3Fault | undefined {
  const { operation, bucket, key } = target;
  return operation === "ListBuckets" ? undefined : options.fault?.({ operation, bucket, key, headers });
}

async function carryOut(
  root: string,
  listPrefixes: string[],
  { operation, bucket, key, query }: Target,
  headers: Record<string, string>,
  body: AsyncIterable<Buffer>,
): Promise<Answer> {
  const mayList = (prefix: string) => listPrefixes.some((allowed) => prefix.startsWith(allowed));
  if (operation === "ListBuckets") return buckets.list(root);
  if (operation === "CreateBucket") return buckets.create(root, bucket);
  await requireBucket(root, bucket);
  switch (operation) {
    case "HeadBucket":
      return { status: 200 };
    case "ListObjectsV2":
      if (!mayList(query.get("prefix") ?? "")) throw accessDenied();
      return list(root, bucket, query);
    case "PutObject":
      return put(root, placeOf(root, bucket, key), headers, body);
    case "GetObject":
    case "HeadObject":
      return get(placeOf(root, bucket, key), headers, mayList(key) ? undefined : accessDenied);
    case "DeleteObject":
      await deleteObject(placeOf(root, bucket, key));
      return { status: 204 };
    default: {
      const never: never = operation;
      throw new Error(`No such operation: ${never}`);
    }
  }
}
