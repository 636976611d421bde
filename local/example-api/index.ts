/**
 * The API that the configs in `examples/` read: a small bookshop on 127.0.0.1, with one endpoint for each thing that there
 * is to show. Its data are in `data.ts`, its endpoints, one entry each, in `endpoints.ts`.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { FORM } from "../../lib/http/request-body.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { type Asked, type Endpoint, type Reply, refusal } from "./endpoint.ts";
import { createEndpoints } from "./endpoints.ts";
import { HIDDEN, SECRETS } from "./guards.ts";

/** A request as the API saw it, for people: nothing in it is secret, and forms and queries are not encoded. */
export interface SeenRequest {
  method: string;
  /** Path and query. */
  path: string;
  /** Those that say something: names in lower case. */
  headers: Record<string, string>;
  /** "" where there was none. */
  body: string;
  /** What it was answered. */
  status: number;
}

/** A running example API. */
export interface ExampleApi extends AsyncDisposable {
  /** What takes the place of `https://api.example.com`; without a slash at the end. */
  url: string;
  /** The values that it accepts, by the examples' names of them. */
  secrets: Record<string, string>;
  /** Every request so far, in order of arrival. */
  requests: SeenRequest[];
}

/** What every request of ours has, and says nothing about a config. */
const ALWAYS = new Set([
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

const answerTo = (routes: Route[], method: string, asked: Omit<Asked, "id">): Reply => {
  const { pathname } = asked.url;
  const here = routes.filter(({ pattern }) => pattern.test(pathname));
  const route = here.find((candidate) => candidate.method === method);
  if (route === undefined) {
    return here.length > 0 ? refusal(405, `${method} is not allowed here`) : refusal(404, `there is no ${pathname}`);
  }
  const complete = { ...asked, id: route.pattern.exec(pathname)?.[1] ?? "" };
  return route.endpoint.guard?.(complete) ?? route.endpoint.answer(complete);
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
    const asked = new URL(request.url ?? "/", url);
    const {
      status = 200,
      headers: own,
      body: answer,
    } = answerTo(routes, method, { url: asked, query: asked.searchParams, headers, body });
    const telling = Object.entries(headers).filter(([name]) => !ALWAYS.has(name));
    requests.push(
      redactor.redactDeep({
        method,
        path: pathText(asked),
        headers: Object.fromEntries(telling.map(([name, value]) => [name, String(value)])),
        body: bodyText(headers["content-type"], body),
        status,
      }),
    );
    response.writeHead(status, { "content-type": "application/json", ...own });
    response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
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
