import { canonicalJson, type Json } from "../../lib/json/index.ts";
import { HERE, type ReceivedRequest, reply } from "../configs/conversation.fixture.ts";

/** A request, as generated APIs see it. */
export interface ApiRequest {
  method: string;
  path: string;
  /** Decoded; the last value of each name. */
  query: Record<string, string>;
  /** The JSON body, or the text of any other; null without a body. */
  body: unknown;
  /** Names in lower case. */
  headers: Record<string, string>;
}

/**
 * Responses by request: `/posts`, `POST /posts`, `/posts?page=2`. A request has every parameter of its entry, and the entry
 * with the most parameters applies. Or a function from a request to a response. Anything else is 404.
 */
export type Api = Record<string, unknown> | ((request: ApiRequest) => unknown);

/** Headers that HTTP clients add, whatever the config. */
const CLIENT_HEADERS = new Set(["accept", "user-agent"]);

const headersOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split("\n  ")
      .slice(1)
      .filter((line) => !/^(?:json|form|text) /.test(line))
      .map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)])
      .filter(([name]) => !CLIENT_HEADERS.has(name as string)),
  );

const bodyOf = (body: string): unknown => {
  if (body === "") return null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
};

/** Returns the parts of a request. */
export const apiRequest = ({ text, url, body }: ReceivedRequest): ApiRequest => ({
  method: text.slice(0, text.indexOf(" ")),
  path: url.pathname,
  query: Object.fromEntries(url.searchParams),
  body: bodyOf(body),
  headers: headersOf(text),
});

const isForm = ({ text }: ReceivedRequest): boolean => /\n {2}form /.test(text);

const pairs = (query: URLSearchParams): string => [...query].map(([name, value]) => `${name}=${value}`).join("&");

/** Returns a request as comparable text: parameters and form fields decoded and sorted, headers sorted, the body as canonical JSON. */
export const requestText = (received: ReceivedRequest): string => {
  const { method, path, body, headers } = apiRequest(received);
  const query = new URLSearchParams(received.url.searchParams);
  query.sort();
  const fields = new URLSearchParams(received.body);
  fields.sort();
  const form = isForm(received) ? `form ${pairs(fields)}` : null;
  const json = body === null ? null : typeof body === "string" ? `text ${body}` : canonicalJson(body as Json);
  return [
    `${method} ${decodeURI(path)}${query.size > 0 ? `?${pairs(query)}` : ""}`,
    ...Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}`)
      .sort(),
    form ?? json,
  ]
    .filter((line) => line !== null)
    .join(" | ");
};

const matches = (entry: string, { method, path, query }: ApiRequest): boolean => {
  const [, verb = method, rest] = /^(?:([A-Z]+) )?(.*)$/.exec(entry) as unknown as [string, string | undefined, string];
  const url = new URL(rest, HERE);
  return (
    verb === method && url.pathname === path && [...url.searchParams].every(([name, value]) => query[name] === value)
  );
};

/** Returns the response of an API to a request. */
export const respondTo = (api: Api, request: ApiRequest): unknown => {
  if (typeof api === "function") return api(request) ?? reply(404, { error: "unknown path" });
  const size = (entry: string) => new URL(entry.replace(/^[A-Z]+ /, ""), HERE).searchParams.size;
  const [entry] = Object.keys(api)
    .filter((candidate) => matches(candidate, request))
    .sort((a, b) => size(b) - size(a));
  return entry === undefined ? reply(404, { error: "unknown path" }) : api[entry];
};
