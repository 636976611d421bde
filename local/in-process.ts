import { randomUUID } from "node:crypto";
import { stateMachineDefinition } from "../infra/definition.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import type { Ports } from "../lib/ports/index.ts";
import type { Logger } from "../lib/ports/logger.ts";
import { finish } from "../lib/run/finish.ts";
import { open } from "../lib/run/open.ts";
import { work } from "../lib/run/work.ts";
import { createSecrets } from "../lib/secrets/index.ts";
import { createRedactor } from "../lib/secrets/redact.ts";
import { systemClock } from "../lib/time/clock.ts";
import { connectLake, startLake } from "./bucket.ts";
import type { EventSink } from "./events.ts";
import { deadOwner, localOwner } from "./owner.ts";
import { type Execution, execute } from "./state-machine/index.ts";

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
  const s3 = await startLake(out);
  const lake = connectLake(s3.url);
  const redactor = createRedactor();
  const secrets = createSecrets(
    `of ${source.name}`,
    () => Promise.resolve(JSON.stringify(options.secrets)),
    redactor,
    (field) => `give --secret ${field}=... or RESTLAKE_SECRET_${field.toUpperCase()} in the environment`,
  );
  for (const value of Object.values(options.secrets)) redactor.add(value);

  const logTo = (resource?: string): Logger => {
    const write = (type: string, fields: Record<string, unknown> = {}) =>
      sink(redactor.redactDeep({ ...fields, type, source: source.name, ...(resource && { resource }) }));
    return { debug: write, info: write, warn: write };
  };
  const ports = (resource?: string): Ports => ({
    bucket: lake.bucket,
    secrets,
    fetch,
    clock: systemClock,
    logger: logTo(resource),
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

  const definition = stateMachineDefinition(source, {
    open: "open",
    finish: "finish",
    resource: (name) => name,
    timeout: Math.ceil(options.time_budget),
  });
  try {
    return await execute(definition, { ...options.input, dead_owner: deadOwner(out, source.name) }, task, {
      owner: localOwner(),
      wait_scale: options.wait_scale,
      stop,
      onWait: (resource, seconds) =>
        sink({
          type: "waiting",
          source: source.name,
          resource,
          seconds,
          scaled_seconds: seconds * options.wait_scale,
        }),
    });
  } finally {
    lake.close();
    await s3.close();
  }
};
