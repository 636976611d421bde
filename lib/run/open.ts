import { isJsonObject, type Json } from "../json/index.ts";
import { LEASE_MARGIN } from "../lake/lease.ts";
import type { Transitions } from "../metering/transitions.ts";
import { meter } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";
import { joinRun } from "./join.ts";
import type { RunHandle } from "./run-handle.ts";
import { wantedResources } from "./selection.ts";
import type { SourceFacts } from "./source-facts.ts";
import { parseStartOptions } from "./start-options.ts";

/** Parameters of the `open` state. */
export interface OpenEvent extends SourceFacts {
  /** States that the state machine enters, for the run handle. */
  transitions: Transitions;
  /** The execution's input: start options, and `owner` and `dead_owner` from a predecessor or a local runner. */
  input: Json;
  /** The execution. */
  owner: string;
}

/** Result of the `open` state. */
export type Opened =
  | ({ status: "open" } & RunHandle)
  | { status: "skipped"; source: string; run_id: string; owner: string; expires_at: string };

const textOrNull = (value: Json | undefined): string | null => (typeof value === "string" ? value : null);

/**
 * Runs the state machine's first state: joins the open run or opens one, unless another execution works on the source.
 *
 * @param memory_mb of its Lambda; null outside of a Lambda.
 * @throws ConfigError for start options that are wrong or do not fit the open run.
 */
export const open = async (given: Ports, event: OpenEvent, memory_mb: number | null = null): Promise<Opened> => {
  const { ports, usage } = meter(given, memory_mb);
  const input = isJsonObject(event.input) ? event.input : {};
  const options = parseStartOptions(input, ports.logger);
  const owner = textOrNull(input.owner) ?? event.owner;
  const joined = await joinRun(ports, event, options, {
    owner,
    dead_owner: textOrNull(input.dead_owner),
    lease_until: ports.clock.now() + LEASE_MARGIN,
  });
  if (joined.status === "skipped") return { ...joined, source: event.source };
  // A successor must not open another run.
  const { new_run: _, ...lasting } = options;
  return {
    status: "open",
    run_id: joined.run.run_id,
    owner,
    resources: wantedResources(event.resources, options),
    successor: { ...lasting, owner },
    transitions: event.transitions,
    usage: usage(),
  };
};
