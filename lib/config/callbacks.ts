/** The functions that a TypeScript config may hold. JSON and YAML configs have none of them. */
import type { Json } from "../json/index.ts";
import type { SecretReference } from "../secrets/reference.ts";

/** A row as its user knows it: the fields are the API's. */
// biome-ignore lint/suspicious/noExplicitAny: who writes the function knows the API's fields and their types
export type Row = Record<string, any>;

/** Whether a row is kept. */
export type RowFilter = (row: Row) => boolean | Promise<boolean>;
/** A row for a row. */
export type RowMap = (row: Row) => Row | Promise<Row>;
/** Any number of rows for a row. */
export type RowYieldMap = (row: Row) => Iterable<Row> | AsyncIterable<Row> | Promise<Iterable<Row>>;

/** An answer as a function of `response_actions` sees it. */
export interface ApiResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body in UTF-8. */
  readonly text: string;
}

/**
 * What a function makes of an answer: nothing; `"ignore"` or `"retry"`, as in `response_actions`; or another status or
 * body to go on with. A status of 400 or more is still an error unless it is changed.
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a function that only looks at the answer returns nothing
export type ResponseChange = void | undefined | null | "ignore" | "retry" | { status?: number; text?: string };

/** A function among the `response_actions`. When it throws, the resource fails. */
export type ResponseFunction = (response: ApiResponse) => ResponseChange | Promise<ResponseChange>;

/** Makes of a cursor value what the API wants to be asked with, such as seconds of an ISO time. */
export type Convert = (value: string | number) => string | number | boolean;

/** A request before it is sent, as an auth may change it. */
export interface AuthRequest {
  url: URL;
  /** Names in lower case. */
  headers: Record<string, string>;
}

/** What an auth function works with. */
export interface AuthTools {
  /** The request's method and body, for those who sign them; the body as it goes out. */
  readonly method: "GET" | "POST";
  readonly body: string | null;
  /** Text of a config value: itself, or what the secret holds, which is masked in logs and errors. */
  text(value: string | SecretReference): Promise<string>;
  /** Declares a text secret that the function made itself, such as a signature or a session's token. */
  conceal(text: string): void;
  /** Whether the API refused the last attempt: what was kept, such as a token, is to be made anew. */
  readonly renew: boolean;
}

/** An auth of one's own: the request with the credentials added. */
export type AuthFunction<Options = unknown> = (
  request: AuthRequest,
  tools: AuthTools,
  options: Options,
) => AuthRequest | Promise<AuthRequest>;

declare const registered: unique symbol;

/** A config that the maker of a registered paginator or auth made. */
export interface Registered<Kind extends "paginator" | "auth"> {
  type: string;
  readonly [registered]?: Kind;
}

/** Options of a registered paginator or auth: plain JSON, secrets included. */
export type RegisteredOptions = Record<string, Json | SecretReference | undefined>;
