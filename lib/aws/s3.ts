import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { StorageError } from "../errors/index.ts";
import type { Bucket } from "../ports/bucket.ts";

const status = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const explain = (name: string, bucket: string): string => {
  switch (name) {
    case "NoSuchBucket":
      return `bucket ${bucket} does not exist: deploy the stack, or correct RESTLAKE_BUCKET`;
    case "AccessDenied":
    case "Forbidden":
      return `access to bucket ${bucket} is denied: allow this key in the role of the function`;
    default:
      return `bucket ${bucket} cannot be used (${name})`;
  }
};

/** Returns a bucket of S3, or of an S3-compatible server at `AWS_ENDPOINT_URL_S3`. */
export const createS3Bucket = (client: S3Client, name: string): Bucket => {
  const failed = (error: unknown, key: string): StorageError => {
    const { name: code = "unknown", message = "" } = error as Error;
    // A response to HEAD has no body that could name NoSuchBucket, so the SDK knows the status only.
    const known = message.includes("NoSuchBucket") ? "NoSuchBucket" : status(error) === 403 ? "AccessDenied" : code;
    return new StorageError(`${explain(known, name)}; key ${key}`, { cause: error });
  };

  return {
    name,

    async head(key) {
      try {
        const response = await client.send(new HeadObjectCommand({ Bucket: name, Key: key }));
        return { etag: response.ETag ?? "", size: response.ContentLength ?? 0, metadata: response.Metadata ?? {} };
      } catch (error) {
        if (status(error) === 404) return null;
        throw failed(error, key);
      }
    },

    async get(key) {
      try {
        const response = await client.send(new GetObjectCommand({ Bucket: name, Key: key }));
        const body = (await response.Body?.transformToByteArray()) ?? new Uint8Array();
        return { etag: response.ETag ?? "", size: body.byteLength, metadata: response.Metadata ?? {}, body };
      } catch (error) {
        if ((error as Error).name === "NoSuchKey") return null;
        throw failed(error, key);
      }
    },

    async put(key, body, { condition, metadata, content_type } = {}) {
      try {
        const response = await client.send(
          new PutObjectCommand({
            Bucket: name,
            Key: key,
            Body: body,
            Metadata: metadata,
            ContentType: content_type,
            ...(condition && ("if_match" in condition ? { IfMatch: condition.if_match } : { IfNoneMatch: "*" })),
          }),
        );
        return { etag: response.ETag ?? "" };
      } catch (error) {
        if (status(error) === 412) return "precondition_failed";
        // S3 responds to If-Match on a missing key with NoSuchKey: the condition is false, as with another ETag.
        if ((error as Error).name === "NoSuchKey") return "precondition_failed";
        if (status(error) === 409) return "conflict";
        throw failed(error, key);
      }
    },
  };
};
