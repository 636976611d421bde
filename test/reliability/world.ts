import { gunzipSync } from "node:zlib";
import { type StateMachineDefinition, stateMachineDefinition } from "../../infra/definition.ts";
import { defineSource, secret } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { MINUTE, SECOND } from "../../lib/time/durations.ts";
import { type Execution, execute } from "../../local/state-machine/index.ts";
import { silentAlarm } from "../fake-clock.ts";
import { createMemoryBucket, type StoredObject } from "./memory-bucket.ts";

/** Fake time of a request. */
const REQUEST_TIME = SECOND;
/** Fake time budget of an invocation: a few pages, so that larger resources need several invocations. */
export const INVOCATION_TIME = 8 * SECOND;
/** API key that must not be stored, logged or thrown anywhere. */
export const CANARY = "canary-9f8e7d6c5b4a";

/** A record of the API. */
export type Row = Record<string, unknown>;

/** Data of the API; tests may change it between runs. */
export interface ApiData {
  orders: Row[];
  /** By order id. */
  returns: Map<number, Row[]>;
  items: Row[];
  /** Returns whether a path returns 404. */
  broken?: (path: string) => boolean;
}

/** Everything that outlives a process: the bucket, the API, and the time. */
export interface World {
  objects: Map<string, StoredObject>;
  data: ApiData;
  /** Milliseconds since 1970. */
  now(): number;
  advance(milliseconds: number): void;
  /** Returns the ports of a new process. */
  ports(): Ports;
}

/** Returns orders with returns, and items. `updated_at` grows with the id. */
export const sampleData = (): ApiData => ({
  orders: Array.from({ length: 9 }, (_, index) => ({
    id: index + 1,
    updated_at: `2026-01-0${1 + Math.floor(index / 2)}T00:00:00Z`,
    note: `order ${index + 1}`,
  })),
  returns: new Map(
    [1, 2, 4, 8].map((id) => [id, Array.from({ length: (id % 3) + 1 }, (_, n) => ({ id: id * 10 + n }))]),
  ),
  items: Array.from({ length: 7 }, (_, index) => ({ id: index + 1, name: index % 2 === 0 ? `item ${index}` : null })),
});

const respond = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

/** Serves pages of two rows. The first request for the second page of items is throttled for a minute. */
const serve = (data: ApiData, throttled: Set<string>, url: URL, key: string | null): Response => {
  if (key !== CANARY) return respond(401, { error: "invalid key" });
  if (data.broken?.(url.pathname)) return respond(404, { error: "gone" });
  const page = Number(url.searchParams.get("page") ?? 1);
  const child = /^\/orders\/(\d+)\/returns$/.exec(url.pathname);
  if (url.pathname === "/items") {
    const offset = Number(url.searchParams.get("offset"));
    if (offset === 2 && !throttled.has(url.href)) {
      throttled.add(url.href);
      return respond(429, { error: "slow down" }, { "retry-after": "60" });
    }
    return respond(200, { data: data.items.slice(offset, offset + 2) });
  }
  let rows = child === null ? data.orders : (data.returns.get(Number(child[1])) ?? []);
  const since = url.searchParams.get("since");
  if (since !== null) rows = rows.filter((row) => String(row.updated_at) >= since);
  return respond(200, { data: rows.slice((page - 1) * 2, page * 2) });
};

/** Returns a world whose clock is moved by requests and waits only. */
export const createWorld = (data: ApiData = sampleData()): World => {
  const objects = new Map<string, StoredObject>();
  const throttled = new Set<string>();
  let time = Date.parse("2026-11-20T03:00:00Z");
  let seed = 0;
  const advance = (milliseconds: number) => {
    time += milliseconds;
  };
  return {
    objects,
    data,
    now: () => time,
    advance,
    ports: () => {
      const redactor = createRedactor();
      redactor.add(CANARY);
      return {
        bucket: createMemoryBucket(objects),
        secrets: { get: async () => CANARY, put: async () => {} },
        fetch: (async (input: string, init: RequestInit) => {
          advance(REQUEST_TIME);
          return serve(data, throttled, new URL(input), new Headers(init.headers).get("x-key"));
        }) as typeof fetch,
        clock: {
          now: () => time,
          sleep: async (milliseconds) => advance(milliseconds),
          alarm: silentAlarm,
          random: () => {
            seed = (seed * 1103515245 + 12345) % 2 ** 31;
            return seed / 2 ** 31;
          },
        },
        logger: { debug() {}, info() {}, warn() {} },
        redactor,
      };
    },
  };
};

