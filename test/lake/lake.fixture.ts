import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { createS3Bucket } from "../../lib/aws/s3.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { LogAddress } from "../../lib/lake/keys.ts";
import { firstPosition, type Position } from "../../lib/lake/position.ts";
import type { NewPart } from "../../lib/lake/stored-part.ts";
import { createJsonPart } from "../../lib/parts/json.ts";
import type { Bucket } from "../../lib/ports/bucket.ts";
import type { Clock } from "../../lib/ports/clock.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type S3Fault, type S3Options, type S3Request, startS3 } from "../../local/s3/index.ts";
import { silentAlarm } from "../fake-clock.ts";

const BUCKET = "lake";
/** Start time of test clocks. */
export const START = Date.parse("2026-11-20T09:00:00Z");

/** A clock that only `sleep` and `advance` move. Its random numbers are the same in every run. */
export interface TestClock extends Clock {
  readonly slept: number[];
  advance(milliseconds: number): void;
}

export const testClock = (): TestClock => {
  let now = START;
  let chance = 1;
  const slept: number[] = [];
  return {
    slept,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    now: () => now,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
      await new Promise(setImmediate);
    },
    alarm: silentAlarm,
    random: () => {
      chance = (chance * 1103515245 + 12345) % 2 ** 31;
      return chance / 2 ** 31;
    },
  };
};

/** One log line, for tests of warnings. */
export interface Logged {
  level: "debug" | "info" | "warn";
  message: string;
  fields: Record<string, unknown>;
}

/** Returns how the emulator fails a request; undefined to serve it. */
export type Fault = (request: S3Request) => S3Fault | undefined;

/** Starts the S3 emulator on a separate folder; its bucket is used through the real SDK, with a test clock. */
export async function startLake(options: Partial<S3Options> = {}) {
  const root = await mkdtemp(join(tmpdir(), "restlake-lake-"));
  const requests: S3Request[] = [];
  let fault: Fault | undefined;
  const server = await startS3({
    buckets: [BUCKET],
    ...options,
    root,
    fault: (request) => {
      requests.push(request);
      return fault?.(request);
    },
  });
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new S3Client({ endpoint: server.url, region: "us-east-1", credentials });
  const clock = testClock();
  const logged: Logged[] = [];
  const write =
    (level: Logged["level"]) =>
    (message: string, fields: Record<string, unknown> = {}) => {
      logged.push({ level, message, fields });
    };
  const bucket: Bucket = createS3Bucket(client, BUCKET);
  const ports: Ports = {
    bucket,
    clock,
    logger: { debug: write("debug"), info: write("info"), warn: write("warn") },
    secrets: { get: async () => "no secret", put: async () => {} },
    fetch,
    redactor: createRedactor(),
  };
  const file = (key: string) => join(root, BUCKET, key);
  return {
    url: server.url,
    client,
    bucket,
    clock,
    ports,
    logged,
    /** All received requests, in order. */
    requests,
    /** Fails requests from now on. */
    fail(next: Fault | undefined) {
      fault = next;
    },
    /** Fails the first request that matches. */
    failOnce(matches: (request: S3Request) => boolean, how: S3Fault) {
      fault = (request) => {
        if (!matches(request)) return undefined;
        fault = undefined;
        return how;
      };
    },
    /** Reads an object as another program would: from the folder. */
    read: (key: string) => readFile(file(key)),
    json: async (key: string) => JSON.parse(await readFile(file(key), "utf8")),
    keys: async (prefix = "") => {
      const entries = await readdir(file(""), { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(file(""), join(entry.parentPath, entry.name)))
        .filter((key) => key.startsWith(prefix))
        .sort();
    },
    metadata: async (Key: string) => (await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }))).Metadata ?? {},
    /** Writes an object unconditionally, as another program would. */
    overwrite: (Key: string, Body: Uint8Array | string, Metadata?: Record<string, string>) =>
      client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, Metadata })),
    remove: (Key: string) => client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key })),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.close();
      await rm(root, { recursive: true });
    },
  };
}

export type Lake = Awaited<ReturnType<typeof startLake>>;

export const RUN_ID = "20261120T090000Z-0a1b2c3d";

/** Address of the log that most tests write. */
export const address: LogAddress = {
  source: "shop",
  resource: "orders",
  table: "orders",
  run_id: RUN_ID,
  selected: true,
  file_format: "jsonl",
};

/** Merge rules of a manifest without any in the config. */
export const NO_MERGE_RULES = { merge_key: [], hard_delete: null, dedup_sort: null, insert_only: false };

const [resource] = resolveSource(
  defineSource({
    name: "shop",
    client: { base_url: "https://api.test", paginator: "single_page" },
    resources: ["orders"],
  }),
).resources;

/** Returns the first position of a log, with changes. */
export const position = (more: Partial<Position> = {}): Position => ({
  ...firstPosition(resource!, "https://api.test"),
  config_hash: "c0ffee",
  ...more,
});

/** Returns a part with one row, from page n. */
export const partOf = async (n: number, more: Partial<NewPart> = {}, by = "us"): Promise<NewPart> => {
  const buffer = createJsonPart([
    { name: "id", data_type: "bigint", nullable: true },
    { name: "by", data_type: "text", nullable: true },
  ]);
  await buffer.add([[String(n), by]], 0);
  return {
    body: await buffer.finish(),
    rows: 1,
    position: position({ pages: n, rows: n, page: { page: n + 1 } }),
    schema_version: 1,
    final: false,
    parent_rows: null,
    ...more,
  };
};
