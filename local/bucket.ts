import { accessSync, constants, existsSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { S3Client } from "@aws-sdk/client-s3";
import { LOCAL_BUCKET } from "../infra/lake-folder.ts";
import { createS3Bucket } from "../lib/aws/s3.ts";
import { ConfigError } from "../lib/errors/index.ts";
import type { Bucket } from "../lib/ports/bucket.ts";
import { type LocalS3, startS3 } from "./s3/index.ts";

/** Creates a folder. With `recursive: true`, Node would hang where the system returns ENOENT for a new folder (/proc). */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
};

/**
 * Returns the folder of a local lake, created if missing.
 *
 * @param path relative to the folder in which npm was started.
 * @throws ConfigError when it is not a folder, or not writable.
 */
export const lakeFolder = (path: string): string => {
  const out = resolve(process.env.INIT_CWD ?? ".", path);
  try {
    makeFolder(out);
    readdirSync(out);
    accessSync(out, constants.W_OK);
  } catch (error) {
    throw new ConfigError(
      `--out ${path}: cannot be written (${(error as NodeJS.ErrnoException).code}): choose another folder`,
    );
  }
  return out;
};

/**
 * Starts S3 on the files of a local lake.
 *
 * @param port 0 for a free port.
 * @throws ConfigError when the files are not writable.
 */
export const startLake = async (out: string, port = 0): Promise<LocalS3> => {
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

/** Creates a client of an emulator. */
export const createLocalClient = (url: string): S3Client =>
  new S3Client({ endpoint: url, region: "local", credentials: { accessKeyId: "local", secretAccessKey: "local" } });

/** Returns the bucket of a local lake, reached through the S3 protocol. */
export const connectLake = (url: string): { bucket: Bucket; close(): void } => {
  const client = createLocalClient(url);
  return { bucket: createS3Bucket(client, LOCAL_BUCKET), close: () => client.destroy() };
};
