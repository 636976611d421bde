import { findResource } from "../config/resolve.ts";
import type { ResolvedResource, ResolvedSource } from "../config/resolved.ts";
import { ConfigError } from "../errors/index.ts";
import { extract } from "../extract/extract.ts";
import { type Outcome, skippedOutcome } from "../extract/outcome.ts";
import type { Invocation, RunContext } from "../extract/run-context.ts";
import { createRateLimiter } from "../http/rate-limit.ts";
import { isJsonObject, type JsonObject } from "../json/index.ts";
import { LEASE_MARGIN, recordRate, releaseLease, renewLease } from "../lake/lease.ts";
import { type Meter, meter } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import { withFields } from "../ports/logger.ts";
import { SECOND } from "../time/durations.ts";
import { joinRun } from "./join.ts";
import type { RunHandle } from "./run-handle.ts";
import { wantedResources } from "./selection.ts";
import { sourceFactsOf } from "./source-facts.ts";
import { parseStartOptions } from "./start-options.ts";

/** The run that an invocation works for: the state machine's, or one that it joined itself when it was started alone. */
interface Assignment {
  run_id: string;
  owner: string;
  /** Whether the invocation took the lease itself and has to release it. */
  isAlone: boolean;
}

/** Returns the run handle in the state machine's event; null when the Lambda was started alone. */
const handleIn = (event: JsonObject): RunHandle | null =>
  isJsonObject(event.run) ? (event.run as unknown as RunHandle) : null;

/**
 * Joins the open run for an invocation that no state machine started.
 *
 * @returns the run, or the outcome when another execution works on the source.
 * @throws ConfigError for start options that leave out the function's resource.
 */
const joinAlone = async (
  ports: Ports,
  source: ResolvedSource,
  resource: ResolvedResource,
  { event, id, time }: { event: JsonObject } & Invocation,
): Promise<Assignment | Outcome> => {
  const facts = sourceFactsOf(source);
  const options = parseStartOptions(event, ports.logger);
  const place = { source: source.name, resource: resource.name };
  if (wantedResources(facts.resources, options)?.includes(resource.name) === false) {
    throw new ConfigError(
      `start option resources leaves out ${resource.name}, the only resource that this function loads: leave the option out`,
      place,
    );
  }
  const owner = `lambda:${id}`;
  const lease_until = ports.clock.now() + time + LEASE_MARGIN;
  const joined = await joinRun(ports, facts, options, { owner, lease_until });
  if (joined.status === "open") return { run_id: joined.run.run_id, owner, isAlone: true };
  const { run_id, owner: holder, expires_at } = joined;
  return skippedOutcome({ ...place, run_id }, { reason: "lease", owner: holder, expires_at });
};

/** Returns the run to work for, or the outcome when there is nothing to do. */
const assignmentOf = async (
  ports: Ports,
  source: ResolvedSource,
  resource: ResolvedResource,
  invocation: { event: JsonObject } & Invocation,
): Promise<Assignment | Outcome> => {
  const handle = handleIn(invocation.event);
  if (handle === null) return joinAlone(ports, source, resource, invocation);
  const { run_id, owner, resources } = handle;
  if (resources?.includes(resource.name) === false) {
    return skippedOutcome({ source: source.name, resource: resource.name, run_id }, { reason: "not_in_run" });
  }
  return { run_id, owner, isAlone: false };
};

/** Extracts under the source's rate limit, and records the requests for the next invocation. */
const extractWithinRate = async (context: RunContext, invocation: Invocation, metered: Meter): Promise<Outcome> => {
  const { ports, source, run } = context;
  const known = run.rate ?? null;
  const limiter = createRateLimiter(source.rate_limit, ports.clock, known);
  try {
    return await extract(context, invocation, { limiter, meter: metered });
  } finally {
    await recordRate(ports, source.name, known, limiter.usage()).catch((error: unknown) => {
      ports.logger.warn("rate not recorded", { why: (error as Error).message });
    });
  }
};

/**
 * Works on one resource. The state machine's event has a `run`; any other event is that of a Lambda started alone.
 *
 * @throws a subclass of RestlakeError.
 */
export const work = async (
  given: Ports,
  source: ResolvedSource,
  resourceName: string,
  rawEvent: unknown,
  invocation: Invocation,
): Promise<Outcome> => {
  const resource = findResource(source, resourceName);
  const event = isJsonObject(rawEvent) ? rawEvent : {};
  const metered = meter(given, invocation.memory_mb ?? null, handleIn(event)?.transitions ?? null);
  const { ports } = metered;
  const assignment = await assignmentOf(ports, source, resource, { ...invocation, event });
  if ("status" in assignment) return assignment;

  const { run_id, owner, isAlone } = assignment;
  const leaseUntil = (milliseconds: number) => ports.clock.now() + milliseconds + LEASE_MARGIN;
  const renewed = await renewLease(ports, source.name, { run_id, owner, until: leaseUntil(invocation.time) });
  if ("lost" in renewed) {
    const place = { source: source.name, resource: resource.name, run_id };
    return skippedOutcome(place, { reason: "lease", ...renewed.lost?.lease });
  }
  const logger = withFields(ports.logger, { run_id });
  const context: RunContext = { ports: { ...ports, logger }, source, resource, run: renewed.run };
  try {
    const outcome = await extractWithinRate(context, invocation, metered);
    const wait = outcome.retry_after_seconds;
    if (!isAlone && wait !== undefined) {
      await renewLease(ports, source.name, { run_id, owner, until: leaseUntil(wait * SECOND) });
    }
    return outcome;
  } finally {
    if (isAlone) await releaseLease(ports, source.name, owner);
  }
};
