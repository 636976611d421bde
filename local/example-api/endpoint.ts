import type { IncomingHttpHeaders } from "node:http";

/** A request as an endpoint receives it. */
export interface ApiRequest {
  /** Absolute, so that handlers can derive links from it. */
  url: URL;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  /** Value of `{id}` in the path; "" if the path has no `{id}`. */
  id: string;
}

/** A response of the API. A string body is sent unchanged, any other body as JSON. */
export interface Reply {
  /** Default 200. */
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** Returns the response to a request. */
export type Handler = (request: ApiRequest) => Reply;

/** Checks the credentials: null accepts the request, a reply rejects it. */
export type Guard = (request: ApiRequest) => Reply | null;

/** One endpoint: its access check and its handler. */
export interface Endpoint {
  /** Without a guard, the endpoint is public. */
  guard?: Guard;
  handle: Handler;
}

/** Returns an error response. */
export const refusal = (status: number, error: string): Reply => ({ status, body: { error } });
