import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { afterEach, expect } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import type { Outcome } from "../../lib/extract/outcome.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { HANG_LIMIT } from "../limits.ts";
import { createMemoryBucket } from "./memory-bucket.ts";
import { CANARY, type Row } from "./world.ts";

/** Responds to the request of a page; 0 when the request names none. */
export type Handler = (page: number, request: IncomingMessage, response: ServerResponse) => void;
type Endpoint = Exclude<Exclude<SourceConfig["resources"][number], string>["endpoint"], string | undefined>;

const servers: ReturnType<typeof createServer>[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts an API of another origin, which must get no request, and counts its requests. */
export const startOtherOrigin = async (): Promise<{ url: string; requests(): number }> => {
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end("{}");
  }).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => requests };
};

/** Responds with JSON; a string is sent unchanged. */
export const json = (response: ServerResponse, body: unknown, status = 200, headers: Record<string, string> = {}) =>
  response
    .writeHead(status, { "content-type": "application/json", ...headers })
    .end(typeof body === "string" ? body : JSON.stringify(body));

/** Runs one invocation of a resource against this API, and returns its outcome or error, its rows and its log lines. */
export const runHostile = async (handler: Handler, endpoint: Partial<Endpoint> = {}, settings: SourceSettings = {}) => {
  const server = createServer((request, response) =>
    handler(Number(new URL(request.url ?? "", "http://local").searchParams.get("page")), request, response),
  ).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const source = resolveSource(
    defineSource(
      {
        name: "hostile",
        client: {
          base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          auth: { type: "api_key", name: "key", api_key: secret("api_key"), location: "query" },
        },
        resources: [
          {
            name: "rows",
            primary_key: "id",
            endpoint: { data_selector: "data", paginator: { type: "page_number", base_page: 1 }, ...endpoint },
          },
        ],
      },
      settings,
    ),
  );
  const redactor = createRedactor();
  const logged: unknown[] = [];
  const log = (message: string, fields?: unknown) => logged.push({ message, fields });
  const bucket = createMemoryBucket();
  const ports: Ports = {
    bucket,
    secrets: {
      get: async () => {
        redactor.add(CANARY);
        return CANARY;
      },
      put: async () => {},
    },
    fetch,
    clock: { ...systemClock, sleep: async () => {}, random: () => 0.5 },
    logger: { debug: log, info: log, warn: log },
    redactor,
  };
  let outcome: Outcome | undefined;
  let error: Error | undefined;
  try {
    outcome = await work(ports, source, "rows", {}, { id: "by-hand", time: 6 * HANG_LIMIT });
  } catch (thrown) {
    error = thrown as Error;
  }
  const lines = [...bucket.objects]
    .filter(([key]) => key.startsWith("data/"))
    .flatMap(([, { body }]) => gunzipSync(body).toString().split("\n").filter(Boolean));
  const rows = lines.map((line) => JSON.parse(line) as Row);
  const stored = [...bucket.objects].map(([key, { body, metadata }]) => [
    key,
    metadata,
    key.endsWith(".gz") ? gunzipSync(body).toString() : Buffer.from(body).toString(),
  ]);
  const causes: unknown[] = [];
  for (let current: unknown = error; current instanceof Error; current = current.cause) {
    causes.push(current.name, current.message, current.stack);
  }
  // The key is stored, logged and thrown nowhere.
  expect(JSON.stringify([stored, logged, causes, outcome])).not.toContain(CANARY);
  return { outcome, error: error && `${error.name}: ${error.message}`, rows, lines, logged };
};

/** Returns the ids of rows, in order. */
export const ids = (rows: Row[]) => rows.map(({ id }) => id);
