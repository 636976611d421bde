import type { ResolvedResource, ResolvedSource } from "../config/resolved.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import type { RunRecord } from "../lake/run-record.ts";
import type { ResourceStats } from "../metering/resource-stats.ts";
import type { Meter } from "../metering/usage.ts";
import type { Ports } from "../ports/index.ts";

/** One resource in one run of its source, with the ports for its side effects. */
export interface RunContext {
  ports: Ports;
  source: ResolvedSource;
  resource: ResolvedResource;
  run: RunRecord;
}

/** Limits and measures the requests of one invocation. */
export interface Instruments {
  limiter: RateLimiter;
  /** Measures the usage that AWS bills, through the ports of the run context. */
  meter: Meter;
}

/** Limits and identity of one invocation. */
export interface Invocation {
  /** Unique per invocation. The writer of its parts, so that it recognises its part after a lost response. */
  id: string;
  /** Milliseconds left. */
  time: number;
  /** Memory of its Lambda in MB; undefined outside of a Lambda. */
  memory_mb?: number;
  /** Called once with the numbers that this invocation added, also when it fails. */
  onStats?: (added: ResourceStats) => void;
  /** Aborts when the user wants to stop. */
  stop?: AbortSignal;
}
