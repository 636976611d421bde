import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { canonicalJson, type Json } from "../../lib/json/index.ts";

/** Placeholder for the address of the API, which listens on a free port, in configs, responses and expected requests. */
export const HERE = "http://here.invalid";

/** Headers and body of an expected request. The actual request must not have any others. */
export interface RequestParts {
  /** Names in lower case. Headers of every request, and the content type of json and form, are left out. */
  headers?: Record<string, string>;
  json?: unknown;
  form?: string;
  text?: string;
}

/** A response that is not just a JSON body with status 200. */
export class Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string>) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** Returns a response with status and headers. A string and bytes are sent unchanged, anything else as JSON. */
export const reply = (status: number, body: unknown = {}, headers: Record<string, string> = {}): Reply =>
  new Reply(status, body, headers);

/** A JSON body, or a Reply. */
export type ResponseBody = unknown;

/** An expected request as `GET /posts?page=1`, its headers and body if any, and the response. */
export type Exchange =
  | [request: string, response: ResponseBody]
  | [request: string, parts: RequestParts, response: ResponseBody];

/** A request as the API received it. */
export interface ReceivedRequest {
  /** The whole request as one readable string, so that lists of requests can be compared. */
  text: string;
  url: URL;
  /** The raw body. */
  body: string;
}

/** Returns the response to a request. The number counts from 0. */
export type Respond = (request: ReceivedRequest, number: number) => ResponseBody | Promise<ResponseBody>;

/** Headers that Node's fetch and our client send with every request. */
const COMMON_HEADERS = new Set([
  ...["host", "connection", "accept-encoding", "accept-language", "sec-fetch-mode", "user-agent"],
  ...["content-length", "transfer-encoding"],
]);
const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

const parsed = (body: string): Json | undefined => {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined;
  }
};

/** Returns the body as a string, and whether that makes the content type redundant. */
const bodyLine = (type: string | undefined, body: string): { line: string | null; isTyped: boolean } => {
  if (body === "") return { line: null, isTyped: false };
  const json = type === JSON_TYPE ? parsed(body) : undefined;
  if (json !== undefined) return { line: `json ${canonicalJson(json)}`, isTyped: true };
  return type === FORM_TYPE ? { line: `form ${body}`, isTyped: true } : { line: `text ${body}`, isTyped: false };
};

const textOf = (line: string, headers: Record<string, string>, body: string | null): string =>
  [
    line,
    ...Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .sort(),
    ...(body === null ? [] : [body]),
  ].join("\n  ");

/** Returns an expected request as a string. */
export const expectedText = ([request, ...rest]: Exchange): string => {
  const { headers = {}, json, form, text } = (rest.length === 2 ? rest[0] : {}) as RequestParts;
  const body =
    json !== undefined
      ? `json ${canonicalJson(json)}`
      : form !== undefined
        ? `form ${form}`
        : text === undefined
          ? null
          : `text ${text}`;
  return textOf(request, headers, body);
};

/** Returns the response of an exchange. */
export const responseOf = (exchange: Exchange): ResponseBody => exchange.at(-1);

const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const received = async (request: IncomingMessage): Promise<ReceivedRequest> => {
  const body = await readText(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers as Record<string, string>).filter(([name]) => !COMMON_HEADERS.has(name)),
  );
  const { line, isTyped } = bodyLine(headers["content-type"], body);
  if (isTyped) delete headers["content-type"];
  if (headers.accept === JSON_TYPE) delete headers.accept;
  return {
    text: textOf(`${request.method} ${request.url}`, headers, line),
    url: new URL(request.url ?? "", HERE),
    body,
  };
};

const send = (response: ServerResponse, given: ResponseBody, here: string) => {
  const { status, body, headers } = given instanceof Reply ? given : reply(200, given);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": JSON_TYPE,
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replaceAll(HERE, here)])),
  });
  if (status === 204 || status === 304) return response.end();
  return response.end(body instanceof Uint8Array ? body : text.replaceAll(HERE, here));
};

/** Starts an API on a free port. It records every request. */
export const startApi = async (respond: Respond) => {
  const requests: string[] = [];
  let inFlight = 0;
  let maxInFlight = 0;
  const server = createServer(async (request, response) => {
    maxInFlight = Math.max(maxInFlight, ++inFlight);
    try {
      const seen = await received(request);
      const number = requests.push(seen.text.replaceAll(here, HERE)) - 1;
      send(response, await respond({ ...seen, text: requests[number] as string }, number), here);
    } finally {
      inFlight--;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here,
    /** The requests so far, as strings. */
    requests,
    /** Returns the number of requests in flight. */
    inFlight: () => inFlight,
    /** Returns the maximum number of concurrent requests so far. */
    maxInFlight: () => maxInFlight,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Returns a value with HERE replaced by the address at any depth. Functions are unchanged. */
export const withAddress = <Value>(value: Value, here: string): Value => {
  if (typeof value === "string") return value.replaceAll(HERE, here) as Value;
  if (Array.isArray(value)) return value.map((inner) => withAddress(inner, here)) as Value;
  if (typeof value !== "object" || value === null || value instanceof Reply) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withAddress(inner, here)])) as Value;
};
