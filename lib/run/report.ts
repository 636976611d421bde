import { type RunAddress, reportKey } from "../lake/keys.ts";
import { loadCheckpoint, statisticsOf } from "../lake/log.ts";
import { readManifest } from "../lake/manifest.ts";
import type { Position } from "../lake/position.ts";
import type { Ports } from "../ports.ts";
import type { MergeRules } from "../source/resolved.ts";
import type { Cost } from "./cost.ts";
import type { OpenRun, ResourceFacts } from "./open-run.ts";
import { roundUsage, type Usage } from "./usage.ts";

/** An error by its stable name, with its message. */
export interface NamedError {
  name: string;
  message: string;
}

/** How one resource came out. */
export interface ResourceReport {
  resource: string;
  table: string;
  /** `failed` also when nothing was tried; `error` says why. */
  status: "done" | "failed";
  rows: number;
  /** What `schema_contract` left out. */
  discarded_rows: number;
  discarded_values: number;
  pages: number;
  parts: number;
  requests: number;
  retries: number;
  wait_seconds: number;
  /** Invocations that did work, in all executions of the run; those by `npm run sync` too. */
  invocations: number;
  /** Those of them that the API's throttling ended. */
  throttles: number;
  /**
   * What AWS bills for them. It does not have invocations that ended before they began to read (nothing to do, a parent that
   * is not done), that died without a last word, or that Step Functions retried.
   */
  usage: Usage;
  error: NamedError | null;
}

/** `reports/<source>/<run_id>.json`: what ran and what came of it. */
export interface RunReport {
  version: 1;
  source: string;
  run_id: string;
  opened_at: string;
  finished_at: string;
  status: "done" | "failed";
  refresh: OpenRun["refresh"];
  window: OpenRun["window"];
  resources: ResourceReport[];
  /**
   * An estimate of what the run costs at list price: all work of its resources, and the last execution's `open`, `finish`
   * and states around them. It does not have the states of earlier executions around their resources, nor redrives,
   * retries, and successors of a very long execution; nor S3 storage, logs, and the secret.
   */
  cost: Cost;
}

/** What `finish` must know of a resource beyond what people read. */
export interface ResourceState {
  report: ResourceReport;
  /** Where the next run may start; empty while the resource is not done. */
  cursors: Position["cursors"];
  /** How its table is read; null while the resource is not done, and when it is none. */
  rules: MergeRules | null;
  /** Milliseconds since 1970 of its last commit, as far as its checkpoint knows. */
  committed_at: number | null;
}

/** What became of one resource, from its manifest and its checkpoint. */
export const reportResource = async (
  ports: Pick<Ports, "bucket" | "log">,
  facts: ResourceFacts,
  address: RunAddress,
  failure: NamedError | undefined,
): Promise<ResourceState> => {
  const [manifest, checkpoint] = await Promise.all([readManifest(ports, address), loadCheckpoint(ports, address)]);
  const { committed_at, wait_seconds, usage, ...statistics } = statisticsOf(checkpoint);
  const counts = {
    requests: statistics.requests,
    retries: statistics.retries,
    wait_seconds: Math.round(wait_seconds * 1000) / 1000,
    invocations: statistics.invocations,
    throttles: statistics.throttles,
    usage: roundUsage(usage),
  };
  const { name: resource, table } = facts;
  if (manifest !== null) {
    const { rows, discarded_rows, discarded_values, pages, parts, cursors } = manifest;
    const report = {
      resource,
      table,
      status: "done" as const,
      rows,
      discarded_rows,
      discarded_values,
      pages,
      parts: parts.length,
      ...counts,
      error: null,
    };
    return { report, cursors, rules: facts.selected ? manifest : null, committed_at };
  }
  const report = {
    resource,
    table,
    status: "failed" as const,
    rows: checkpoint?.position.rows ?? 0,
    discarded_rows: checkpoint?.position.discarded_rows ?? 0,
    discarded_values: checkpoint?.position.discarded_values ?? 0,
    pages: checkpoint?.position.pages ?? 0,
    parts: checkpoint?.part ?? 0,
    ...counts,
    error: failure ?? { name: "NotReached", message: "nothing was tried in this execution" },
  };
  return { report, cursors: {}, rules: null, committed_at };
};

/** Writes the report of a run; a later one of the same run replaces it. */
export const writeReport = async ({ bucket }: Pick<Ports, "bucket">, report: RunReport): Promise<void> => {
  await bucket.put(reportKey(report.source, report.run_id), `${JSON.stringify(report)}\n`, {
    content_type: "application/json",
  });
};
