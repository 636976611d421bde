import { LEASE_MARGIN, recordRate, releaseLease, renewLease } from "../lake/lease.ts";
import type { ResourceFacts, RunBounds } from "../lake/run-record.ts";
import { withFields } from "../ports/logger.ts";
/**
 * The three kinds of steps of every machine: `open`, a resource, `finish`. Each takes the event as the machine sends
 * it and returns what the machine's next Choice looks at. Lambda handlers and `npm run sync` call the same steps.
 */

import { findResource, type ResolvedSource } from "../config/resolve.ts";
import { ConfigError } from "../errors/index.ts";
import type { Counts } from "../extract/counts.ts";
import { extract } from "../extract/extract.ts";
import type { Outcome } from "../extract/outcome.ts";
import { createRateLimiter } from "../http/rate-limit.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import { meter, type Usage } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import type { NamedError, RunReport } from "../report/run-report.ts";
import { type Finished, finishRun } from "./finish-run.ts";
import { joinRun, wantedResources } from "./open-run.ts";
import { parseStartOptions, type StartOptions } from "./start-options.ts";

/** Parameters of the `open` state. */
export interface OpenEvent {
  source: string;
  resources: ResourceFacts[];
  bounds: RunBounds;
  /** The execution's own input: a wish, and for a successor or a local runner `owner` and `dead_owner`. */
  input: Json;
  /** The execution. */
  owner: string;
}

/** What the other states know of the run. */
export interface RunHandle {
  run_id: string;
  owner: string;
  /** Resources that this execution works on, ancestors included; null: all. */
  resources: string[] | null;
  /** Input of a successor that goes on with the same run. */
  successor: Omit<StartOptions, "new_run"> & { owner: string };
  /** What the `open` state used; missing in the ticket of an older execution. */
  usage?: Usage;
}

/** Result of the `open` state. */
export type Opened =
  | ({ status: "open" } & RunHandle)
  | { status: "skipped"; source: string; run_id: string; owner: string; expires_at: string };

/** Parameters of the `finish` state. */
export interface FinishEvent {
  source: string;
  resources: ResourceFacts[];
  bounds: RunBounds;
  run: RunHandle;
  /** What the machine caught: Step Functions' error names and causes, by resource. */
  failures: Record<string, { Error?: string; Cause?: string }>;
}

const textOf = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);

/** What `open` and `finish` must know of a source's resources. */
export const factsOf = (source: ResolvedSource): ResourceFacts[] =>
  source.resources.map(({ name, table, parent, selected, incremental, write_disposition }) => ({
    name,
    table,
    parent: parent?.resource ?? null,
    selected,
    // A backfill that the config describes has no state, nor has a table that shows the newest run alone (dlt).
    incremental: incremental !== null && incremental.end_value === null && write_disposition !== "replace",
  }));

/**
 * The machine's first state: joins the open run, opens one, or finds that someone else works on the source.
 *
 * @param memory_mb of its Lambda; null where there is none.
 */
export const open = async (given: Ports, event: OpenEvent, memory_mb: number | null = null): Promise<Opened> => {
  const { ports, usage } = meter(given, memory_mb);
  const input = isJsonObject(event.input) ? event.input : {};
  const wish = parseStartOptions(input, ports.logger);
  const owner = textOf(input.owner) ?? event.owner;
  const joined = await joinRun(ports, event.source, event.resources, wish, event.bounds, {
    owner,
    dead_owner: textOf(input.dead_owner),
    lease_until: ports.clock.now() + LEASE_MARGIN,
  });
  if (joined.status === "skipped") return { ...joined, source: event.source };
  const { new_run: _once, ...lasting } = wish;
  return {
    status: "open",
    run_id: joined.run.run_id,
    owner,
    resources: wantedResources(event.resources, wish),
    successor: { ...lasting, owner },
    usage: usage(),
  };
};

const skipped = (
  source: string,
  resource: string,
  run_id: string,
  why: Pick<Outcome, "reason" | "owner" | "expires_at">,
) =>
  ({
    status: "skipped",
    source,
    resource,
    run_id,
    rows: 0,
    pages: 0,
    parts: 0,
    requests: 0,
    waited_seconds: 0,
    ...why,
  }) satisfies Outcome;

/** Limits of one invocation of a resource's step. */
export interface StepInvocation {
  /** Names the invocation: the owner of a lease that is taken by hand, and the writer of its parts. */
  id: string;
  /** Milliseconds that are left. */
  time: number;
  /** Memory of its Lambda; left out where there is none. */
  memory_mb?: number;
  /** Is told once what this invocation added, also when it fails. */
  counted?: (counts: Counts) => void;
  /** The user wants to stop. */
  stop?: AbortSignal;
}

