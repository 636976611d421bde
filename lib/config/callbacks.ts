/** Types of user callbacks: the functions that a TypeScript config may contain. JSON and YAML configs cannot contain any. */
import type { SecretReference } from "../secrets/reference.ts";

/** A row as a user callback sees it, with the API's fields. */
// biome-ignore lint/suspicious/noExplicitAny: the author of the callback knows the API's fields and their types
export type Row = Record<string, any>;

/** User callback of a `filter` step: returns true for the rows to keep. */
export type RowFilter = (row: Row) => boolean | Promise<boolean>;
/** User callback of a `map` step: returns one row for each row. */
export type RowMap = (row: Row) => Row | Promise<Row>;
/** User callback of a `yield_map` step: returns any number of rows for each row. */
export type RowYieldMap = (row: Row) => Iterable<Row> | AsyncIterable<Row> | Promise<Iterable<Row>>;

/** A response as a `response_actions` callback sees it. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body, decoded as UTF-8. */
  readonly text: string;
}

/**
 * Result of a `response_actions` callback: nothing (the response is unchanged), `"ignore"`, `"retry"` or `"fail"` as in
 * `response_actions`, or a replacement for the status, the body, or both. A status of 400 or more remains an error unless
 * the callback replaces it.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a callback that only reads the response returns nothing
export type ResponseChange = void | undefined | null | "ignore" | "retry" | "fail" | { status?: number; text?: string };

/** User callback in `response_actions`. An exception that it throws fails the resource. */
export type ResponseFunction = (response: ApiResponse) => ResponseChange | Promise<ResponseChange>;

/** User callback `convert`: turns a cursor value into the form that the API expects, such as Unix seconds. */
export type Convert = (value: string | number) => string | number | boolean;

/** A request before it is sent, as an auth callback may change it. */
export interface AuthRequest {
  url: URL;
  /** Header names are in lower case. */
  headers: Record<string, string>;
}

/** Context of an auth callback: the rest of the request, and access to secrets. */
export interface AuthTools {
  /** Method and body of the request, for signatures. The body is exactly what is sent. */
  readonly method: "GET" | "POST";
  readonly body: string | null;
  /** Returns the string itself, or the value of the secret. Secret values are masked in logs and errors. */
  text(value: string | SecretReference): Promise<string>;
  /** Masks a string in logs and errors: a signature or session token that the callback derived itself. */
  conceal(text: string): void;
  /** True if the API rejected the previous attempt: cached credentials, such as a token, must be replaced. */
  readonly renew: boolean;
}

/** User callback that authenticates requests: returns the request with the credentials added. */
export type AuthFunction<Options = unknown> = (
  request: AuthRequest,
  tools: AuthTools,
  options: Options,
) => AuthRequest | Promise<AuthRequest>;

declare const registered: unique symbol;

/** Config of a registered paginator or auth, as returned by its factory. */
export interface Registered<Kind extends "paginator" | "auth"> {
  type: string;
  readonly [registered]?: Kind;
}
