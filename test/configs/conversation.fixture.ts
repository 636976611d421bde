import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { canonicalJson, type Json } from "../../lib/json/index.ts";

/** Stands in a config, an answer or an expected request for the API's address, which has a free port. */
export const HERE = "http://here.invalid";

/** What a request carries besides its line. What is not named here must not be there. */
export interface Carried {
  /** Names in lower case; the ones that every request has are left out, and so is the content type of json and form. */
  headers?: Record<string, string>;
  json?: unknown;
  form?: string;
  text?: string;
}

/** An answer that is more than a JSON body with status 200. */
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

/** An answer with a status and headers; a text is sent as it is, anything else as JSON. */
export const reply = (status: number, body: unknown = {}, headers: Record<string, string> = {}): Reply =>
  new Reply(status, body, headers);

/** A JSON body, or a reply. */
export type Answer = unknown;

/** A request as `GET /posts?page=1`, what it carries if anything, and its answer. */
export type Exchange = [request: string, answer: Answer] | [request: string, carried: Carried, answer: Answer];

/** A request as the API saw it. */
export interface Asked {
  /** One text with everything in it, so that two lists of requests can be compared, and read. */
  text: string;
  url: URL;
  /** The body as it came. */
  body: string;
}

/** Answers a request; the number counts from 0. */
export type Answering = (asked: Asked, number: number) => Answer | Promise<Answer>;

/** What Node's fetch and our client send with every request. */
const ALWAYS = new Set([
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

/** The body as one text, and whether its content type says no more than that. */
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

/** The text of a request that a test expects. */
export const expectedText = ([request, ...rest]: Exchange): string => {
  const { headers = {}, json, form, text } = (rest.length === 2 ? rest[0] : {}) as Carried;
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

/** The answer of an exchange. */
export const answerOf = (exchange: Exchange): Answer => exchange.at(-1);

const readText = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

const askedBy = async (request: IncomingMessage): Promise<Asked> => {
  const body = await readText(request);
  const headers = Object.fromEntries(
    Object.entries(request.headers as Record<string, string>).filter(([name]) => !ALWAYS.has(name)),
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

const send = (response: ServerResponse, answer: Answer, here: string) => {
  const { status, body, headers } = answer instanceof Reply ? answer : reply(200, answer);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": JSON_TYPE,
    ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.replaceAll(HERE, here)])),
  });
  response.end(status === 204 || status === 304 ? undefined : text.replaceAll(HERE, here));
};

/** An API on a free port of this machine; it notes every request. */
export const startApi = async (answering: Answering) => {
  const asked: string[] = [];
  let underWay = 0;
  let most = 0;
  const server = createServer(async (request, response) => {
    most = Math.max(most, ++underWay);
    try {
      const seen = await askedBy(request);
      const number = asked.push(seen.text.replaceAll(here, HERE)) - 1;
      send(response, await answering({ ...seen, text: asked[number] as string }, number), here);
    } finally {
      underWay--;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: here,
    /** The requests so far, as texts. */
    asked,
    /** How many of them are under way now. */
    underWay: () => underWay,
    /** How many of them were under way at once. */
    mostAtOnce: () => most,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** A value with HERE replaced by the address, however deep; functions stay. */
export const placed = <Value>(value: Value, here: string): Value => {
  if (typeof value === "string") return value.replaceAll(HERE, here) as Value;
  if (Array.isArray(value)) return value.map((inner) => placed(inner, here)) as Value;
  if (typeof value !== "object" || value === null || value instanceof Reply) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, placed(inner, here)])) as Value;
};
