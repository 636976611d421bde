import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../../lib/clock.ts";
import { ConfigError } from "../../lib/errors.ts";
import { createS3Bucket } from "../../lib/lake/s3.ts";
import type { Log, Ports } from "../../lib/ports.ts";
import { finish, open, work } from "../../lib/run/steps.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import type { ResolvedSource } from "../../lib/source/resolve.ts";
import { secretsIn } from "../../lib/source/secret.ts";
import { stateMachine } from "../state-machine.ts";
import type { EventSink } from "./events.ts";
import { type Definition, type Execution, execute } from "./machine/index.ts";
import { deadOwner, localOwner } from "./owner.ts";
import { startS3 } from "./s3/index.ts";

/** Name of the bucket in the local lake. */
export const LOCAL_BUCKET = "lake";

/** Folder of the local lake's objects. */
export const bucketFolder = (out: string): string => join(out, "s3", LOCAL_BUCKET);

/** How a source is run in this process. */
export interface InProcessOptions {
  /** Folder of the local lake. */
  out: string;
  /** The execution's input: `{}` or a wish. */
  input: object;
  /** Values by field. */
  secrets: Record<string, string>;
  /** Seconds that each Task has, as a Lambda would. */
  time_budget: number;
  wait_scale: number;
  stop: AbortSignal;
  sink: EventSink;
}

/**
 * Runs a source's machine in this process: the definition that is deployed, the steps that the Lambdas call, and S3's
 * own protocol on files below `out`.
 */
export const runInProcess = async (source: ResolvedSource, options: InProcessOptions): Promise<Execution> => {
  const { out, stop, sink } = options;
  mkdirSync(out, { recursive: true });
  const s3 = await startS3({ root: join(out, "s3"), buckets: [LOCAL_BUCKET] });
  const client = new S3Client({
    endpoint: s3.url,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const redactor = createRedactor();
  const secrets = createSecrets(
    `of ${source.name}`,
    () => Promise.resolve(JSON.stringify(options.secrets)),
    redactor,
    (field) => `give --secret ${field}=... or RESTLAKE_SECRET_${field.toUpperCase()} in the environment`,
  );
  for (const value of Object.values(options.secrets)) redactor.add(value);

  const logTo = (resource?: string): Log => {
    const write = (type: string, fields: Record<string, unknown> = {}) =>
      sink(redactor.redactDeep({ ...fields, type, source: source.name, ...(resource && { resource }) }));
    return { debug: write, info: write, warn: write };
  };
  const ports = (resource?: string): Ports => ({
    bucket: createS3Bucket(client, LOCAL_BUCKET),
    secrets,
    fetch,
    clock: systemClock,
    log: logTo(resource),
    redactor,
  });

  const task = async (state: string, input: unknown): Promise<unknown> => {
    if (state === "open") return open(ports(), input as never);
    if (state === "finish") return finish(ports(), input as never);
    const log = logTo(state);
    log.info("resource");
    try {
      const outcome = await work(ports(state), source, state, input, {
        id: randomUUID(),
        time: options.time_budget * 1000,
        stop,
      });
      log.info("outcome", { ...outcome });
      return outcome;
    } catch (error) {
      const { name, message } = error as Error;
      log.warn("failure", { name, message });
      throw Object.assign(new Error(redactor.redact(message)), { name });
    }
  };

  const definition = stateMachine(source, {
    open: "open",
    finish: "finish",
    resource: (name) => name,
    timeout: options.time_budget,
  }) as unknown as Definition;
  try {
    return await execute(
      definition,
      { ...options.input, dead_owner: deadOwner(bucketFolder(out), source.name) },
      task,
      {
        owner: localOwner(),
        wait_scale: options.wait_scale,
        stop,
        onWait: (resource, seconds) => sink({ type: "waiting", source: source.name, resource, seconds }),
      },
    );
  } finally {
    client.destroy();
    await s3.close();
  }
};

/** @throws ConfigError naming the first secret that the source refers to and nobody gave. */
export const checkSecrets = (source: ResolvedSource, secrets: Record<string, string>): void => {
  const needed = secretsIn([source.auth, source.headers]);
  const missing = needed.find((name) => !secrets[name]);
  if (missing !== undefined) {
    throw new ConfigError(
      `${source.name} needs the secret ${missing}: give --secret ${missing}=... or RESTLAKE_SECRET_${missing.toUpperCase()} in the environment`,
    );
  }
};
