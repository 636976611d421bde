import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { StorageError } from "../errors/index.ts";
import type { Bucket } from "../ports/bucket.ts";

const status = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

const explain = (name: string, bucket: string): string => {
  switch (name) {
    case "NoSuchBucket":
      return `there is no bucket ${bucket}: deploy the stack, or check RESTLAKE_BUCKET`;
    case "AccessDenied":
    case "Forbidden":
      return `access to bucket ${bucket} is denied: the role of this function has to reach this key`;
    default:
      return `bucket ${bucket} cannot be used (${name})`;
  }
};

/** A bucket of S3, or of anything that speaks its protocol at `AWS_ENDPOINT_URL_S3`. */
export const createS3Bucket = (client: S3Client, name: string): Bucket => {
  const failed = (error: unknown, key: string): StorageError => {
    const { name: code = "unknown", message = "" } = error as Error;
    // A HEAD has no body to say NoSuchBucket in; the SDK then only knows the status.
    const known = message.includes("NoSuchBucket") ? "NoSuchBucket" : status(error) === 403 ? "AccessDenied" : code;
    return new StorageError(`${explain(known, name)}; key ${key}`, { cause: error });
  };

  return {
    name,

    async head(key) {
      try {
        const answer = await client.send(new HeadObjectCommand({ Bucket: name, Key: key }));
        return { etag: answer.ETag ?? "", size: answer.ContentLength ?? 0, metadata: answer.Metadata ?? {} };
      } catch (error) {
        if (status(error) === 404) return null;
        throw failed(error, key);
      }
    },

    async get(key) {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: name, Key: key }));
        const body = (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        return { etag: answer.ETag ?? "", size: body.byteLength, metadata: answer.Metadata ?? {}, body };
      } catch (error) {
        if ((error as Error).name === "NoSuchKey") return null;
        throw failed(error, key);
      }
    },

    async put(key, body, { condition, metadata, content_type } = {}) {
      try {
        const answer = await client.send(
          new PutObjectCommand({
            Bucket: name,
            Key: key,
            Body: body,
            Metadata: metadata,
            ContentType: content_type,
            ...(condition && ("if_match" in condition ? { IfMatch: condition.if_match } : { IfNoneMatch: "*" })),
          }),
        );
        return { etag: answer.ETag ?? "" };
      } catch (error) {
        if (status(error) === 412) return "precondition_failed";
        // If-Match on a key that is gone answers NoSuchKey: the condition is as false as with another ETag.
        if ((error as Error).name === "NoSuchKey") return "precondition_failed";
        if (status(error) === 409) return "conflict";
        throw failed(error, key);
      }
    },
  };
};
