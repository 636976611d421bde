/**
 * The API that the configs in `examples/` read: a small bookshop on 127.0.0.1, with one endpoint for each feature of the
 * examples. `data.ts` has its data, `endpoints.ts` its endpoints.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { FORM } from "../../lib/http/request-body.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type ApiRequest, type Endpoint, type Reply, refusal } from "./endpoint.ts";
import { createEndpoints } from "./endpoints.ts";
import { HIDDEN, SECRETS } from "./guards.ts";

/** A received request in human-readable form: secrets are redacted, forms and queries are decoded. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** Headers except the standard ones of every request; names in lower case. */
  headers: Record<string, string>;
  /** "" if the request had no body. */
  body: string;
  /** Status of the response. */
  status: number;
}

/** A running example API. */
export interface ExampleApi extends AsyncDisposable {
  /** Replaces `https://api.example.com`; without a trailing slash. */
  url: string;
  /** Secrets that it accepts, by their names in the examples. */
  secrets: Record<string, string>;
  /** Every request so far, in order of arrival. */
  requests: SeenRequest[];
}

/** Headers of every request from restlake, whatever its config. */
const STANDARD_HEADERS = new Set([
  ...["host", "connection", "accept", "accept-encoding", "accept-language", "sec-fetch-mode", "user-agent"],
  ...["content-length", "content-type", "transfer-encoding"],
]);

const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

interface Route {
  method: string;
  pattern: RegExp;
  endpoint: Endpoint;
}

const routesOf = (endpoints: Record<string, Endpoint>): Route[] =>
  Object.entries(endpoints).map(([request, endpoint]) => {
    const [method = "", path = ""] = request.split(" ");
    return { method, pattern: new RegExp(`^${path.replace("{id}", "([^/]+)")}$`), endpoint };
  });

const respond = (routes: Route[], method: string, request: Omit<ApiRequest, "id">): Reply => {
  const { pathname } = request.url;
  const matching = routes.filter(({ pattern }) => pattern.test(pathname));
  const route = matching.find((candidate) => candidate.method === method);
  if (route === undefined) {
    return matching.length > 0
      ? refusal(405, `${method} is not allowed here`)
      : refusal(404, `unknown path ${pathname}`);
  }
  const complete = { ...request, id: route.pattern.exec(pathname)?.[1] ?? "" };
  return route.endpoint.guard?.(complete) ?? route.endpoint.handle(complete);
};

const pairsText = (pairs: URLSearchParams): string => [...pairs].map(([name, value]) => `${name}=${value}`).join("&");

const pathText = ({ pathname, search, searchParams }: URL): string =>
  search === "" ? pathname : `${pathname}?${pairsText(searchParams)}`;

const bodyText = (type: string | undefined, body: string): string =>
  type === FORM ? pairsText(new URLSearchParams(body)) : body;

/** Starts the API on a free port of 127.0.0.1. */
export const startExampleApi = async (): Promise<ExampleApi> => {
  const redactor = createRedactor();
  for (const text of HIDDEN) redactor.add(text);
  const routes = routesOf(createEndpoints((text) => redactor.add(text)));
  const requests: SeenRequest[] = [];

  const server = createServer(async (request, response) => {
    const { method = "", headers } = request;
    const body = await readText(request);
    const requested = new URL(request.url ?? "/", url);
    const reply = respond(routes, method, { url: requested, query: requested.searchParams, headers, body });
    const { status = 200 } = reply;
    const custom = Object.entries(headers).filter(([name]) => !STANDARD_HEADERS.has(name));
    requests.push(
      redactor.redactDeep({
        method,
        path: pathText(requested),
        headers: Object.fromEntries(custom.map(([name, value]) => [name, String(value)])),
        body: bodyText(headers["content-type"], body),
        status,
      }),
    );
    response.writeHead(status, { "content-type": "application/json", ...reply.headers });
    response.end(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    secrets: { ...SECRETS },
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
