import { ConfigError } from "../errors/index.ts";
import type { Json } from "../json/index.ts";
import type { AuthFunction, Registered } from "./callbacks.ts";
import type { Paginator } from "./custom-paginator.ts";

/** Types of the config schema itself. */
const BUILT_IN = new Set([
  ...["auto", "single_page", "page_number", "offset", "cursor", "header_cursor", "json_link", "json_response"],
  ...["header_link", "api_key", "bearer", "http_basic"],
  ...["oauth2_client_credentials", "oauth2_refresh_token", "session_token"],
]);

const paginators = new Map<string, Paginator<never, never>>();
const auths = new Map<string, AuthFunction<never>>();

const add = <Value>(kind: string, registry: Map<string, Value>, name: string, value: Value): void => {
  if (BUILT_IN.has(name)) throw new ConfigError(`${kind} name "${name}" is a built-in type: use another name`);
  if (registry.has(name) && registry.get(name) !== value) {
    throw new ConfigError(`${kind} "${name}" is already registered by another source: use another name`);
  }
  registry.set(name, value);
};

/**
 * Registers a custom paginator under a name, as dlt's `register_paginator` does.
 *
 * @returns a factory of its config: `paginator: pagesByToken({ token_param: "t" })`, which is
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
 * Registers a custom auth under a name, as dlt's `register_auth` does. Its options may contain secret references.
 *
 * @returns a factory of its config: `auth: signed({ key: secret("key") })`.
 * @throws ConfigError when the name is taken.
 */
export const registerAuth = <Options extends object>(
  name: string,
  auth: AuthFunction<Options>,
): ((options: Options) => Registered<"auth">) => {
  add("auth", auths, name, auth as AuthFunction<never>);
  return (options) => ({ ...options, type: name });
};

/** Whether a paginator is registered under this name. */
export const isRegisteredPaginator = (name: unknown): boolean => paginators.has(name as string);

/** Whether an auth is registered under this name. */
export const isRegisteredAuth = (name: unknown): boolean => auths.has(name as string);

/** Returns the registered paginator. @throws ConfigError when the name is unknown. */
export const registeredPaginator = (name: string): Paginator<never, never> => {
  const paginator = paginators.get(name);
  if (paginator === undefined) {
    throw new ConfigError(`unknown paginator ${JSON.stringify(name)}: register it with registerPaginator`);
  }
  return paginator;
};

/** Returns the registered auth. @throws ConfigError when the name is unknown. */
export const registeredAuth = (name: string): AuthFunction<never> => {
  const auth = auths.get(name);
  if (auth === undefined) throw new ConfigError(`unknown auth ${JSON.stringify(name)}: register it with registerAuth`);
  return auth;
};
