import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { S3Client } from "@aws-sdk/client-s3";
import { LOCAL_BUCKET } from "../infra/lake-folder.ts";
import { createS3Bucket } from "../lib/aws/s3.ts";
import { ConfigError } from "../lib/errors/index.ts";
import type { Bucket } from "../lib/ports/bucket.ts";
import { type S3StandIn, startS3 } from "./s3/index.ts";

/** Not `recursive: true`: Node never comes back from it where the system answers ENOENT for a new folder (/proc). */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
};

/**
 * The folder of a local lake, made if it is missing.
 *
 * @param given as the user gave it: from the folder that npm was started in.
 * @throws ConfigError when it is no folder, or cannot be written.
 */
export const lakeFolder = (given: string): string => {
  const out = resolve(process.env.INIT_CWD ?? ".", given);
  try {
    makeFolder(out);
    readdirSync(out);
    accessSync(out, constants.W_OK);
  } catch (error) {
    throw new ConfigError(
      `--out ${given}: cannot be written (${(error as NodeJS.ErrnoException).code}): choose a folder that can`,
    );
  }
  return out;
};

/**
 * S3 on the files of a local lake.
 *
 * @param port 0 takes a free one.
 * @throws ConfigError when the files cannot be written.
 */
export const startLake = async (out: string, port = 0): Promise<S3StandIn> => {
  try {
    return await startS3({ root: join(out, "s3"), port, buckets: [LOCAL_BUCKET] });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code === undefined || path === undefined) throw error;
    throw new ConfigError(
      `the lake in ${out} cannot be written (${code} at ${path}): choose another folder with --out`,
    );
  }
};

/** The local lake's bucket, by the protocol of S3. */
export const connectLake = (url: string): { bucket: Bucket; close(): void } => {
  const client = new S3Client({
    endpoint: url,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  return { bucket: createS3Bucket(client, LOCAL_BUCKET), close: () => client.destroy() };
};
