import { ConfigError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import type { AuthFunction, Registered } from "./callbacks.ts";
import type { Paginator } from "./custom-paginator.ts";

/** Names that the dialect itself has. */
const TAKEN = new Set([
  ...["auto", "single_page", "page_number", "offset", "cursor", "header_cursor", "json_link", "json_response"],
  ...["header_link", "api_key", "bearer", "http_basic", "oauth2_client_credentials"],
]);

const paginators = new Map<string, Paginator<never, never>>();
const auths = new Map<string, AuthFunction<never>>();

const add = <Value>(kind: string, known: Map<string, Value>, name: string, value: Value): void => {
  if (TAKEN.has(name)) throw new ConfigError(`no ${kind} of one's own can be named ${name}: the dialect has that`);
  if (known.has(name) && known.get(name) !== value) {
    throw new ConfigError(`the ${kind} ${name} is there already: another source of this project registered it`);
  }
  known.set(name, value);
};

/**
 * Makes a paginator of one's own known under a name, as dlt's `register_paginator` does.
 *
 * @returns what makes its config: `paginator: pagesByToken({ token_param: "t" })`, which is
 *   `{ type: "pages_by_token", token_param: "t" }`.
 * @throws ConfigError when the name is taken.
 */
export const registerPaginator = <Options extends object, State extends Json>(
  name: string,
  paginator: Paginator<Options, State>,
): ((options: Options) => Registered<"paginator">) => {
  add("paginator", paginators, name, paginator as Paginator<never, never>);
  return (options) => ({ ...options, type: name });
};

/**
 * Makes an auth of one's own known under a name, as dlt's `register_auth` does. Its options may hold secrets.
 *
 * @returns what makes its config: `auth: signed({ key: secret("key") })`.
 * @throws ConfigError when the name is taken.
 */
export const registerAuth = <Options extends object>(
  name: string,
  auth: AuthFunction<Options>,
): ((options: Options) => Registered<"auth">) => {
  add("auth", auths, name, auth as AuthFunction<never>);
  return (options) => ({ ...options, type: name });
};

/** Whether a paginator of that name was registered. */
export const isRegisteredPaginator = (name: unknown): boolean => paginators.has(name as string);

/** Whether an auth of that name was registered. */
export const isRegisteredAuth = (name: unknown): boolean => auths.has(name as string);

/** The registered paginator. @throws ConfigError when there is none of that name. */
export const registeredPaginator = (name: string): Paginator<never, never> => {
  const paginator = paginators.get(name);
  if (paginator === undefined) throw new ConfigError(`there is no paginator named ${JSON.stringify(name)}`);
  return paginator;
};

/** The registered auth. @throws ConfigError when there is none of that name. */
export const registeredAuth = (name: string): AuthFunction<never> => {
  const auth = auths.get(name);
  if (auth === undefined) throw new ConfigError(`there is no auth named ${JSON.stringify(name)}`);
  return auth;
};
