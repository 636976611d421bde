import { checkpointKey, type LogAddress, reportKey } from "../lake/keys.ts";
import type { Statistics } from "../lake/log.ts";
import { readManifest } from "../lake/manifest.ts";
import type { Position } from "../lake/position.ts";
import type { Ports } from "../ports.ts";
import type { OpenRun, ResourceFacts } from "./open-run.ts";

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
  pages: number;
  parts: number;
  requests: number;
  retries: number;
  wait_seconds: number;
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
}

const readCheckpoint = async ({ bucket }: Pick<Ports, "bucket">, address: LogAddress) => {
  const object = await bucket.get(checkpointKey(address));
  try {
    return object === null
      ? null
      : (JSON.parse(Buffer.from(object.body).toString()) as Statistics & { part: number; position: Position });
  } catch {
    // The report can do without counts.
    return null;
  }
};

/** What became of one resource, from its manifest and its checkpoint. */
export const reportResource = async (
  ports: Pick<Ports, "bucket">,
  facts: ResourceFacts,
  address: LogAddress,
  failure: NamedError | undefined,
): Promise<ResourceReport & { cursors: Position["cursors"] }> => {
  const [manifest, checkpoint] = await Promise.all([readManifest(ports, address), readCheckpoint(ports, address)]);
  const counts = {
    requests: checkpoint?.requests ?? 0,
    retries: checkpoint?.retries ?? 0,
    wait_seconds: Math.round((checkpoint?.wait_seconds ?? 0) * 1000) / 1000,
  };
  const { name: resource, table } = facts;
  if (manifest !== null) {
    const { rows, pages, parts, cursors } = manifest;
    return { resource, table, status: "done", rows, pages, parts: parts.length, ...counts, error: null, cursors };
  }
  return {
    resource,
    table,
    status: "failed",
    rows: checkpoint?.position?.rows ?? 0,
    pages: checkpoint?.position?.pages ?? 0,
    parts: checkpoint?.part ?? 0,
    ...counts,
    error: failure ?? { name: "NotReached", message: "nothing was tried in this execution" },
    cursors: {},
  };
};

/** Writes the report of a run; a later one of the same run replaces it. */
export const writeReport = async ({ bucket }: Pick<Ports, "bucket">, report: RunReport): Promise<void> => {
  await bucket.put(reportKey(report.source, report.run_id), `${JSON.stringify(report)}\n`, {
    content_type: "application/json",
  });
};
