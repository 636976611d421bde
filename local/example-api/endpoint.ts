import type { IncomingHttpHeaders } from "node:http";

/** A request as an endpoint sees it. */
export interface Asked {
  /** With the API's own address, so that links can be made of it. */
  url: URL;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
  /** What stands for `{id}` in the path; "" where it has none. */
  id: string;
}

/** What the API answers; a text is sent as it is, anything else as JSON. */
export interface Reply {
  /** 200, unless it says otherwise. */
  status?: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** Answers a request. */
export type Answering = (asked: Asked) => Reply;

/** Looks at the credentials: null lets a request in, anything else is what it gets instead. */
export type Guard = (asked: Asked) => Reply | null;

/** One endpoint: who may ask, and what it answers. */
export interface Endpoint {
  /** Left out: everyone may ask. */
  guard?: Guard;
  answer: Answering;
}

/** An answer that says what is wrong. */
export const refusal = (status: number, error: string): Reply => ({ status, body: { error } });
