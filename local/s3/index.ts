import type { IncomingMessage, ServerResponse } from "node:http";
import { accessDenied, S3Error } from "./errors.ts";
import { listen } from "./http/listen.ts";
import { readTarget, type S3Operation, type Target } from "./http/request.ts";
import { type S3Response, serve } from "./http/serve.ts";
import * as buckets from "./operations/buckets.ts";
import { get } from "./operations/get-object.ts";
import { list } from "./operations/list-objects.ts";
import { put } from "./operations/put-object.ts";
import { requireBucket } from "./store/buckets.ts";
import { openRoot } from "./store/open.ts";
import { placeOf } from "./store/places.ts";
import { deleteObject } from "./store/write.ts";

export type { S3Operation } from "./http/request.ts";

/** A request that a `fault` may apply to. Header names are in lower case. */
export interface S3Request {
  operation: S3Operation;
  bucket: string;
  /** Empty for operations on a bucket. */
  key: string;
  headers: Record<string, string>;
}

/** A fault: an error response without any effect; an effect whose response is lost; or a reset connection without any effect. */
export type S3Fault = { status: number; code: string } | "lost" | "reset";

/** How the emulator is started. */
export interface S3Options {
  /** Root folder, created if missing. Objects are the files `<root>/<bucket>/<key>`. */
  root: string;
  /** 0, the default, for a free port. */
  port?: number;
  /** Buckets that are created if missing. */
  buckets?: string[];
  /**
   * Emulates a role that allows ListBucket for these prefixes only: GET and HEAD of an absent key elsewhere return 403
   * instead of 404, and so does ListObjectsV2 of another prefix.
   */
  listPrefixes?: string[];
  /** Milliseconds that `close` waits for requests in progress; 2 s by default. */
  closeTimeout?: number;
  /** Called before each request, except ListBuckets. */
  fault?: (request: S3Request) => S3Fault | undefined;
}

/** A running emulator. */
export interface LocalS3 {
  /** Value for AWS_ENDPOINT_URL_S3. */
  url: string;
  /** Real path of the root folder. */
  root: string;
  /** Closes connections and waits for requests in progress. The objects are kept. */
  close(): Promise<void>;
}

/**
 * Starts an emulator of S3 on this machine, for development and tests: the operations that restlake needs, on plain files,
 * with real conditional PUTs. Several processes may serve one root folder, and any of them may be killed: an object is
 * either the old or the new one, always with its own metadata. Nothing is forced to disk, so this does not hold for a power
 * failure. All processes must run on one machine, because locks contain process ids. Keys that differ in case only need a
 * case-sensitive file system. Signatures are not verified. Anything that is not implemented returns 501.
 *
 * @throws Error when the port is in use.
 *
 * @example
 * const s3 = await startS3({ root: ".local/s3", buckets: ["lake"] });
 * process.env.AWS_ENDPOINT_URL_S3 = s3.url;
 */
export async function startS3(options: S3Options): Promise<LocalS3> {
  const root = await openRoot(options.root, options.buckets ?? []);
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const headers = request.headers as Record<string, string>;
    return serve(request, response, () => {
      const target = readTarget(request.method ?? "", request.url ?? "", headers);
      // A body that is rejected halfway must not close the connection: the client has to receive the response.
      const body = request.iterator({ destroyOnReturn: false });
      const respond = () => perform(root, target, { listPrefixes: options.listPrefixes ?? [""], headers, body });
      const fault = faultOf(options, target, headers);
      if (fault === "lost") return { lost: respond };
      if (fault === "reset") return "reset";
      if (fault) throw new S3Error(fault.status, fault.code, "An injected fault.");
      return respond;
    });
  };
  const server = await listen(options.port ?? 0, handle, options.closeTimeout);
  return { url: server.url, root, close: server.close };
}

/** A request besides its target, and the emulated permissions. */
interface RequestContext {
  listPrefixes: string[];
  headers: Record<string, string>;
  body: AsyncIterable<Buffer>;
}

function faultOf(options: S3Options, target: Target, headers: Record<string, string>): S3Fault | undefined {
  const { operation, bucket, key } = target;
  return operation === "ListBuckets" ? undefined : options.fault?.({ operation, bucket, key, headers });
}

async function perform(
  root: string,
  { operation, bucket, key, query }: Target,
  { listPrefixes, headers, body }: RequestContext,
): Promise<S3Response> {
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
      throw new Error(`unknown operation ${never}`);
    }
  }
}