const pages = { type: "page_number", base_page: 1 } as const;

/** A source with a child, an incremental and a throttled resource. With `INVOCATION_TIME`, invocations are partial. */
export const shop: ResolvedSource = resolveSource(
  defineSource(
    {
      name: "shop",
      client: {
        base_url: "http://api.test",
        auth: { type: "api_key", name: "x-key", api_key: secret("api_key"), location: "header" },
      },
      resource_defaults: { primary_key: "id", write_disposition: "merge" },
      resources: [
        {
          name: "orders",
          endpoint: {
            path: "/orders",
            data_selector: "data",
            paginator: pages,
            incremental: { cursor_path: "updated_at", start_param: "since" },
          },
          columns: { id: { data_type: "bigint", nullable: false } },
        },
        {
          name: "returns",
          endpoint: {
            path: "/orders/{order}/returns",
            params: { order: { type: "resolve", resource: "orders", field: "id" } },
            data_selector: "data",
            paginator: pages,
          },
          include_from_parent: ["id"],
        },
        { name: "items", endpoint: { path: "/items", data_selector: "data", paginator: { type: "offset", limit: 2 } } },
      ],
    },
    { file_max_items: 4 },
  ),
);

/** The state machine of `shop`. */
export const definition = stateMachineDefinition(shop, {
  open: "open",
  finish: "finish",
  resource: (name) => name,
  timeout: 900,
});

let invocations = 0;

/** Options of an execution. */
interface ExecutionOptions {
  owner: string;
  input?: object;
  /** Memory of every Lambda; undefined without Lambdas. */
  memory_mb?: number;
  /** Is called with every state that is entered. */
  onState?: (state: string) => void;
}

const executeIn = (
  world: World,
  ports: Ports,
  stateMachine: StateMachineDefinition,
  { owner, input = {}, memory_mb, onState, onRun }: ExecutionOptions & { onRun?: (run: unknown) => void },
): Promise<Execution> => {
  const task = async (state: string, taskInput: unknown) => {
    if (state === "finish") return finish(ports, taskInput as never, memory_mb);
    if (state !== "open")
      return work(ports, shop, state, taskInput, { id: `i${++invocations}`, time: INVOCATION_TIME, memory_mb });
    const run = await open(ports, taskInput as never, memory_mb);
    onRun?.(run);
    return run;
  };
  return execute(stateMachine, input, task, {
    owner,
    wait_scale: 0,
    onState,
    onWait: (_state, seconds) => world.advance(seconds * 1000),
  });
};

/** Runs one execution of the state machine with these ports. */
export const runStateMachine = async (
  world: World,
  ports: Ports,
  options: ExecutionOptions,
): Promise<Execution & { run?: unknown }> => {
  let run: unknown;
  const execution = await executeIn(world, ports, definition, {
    ...options,
    onRun: (opened) => {
      run = opened;
    },
  });
  return { ...execution, run };
};

/** Redrives a failed execution: the same execution resumes at the state that failed, `finish`. */
export const redriveStateMachine = (
  world: World,
  ports: Ports,
  { owner, failed }: { owner: string; failed: { run?: unknown } },
): Promise<Execution> => {
  const { start: _start, ...States } = definition.States;
  return executeIn(
    world,
    ports,
    { ...definition, StartAt: "finish", States },
    {
      owner,
      input: {
        run: failed.run,
        input: {},
        failures: { items: { Error: "HttpError", Cause: "404" } },
        counter: { rounds: 0 },
      },
    },
  );
};

/** Advances the clock until all leases have expired. */
export const leasesExpire = (world: World): void => world.advance(30 * MINUTE);

/** Returns the rows of every complete log in `_seq` order, by `<resource>@<run_id>`, without `_extracted_at` and `_run_id`. */
export const rowsByResource = (world: World): Record<string, Row[]> => {
  const result: Record<string, Row[]> = {};
  for (const [key, { body }] of world.objects) {
    if (!key.startsWith("manifests/")) continue;
    const manifest = JSON.parse(Buffer.from(body).toString()) as Manifest;
    const rows = manifest.parts.flatMap((part) =>
      gunzipSync(world.objects.get(part.key)?.body ?? Buffer.alloc(0))
        .toString()
        .split("\n")
        .filter(Boolean)
        .map((line) => {
          const { _extracted_at, _run_id, ...row } = JSON.parse(line) as Row;
          return row;
        }),
    );
    result[`${manifest.resource}@${manifest.run_id}`] = rows;
  }
  return result;
};
