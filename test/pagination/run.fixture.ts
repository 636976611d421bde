import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { worldClock } from "../fake-clock.ts";
import { createMemoryBucket, type StoredObject } from "../reliability/memory-bucket.ts";

/** Fake time of a request. */
const REQUEST_TIME = 1_000_000;
/** Time that an invocation reserves for its last part. */
const RESERVE = 10_000;
/** Maximum number of invocations; no run in these tests needs as many. */
const MAX_INVOCATIONS = 50;

type Endpoint = Exclude<Exclude<SourceConfig["resources"][number], string>["endpoint"], string | null | undefined>;

/** Outcome of a run. */
export interface Ran {
  /** Rows in the order of the parts, without restlake's columns. */
  rows: Record<string, unknown>[];
  /** Path and query of every request. */
  requested: string[];
  /** The error that ended it. */
  error?: string;
}

/** Starts a local API whose responses are JSON. */
export async function startApi(respond: (url: URL) => unknown) {
  const requested: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://api");
    requested.push(url.pathname + url.search);
    response.setHeader("content-type", "application/json").end(JSON.stringify(respond(url)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    /**
     * Loads `/rows` of the API.
     *
     * @param pages number of pages that an invocation has time for. Each invocation is a new process that knows only the bucket.
     */
    async load(endpoint: Endpoint, pages = MAX_INVOCATIONS): Promise<Ran> {
      requested.length = 0;
      const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const source = resolveSource(
        defineSource({
          name: "shop",
          client: { base_url, max_concurrency: 1 },
          resources: [{ name: "rows", endpoint }],
        }),
      );
      const objects = new Map<string, StoredObject>();
      const world = { now: Date.parse("2026-11-20T03:00:00Z") };
      const ports = (): Ports => ({
        bucket: createMemoryBucket(objects),
        secrets: { get: async () => "", put: async () => {} },
        fetch: (url, init) => {
          world.now += REQUEST_TIME;
          return fetch(url, init);
        },
        clock: worldClock(world),
        logger: { debug() {}, info() {}, warn() {} },
        redactor: createRedactor(),
      });
      const time = (pages + 1) * REQUEST_TIME + RESERVE;
      let error: string | undefined;
      for (let invocation = 1; invocation <= MAX_INVOCATIONS; invocation++) {
        try {
          const { status } = await work(ports(), source, "rows", {}, { id: String(invocation), time });
          if (status === "done") break;
        } catch (thrown) {
          error = `${(thrown as Error).name}: ${(thrown as Error).message}`;
          break;
        }
      }
      const rows = [...objects]
        .filter(([key]) => key.startsWith("data/"))
        .flatMap(([, { body }]) => gunzipSync(body).toString().split("\n").filter(Boolean))
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .sort((a, b) => Number(a._seq) - Number(b._seq))
        .map(({ _run_id, _seq, _extracted_at, ...row }) => row);
      return { rows, requested: [...requested], ...(error !== undefined && { error }) };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
