import { S3Error } from "../errors.ts";
import type { Answer } from "../http/serve.ts";
import { element, xmlDocument } from "../http/xml.ts";
import { createBucket, listBuckets } from "../store/buckets.ts";

/** CreateBucket. A bucket that exists is 409, as in every AWS region but us-east-1. */
export async function create(root: string, bucket: string): Promise<Answer> {
  if (await createBucket(root, bucket)) return { status: 200, headers: { location: `/${bucket}` } };
  throw new S3Error(
    409,
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
  );
}

/** ListBuckets. */
export async function list(root: string): Promise<Answer> {
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
