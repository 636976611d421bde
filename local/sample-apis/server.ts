/** One sample API as an HTTP server: routes, key, filter, pages, faults. What it serves is data (`sample-source.ts`). */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Row } from "./dice.ts";
import type { Fault, Page, Paging, Route, SampleSource } from "./sample-source.ts";

/** A request as the API saw it. `query` is without the key: what is written down is no place for a secret. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  status: number;
}

/** A running sample API. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:4601`, without a slash at the end. */
  url: string;
  /** Every request so far, in order of arrival. */
  requests: SeenRequest[];
  /** Ends open connections, too; a second call waits for the first. */
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: unknown;
  retry_after?: number;
}

const KEY = "api_key";
/** Rows a page, at most: larger sizes are cut down to it, as APIs do. */
const MAXIMUM_SIZE = 100;

/**
 * Serves one source on 127.0.0.1.
 *
 * @param options.port 0 for any free one
 * @param options.latency milliseconds before each response
 * @throws Error when the port is in use: it says which, and what to do
 */
export async function startServer(
  name: string,
  source: SampleSource,
  { key, port, faults, latency }: { key: string; port: number; faults: boolean; latency: number },
): Promise<RunningServer> {
  const requests: SeenRequest[] = [];
  const playFault = faultPlayer(faults ? source.faults : []);

  const server = createServer(({ method = "GET", url = "/", headers }, response) => {
    const { path, query } = split(url);
    const answer = respond(source, { method, path, query, headers, key, playFault });
    query.delete(KEY);
    requests.push({ method, path, query: Object.fromEntries(query), status: answer.status });

    const send = (): void => {
      response.writeHead(answer.status, {
        "content-type": "application/json; charset=utf-8",
        ...(answer.retry_after !== undefined && { "retry-after": String(answer.retry_after) }),
      });
      response.end(stringify(answer.body));
    };
    if (latency === 0) return send();
    // The open connection keeps the process alive while a response waits; once it is closed, nothing should.
    setTimeout(send, latency).unref();
  });

  await listen(server, name, port);
  let closed: Promise<void> | undefined;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  key: string;
  playFault: (path: string, query: URLSearchParams, page: number) => Fault | undefined;
}

/** The key comes first: who has none learns nothing about which paths exist. */
function respond({ key_location, routes, paging }: SampleSource, asked: Asked): Answer {
  const { method, path, query, headers, key, playFault } = asked;
  const given = key_location === "header" ? headers[KEY] : query.get(KEY);
  if (given !== key) return failure(401, `wrong or missing ${KEY}: it belongs in the ${key_location}`);

  const found = match(routes, path);
  if (found === undefined) return failure(404, `no such path: ${path}`);
  if (method !== "GET") return failure(405, `${method} is not allowed here, GET is`);
  const { route, id } = found;
  const content = route.find(id);
  if (content === undefined) return failure(404, `there is no ${id} at ${route.path}`);

  const rows = Array.isArray(content) ? since(content, route, query) : [content];
  if (rows === undefined) return failure(400, `${route.since?.param} must be an ISO 8601 date or instant, URL-encoded`);
  const page = pageOf(paging, query, rows.length);

  const fault = playFault(path, query, page.number);
  if (fault) return { ...failure(fault.status, "not now, try again"), retry_after: fault.retry_after };

  const body = Array.isArray(content) ? rows.slice(page.offset, page.offset + page.size) : content;
  return { status: 200, body: route.envelope(body, page) };
}

const failure = (status: number, message: string): Answer => ({ status, body: { error: { status, message } } });

/** By hand, because `new URL` throws on some paths that a client can send. */
function split(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf("?");
  return mark === -1
    ? { path: url, query: new URLSearchParams() }
    : { path: url.slice(0, mark), query: new URLSearchParams(url.slice(mark + 1)) };
}

function match(routes: Route[], path: string): { route: Route; id: string } | undefined {
  for (const route of routes) {
    const [before, after] = route.path.split("{id}") as [string, string?];
    if (after === undefined) {
      if (path === before) return { route, id: "" };
    } else if (path.startsWith(before) && path.endsWith(after) && path.length > before.length + after.length) {
      const id = path.slice(before.length, path.length - after.length);
      if (!id.includes("/")) return { route, id };
    }
  }
  return undefined;
}

const INSTANT = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** Rows at or after the instant that the filter names, or undefined when it names none. Without an offset it is UTC. */
function since(rows: Row[], { since: filter }: Route, query: URLSearchParams): Row[] | undefined {
  const text = filter && query.get(filter.param);
  if (!filter || text === null || text === undefined) return rows;
  // A date alone is UTC already; with a time but no offset JavaScript would take it for local time.
  const instant = Date.parse(INSTANT.exec(text)?.[1] || text.length <= 10 ? text : `${text}Z`);
  if (!INSTANT.test(text) || Number.isNaN(instant)) return undefined;
  return rows.filter((row) => Date.parse(String(row[filter.field])) >= instant);
}

/** APIs in the wild do not refuse odd page numbers: page 0, none and nonsense are page 1, an odd size is the default. */
function pageOf(paging: Paging, query: URLSearchParams, total: number): Page {
  const asked = paging.size_param === undefined ? undefined : atLeast(1, query.get(paging.size_param));
  const size = Math.min(asked ?? paging.size, MAXIMUM_SIZE);
  if (paging.by === "page") {
    const number = atLeast(1, query.get("page")) ?? 1;
    return { number, size, offset: (number - 1) * size, total };
  }
  const offset = atLeast(0, query.get("offset")) ?? 0;
  return { number: Math.floor(offset / size) + 1, size, offset, total };
}

function atLeast(minimum: number, text: string | null): number | undefined {
  const value = text !== null && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= minimum ? value : undefined;
}

/** Each fault is played once for each URL, in whatever order its parameters come. */
function faultPlayer(faults: Fault[]): Asked["playFault"] {
  const played = new Set<string>();
  return (path, query, page) => {
    const fault = faults.find((candidate) => candidate.path === path && candidate.page === page);
    if (fault === undefined) return undefined;
    const parameters = new URLSearchParams(query);
    parameters.sort();
    const url = `${path}?${parameters}`;
    if (played.has(url)) return undefined;
    played.add(url);
    return fault;
  };
}

/** Node has it; TypeScript's `es2024` does not know it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** JSON in which a BigInt is a plain number with all its digits. */
const stringify = (body: unknown): string =>
  JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? rawJSON(String(value)) : value));

const listen = (server: Server, name: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === "EADDRINUSE" ? "is in use: stop what listens there, or" : `cannot be opened (${cause.code}):`;
      reject(
        new Error(`Port ${port} for the sample API ${name} ${reason} choose another (0 takes any free one).`, {
          cause,
        }),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