/** A start by hand: joins the open run like any other, and lets go of its lease at the end. */
const ticketByHand = async (
  ports: Ports,
  source: ResolvedSource,
  resource: string,
  event: Json,
  { id, time }: StepInvocation,
) => {
  const wish = parseStartOptions(event, ports.logger);
  if (wantedResources(factsOf(source), wish)?.includes(resource) === false) {
    throw new ConfigError("event.resources leaves out the one resource that this function loads: leave the key out", {
      source: source.name,
      resource,
    });
  }
  const owner = `lambda:${id}`;
  const lease_until = ports.clock.now() + time + LEASE_MARGIN;
  const joined = await joinRun(ports, source.name, factsOf(source), wish, source.settings, { owner, lease_until });
  return joined.status === "skipped" ? joined : { status: joined.status, run_id: joined.run.run_id, owner };
};

/**
 * Works on one resource. The machine's event has a `run`; `{}` is a start by hand.
 *
 * @throws the errors of `lib/errors/index.ts`.
 */
export const work = async (
  givenPorts: Ports,
  source: ResolvedSource,
  resourceName: string,
  event: unknown,
  invocation: StepInvocation,
): Promise<Outcome> => {
  const resource = findResource(source, resourceName);
  const given = isJsonObject(event) ? event : {};
  const ticket = isJsonObject(given.run) ? (given.run as unknown as RunHandle) : null;
  const metered = meter(givenPorts, invocation.memory_mb ?? null, ticket !== null);
  const { ports } = metered;
  if (ticket?.resources && !ticket.resources.includes(resource.name)) {
    return skipped(source.name, resource.name, ticket.run_id, { reason: "not_in_run" });
  }
  const start = ticket ?? (await ticketByHand(ports, source, resource.name, given, invocation));
  const { run_id, owner } = start;
  if ("expires_at" in start) {
    const { expires_at } = start;
    return skipped(source.name, resource.name, run_id, { reason: "lease", owner, expires_at });
  }
  const until = (milliseconds: number) => ports.clock.now() + milliseconds + LEASE_MARGIN;
  const renewed = await renewLease(ports, source.name, run_id, owner, until(invocation.time));
  if ("lost" in renewed) {
    return skipped(source.name, resource.name, run_id, { reason: "lease", ...renewed.lost?.lease });
  }
  const { time, stop, id: writer } = invocation;
  const known = renewed.run.rate ?? null;
  const limiter = createRateLimiter(source.rate_limit, ports.clock, known);
  try {
    const logger = withFields(ports.logger, { run_id });
    const outcome = await extract({ ...ports, logger }, source, resource, renewed.run, {
      time,
      stop,
      writer,
      limiter,
      meter: metered,
      counted: invocation.counted,
    });
    if (ticket !== null && outcome.retry_after_seconds !== undefined) {
      await renewLease(ports, source.name, run_id, owner, until(outcome.retry_after_seconds * 1000));
    }
    return outcome;
  } finally {
    await recordRate(ports, source.name, known, limiter.usage()).catch((error: unknown) => {
      ports.logger.warn("rate not recorded", { why: (error as Error).message });
    });
    if (ticket === null) await releaseLease(ports, source.name, owner);
  }
};

const namedError = ({ Error: name = "Unknown", Cause: cause = "" }: { Error?: string; Cause?: string }): NamedError => {
  try {
    const parsed = JSON.parse(cause) as { errorMessage?: unknown };
    if (typeof parsed.errorMessage === "string") return { name, message: parsed.errorMessage };
  } catch {
    // A cause that is not Lambda's JSON is a text for people.
  }
  return { name, message: cause.slice(0, 1000) };
};

/**
 * The machine's last state.
 *
 * @param memory_mb of its Lambda; null where there is none.
 * @param reported is told what the run's report says.
 * @throws RunFailedError when resources are not done; ConfigError when the event is not the machine's.
 */
export const finish = async (
  ports: Ports,
  event: FinishEvent,
  memory_mb: number | null = null,
  reported?: (report: RunReport) => void,
): Promise<Finished> => {
  if (!isJsonObject(event.run) || !Array.isArray(event.resources)) {
    throw new ConfigError("finish is a state of the source's machine: start the machine instead");
  }
  const { run_id, owner, successor, usage: opened } = event.run;
  const failures = Object.fromEntries(
    Object.entries(event.failures ?? {}).map(([resource, failure]) => [resource, namedError(failure)]),
  );
  const wish: StartOptions = { ...successor, new_run: false };
  return finishRun(ports, event.source, event.resources, wish, event.bounds, {
    run_id,
    owner,
    failures,
    opened,
    memory_mb,
    reported,
  });
};
