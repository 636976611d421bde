import { randomUUID } from "node:crypto";
import { stateMachineDefinition } from "../infra/definition.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import type { Bucket } from "../lib/ports/bucket.ts";
import type { Ports } from "../lib/ports/index.ts";
import type { Logger } from "../lib/ports/logger.ts";
import { finish } from "../lib/run/finish.ts";
import { open } from "../lib/run/open.ts";
import { work } from "../lib/run/work.ts";
import { createSecrets } from "../lib/secrets/index.ts";
import { createRedactor } from "../lib/secrets/redact.ts";
import { maskedFieldsIn } from "../lib/secrets/roles.ts";
import { systemClock } from "../lib/time/clock.ts";
import { SECOND } from "../lib/time/durations.ts";
import { connectLake, startLake } from "./bucket.ts";
import type { EventSink } from "./events.ts";
import { deadOwner, localOwner } from "./owner.ts";
import { type Execution, execute, type RunTask } from "./state-machine/index.ts";

/** How a source is run in this process. */
export interface InProcessOptions {
  /** Folder of the local lake. */
  out: string;
  /** Input of the execution: start options. */
  input: object;
  /** Secret values by field. */
  secrets: Record<string, string>;
  /** Seconds per Task, like the timeout of a Lambda. */
  time_budget: number;
  wait_scale: number;
  stop: AbortSignal;
  sink: EventSink;
}

/** Returns the ports of one Task. The logger writes to the event sink. */
type CreatePorts = (resource?: string) => Ports;

const portsFor = (
  { name: source, resources }: ResolvedSource,
  bucket: Bucket,
  { secrets: values, sink }: InProcessOptions,
): CreatePorts => {
  const redactor = createRedactor();
  const secrets = createSecrets(`of ${source}`, () => Promise.resolve(JSON.stringify(values)), redactor, {
    masked: maskedFieldsIn(resources),
    // A command line and its environment cannot be changed: the next command needs a new value.
    async putSecret(text) {
      Object.assign(values, JSON.parse(text));
      sink({ type: "secret replaced", source, why: "valid for this command only: get a new one for the next" });
    },
    howToPut: (field) =>
      `give --secret ${field}=... or RESTLAKE_SECRET_${`${source}_${field}`.toUpperCase().replaceAll(/\W/g, "_")} in the environment`,
  });
  for (const value of Object.values(values)) redactor.add(value, { in_data: false });
  return (resource) => {
    const write = (type: string, fields: Record<string, unknown> = {}) =>
      sink(redactor.redactDeep({ ...fields, type, source, ...(resource && { resource }) }));
    const logger: Logger = { debug: write, info: write, warn: write };
    return { bucket, secrets, fetch, clock: systemClock, logger, redactor };
  };
};

/** Returns the Tasks of a source's state machine: the steps that the Lambdas run. */
const tasksOf = (source: ResolvedSource, createPorts: CreatePorts, options: InProcessOptions): RunTask => {
  const workOn = async (resource: string, input: unknown): Promise<unknown> => {
    const ports = createPorts(resource);
    const { logger, redactor } = ports;
    logger.info("resource");
    const invocation = { id: randomUUID(), time: options.time_budget * SECOND, stop: options.stop };
    try {
      const outcome = await work(ports, source, resource, input, invocation);
      logger.info("outcome", { ...outcome });
      return outcome;
    } catch (error) {
      const { name, message } = error as Error;
      logger.warn("failure", { name, message });
      throw Object.assign(new Error(redactor.redact(message)), { name });
    }
  };
  return async (state, input) => {
    if (state === "open") return open(createPorts(), input as never);
    if (state === "finish") return finish(createPorts(), input as never);
    return workOn(state, input);
  };
};

/**
 * Runs the state machine of a source in this process: with the deployed definition, the steps that the Lambdas run, and the
 * S3 protocol on files in `out`.
 */
export const runInProcess = async (source: ResolvedSource, options: InProcessOptions): Promise<Execution> => {
  const { out, wait_scale, stop, sink } = options;
  // An error here must not leave a server that keeps the process alive.
  const definition = stateMachineDefinition(source, {
    open: "open",
    finish: "finish",
    resource: (name) => name,
    timeout: Math.ceil(options.time_budget),
  });
  const s3 = await startLake(out);
  const lake = connectLake(s3.url);
  const tasks = tasksOf(source, portsFor(source, lake.bucket, options), options);
  try {
    return await execute(definition, { ...options.input, dead_owner: deadOwner(out, source.name) }, tasks, {
      owner: localOwner(),
      wait_scale,
      stop,
      onWait: (resource, seconds) =>
        sink({ type: "waiting", source: source.name, resource, seconds, scaled_seconds: seconds * wait_scale }),
    });
  } finally {
    lake.close();
    await s3.close();
  }
};
