/** Serves one sample API over HTTP: routes, key, filter, pages, faults. `sample-source.ts` defines its data. */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Row } from "./dice.ts";
import type { Fault, Page, Paging, Route, SampleSource } from "./sample-source.ts";

/** A received request. `query` omits the key, so that no secret is recorded. */
export interface SeenRequest {
  method: string;
  path: string;
  query: Record<string, string>;
  status: number;
}

/** A running sample API. */
export interface RunningServer {
  /** For example `http://127.0.0.1:4601`, without a trailing slash. */
  url: string;
  /** Every request so far, in order of arrival. */
  requests: SeenRequest[];
  /** Stops the server and closes open connections; a second call waits for the first. */
  close(): Promise<void>;
}

interface Reply {
  status: number;
  body: unknown;
  retry_after?: number;
}

const KEY = "api_key";
/** Maximum rows per page; a larger size is reduced to it, as in real APIs. */
const MAX_PAGE_SIZE = 100;

/**
 * Serves one source on 127.0.0.1.
 *
 * @param options.port 0 for any free port
 * @param options.latency milliseconds before each response
 * @throws Error if the port cannot be opened
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
    const reply = respond(source, { method, path, query, headers, key, playFault });
    query.delete(KEY);
    requests.push({ method, path, query: Object.fromEntries(query), status: reply.status });

    const send = (): void => {
      response.writeHead(reply.status, {
        "content-type": "application/json; charset=utf-8",
        ...(reply.retry_after !== undefined && { "retry-after": String(reply.retry_after) }),
      });
      response.end(stringify(reply.body));
    };
    if (latency === 0) return send();
    // While a response is delayed, the open connection keeps the process alive; the timer must not.
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

interface ApiRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  key: string;
  playFault: (path: string, query: URLSearchParams, page: number) => Fault | undefined;
}

/** Returns the response to a request. The key is checked first, so that a client without it cannot probe for paths. */
function respond({ key_location, routes, paging }: SampleSource, request: ApiRequest): Reply {
  const { method, path, query, headers, key, playFault } = request;
  const given = key_location === "header" ? headers[KEY] : query.get(KEY);
  if (given !== key) return failure(401, `wrong or missing ${KEY}: send it in the ${key_location}`);

  const found = match(routes, path);
  if (found === undefined) return failure(404, `unknown path ${path}`);
  if (method !== "GET") return failure(405, `method ${method} is not allowed: use GET`);
  const { route, id } = found;
  const content = route.find(id);
  if (content === undefined) return failure(404, `unknown id ${id} in ${route.path}`);

  const rows = Array.isArray(content) ? since(content, route, query) : [content];
  if (rows === undefined) return failure(400, `${route.since?.param} must be an ISO 8601 date or instant, URL-encoded`);
  const page = pageOf(paging, query, rows.length);

  const fault = playFault(path, query, page.number);
  if (fault) return { ...failure(fault.status, "temporary failure: retry later"), retry_after: fault.retry_after };

  const body = Array.isArray(content) ? rows.slice(page.offset, page.offset + page.size) : content;
  return { status: 200, body: route.envelope(body, page) };
}

const failure = (status: number, message: string): Reply => ({ status, body: { error: { status, message } } });

/** Splits a URL into path and query. `new URL` would throw for some paths that a client can send. */
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

/** Returns the rows at or after the filter's instant; undefined for an invalid instant. Without an offset it is UTC. */
function since(rows: Row[], { since: filter }: Route, query: URLSearchParams): Row[] | undefined {
  const text = filter && query.get(filter.param);
  if (!filter || text === null || text === undefined) return rows;
  // JavaScript parses a date as UTC, but a date and time without an offset as local time.
  const instant = Date.parse(INSTANT.exec(text)?.[1] || text.length <= 10 ? text : `${text}Z`);
  if (!INSTANT.test(text) || Number.isNaN(instant)) return undefined;
  return rows.filter((row) => Date.parse(String(row[filter.field])) >= instant);
}

/** Returns the requested page. Like real APIs, it accepts invalid values: the page becomes 1, the size the default. */
function pageOf(paging: Paging, query: URLSearchParams, total: number): Page {
  const requested = paging.size_param === undefined ? undefined : atLeast(1, query.get(paging.size_param));
  const size = Math.min(requested ?? paging.size, MAX_PAGE_SIZE);
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

/** Returns a function that plays each fault once per URL, whatever the order of its parameters. */
function faultPlayer(faults: Fault[]): ApiRequest["playFault"] {
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

/** Exists in Node; TypeScript's `es2024` does not declare it yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** Returns JSON in which a BigInt is a number with all its digits. */
const stringify = (body: unknown): string =>
  JSON.stringify(body, (_, value: unknown) => (typeof value === "bigint" ? rawJSON(String(value)) : value));

const listen = (server: Server, name: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const reason =
        cause.code === "EADDRINUSE"
          ? "is in use: stop the process that uses it, or"
          : `cannot be opened (${cause.code}):`;
      reject(
        new Error(`port ${port} of the sample API ${name} ${reason} choose another (0 for any free port)`, {
          cause,
        }),
      );
    });
    server.listen(port, "127.0.0.1", resolve);
  });
