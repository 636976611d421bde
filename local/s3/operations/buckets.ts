import { S3Error } from "../errors.ts";
import type { S3Response } from "../http/serve.ts";
import { element, xmlDocument } from "../http/xml.ts";
import { createBucket, listBuckets } from "../store/buckets.ts";

/** CreateBucket. Returns 409 for an existing bucket, as in every AWS region except us-east-1. */
export async function create(root: string, bucket: string): Promise<S3Response> {
  if (await createBucket(root, bucket)) return { status: 200, headers: { location: `/${bucket}` } };
  throw new S3Error(
    409,
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
  );
}

/** ListBuckets. */
export async function list(root: string): Promise<S3Response> {
  const buckets = await listBuckets(root);
  const lines = buckets.map(
    ({ name, created }) => `<Bucket>${element("Name", name)}${element("CreationDate", created.toISOString())}</Bucket>`,
  );
  return {
    status: 200,
    headers: { "content-type": "application/xml" },
    body: xmlDocument("ListAllMyBucketsResult", `<Buckets>${lines.join("")}</Buckets>`),
  };
}
