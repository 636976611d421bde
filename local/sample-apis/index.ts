/**
 * The five sample APIs, one HTTP server each on 127.0.0.1. The sources in `functions/` read them when the stack runs
 * locally, and so do tests. They have the quirks and temporary failures of real APIs of their kinds.
 */
import { assetManagement } from "./data/asset-management.ts";
import { inventoryManagement } from "./data/inventory-management.ts";
import { orderManagement } from "./data/order-management/index.ts";
import { stockAnalytics } from "./data/stock-analytics.ts";
import { workforceAnalytics } from "./data/workforce-analytics.ts";
import type { SampleSource } from "./sample-source.ts";
import { type RunningServer, type SeenRequest, startServer } from "./server.ts";

export type { SeenRequest } from "./server.ts";

/** Running sample APIs. The keys of the records are names of sources. */
export interface SampleApis {
  /** Replaces `base_url`: `http://127.0.0.1:<port>`, without a trailing slash. */
  urls: Record<string, string>;
  /** The `api_key` that each API accepts. */
  keys: Record<string, string>;
  /** Stops all of them and closes open connections; may be called twice. */
  close(): Promise<void>;
  /**
   * Returns the requests that a source's API has received, in order of arrival; `query` omits the key.
   *
   * @throws Error if the source's API was not started
   */
  requests(source: string): SeenRequest[];
}

/** Options of `startSampleApis`. */
export interface SampleApiOptions {
  /** Names of sources; all five by default. */
  sources?: string[];
  /** By source. Default 0: any free port. */
  ports?: Record<string, number>;
  /** Whether the APIs fail sometimes, with statuses that their source retries: see `faults` in `data/`. Default true. */
  faults?: boolean;
  /** Returns the key that a source's API accepts. */
  key?: (source: string) => string;
  /** Milliseconds before each response. Default 0. */
  latency?: number;
}

const SAMPLES: Record<string, () => SampleSource> = {
  asset_management: assetManagement,
  order_management: orderManagement,
  inventory_management: inventoryManagement,
  workforce_analytics: workforceAnalytics,
  stock_analytics: stockAnalytics,
};

/** Names of the sources that have a sample API. */
export const SAMPLE_SOURCES = Object.keys(SAMPLES);

/**
 * Starts the sample APIs. Each start plays every fault once per URL.
 *
 * @throws Error if a source is unknown or a port is in use; then none of them is left running
 * @example
 * const apis = await startSampleApis({ sources: ["stock_analytics"] });
 * await fetch(`${apis.urls.stock_analytics}/v1/items?limit=100&api_key=${apis.keys.stock_analytics}`);
 * await apis.close();
 */
export async function startSampleApis(options: SampleApiOptions = {}): Promise<SampleApis> {
  const { sources = SAMPLE_SOURCES, ports = {}, faults = true, key = defaultKey, latency = 0 } = options;
  for (const name of [...sources, ...Object.keys(ports)]) sample(name);

  const started = await Promise.allSettled(
    sources.map(async (name) => {
      const settings = { key: key(name), port: ports[name] ?? 0, faults, latency };
      return { name, key: settings.key, server: await startServer(name, sample(name)(), settings) };
    }),
  );
  const running = started.filter((start) => start.status === "fulfilled").map((start) => start.value);
  const close = async (): Promise<void> => {
    await Promise.all(running.map(({ server }) => server.close()));
  };
  const failed = started.find((start) => start.status === "rejected");
  if (failed) {
    await close();
    throw failed.reason;
  }

  const servers = new Map<string, RunningServer>(running.map(({ name, server }) => [name, server]));
  return {
    urls: Object.fromEntries(running.map(({ name, server }) => [name, server.url])),
    keys: Object.fromEntries(running.map(({ name, key }) => [name, key])),
    close,
    requests: (source) => {
      const server = servers.get(source);
      if (server === undefined)
        throw new Error(`the sample API ${source} was not started (started: ${sources.join(", ")})`);
      return [...server.requests];
    },
  };
}

/**
 * Returns all data of a source's API: by resource, the raw records in the order in which the API serves them over all
 * pages. `returns` has the returns of all orders, in order of the orders. Integers beyond 2^53 are BigInt. Every call
 * returns new objects, so a test may change them.
 *
 * @throws Error if the source is unknown
 */
export const sampleTables = (source: string): SampleSource["tables"] => sample(source)().tables;

const defaultKey = (source: string): string => `local-key-of-${source.replaceAll("_", "-")}`;

function sample(name: string): () => SampleSource {
  const make = Object.hasOwn(SAMPLES, name) ? SAMPLES[name] : undefined;
  if (make === undefined) throw new Error(`unknown sample API ${name}: use one of ${SAMPLE_SOURCES.join(", ")}`);
  return make;
}
