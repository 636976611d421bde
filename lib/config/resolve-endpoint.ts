import { normaliseName } from "../columns/names.ts";
import type { Json } from "../json/index.ts";
import { compilePath } from "../json/path.ts";
import { isSecretReference } from "../secrets/reference.ts";
import type { AuthFunction } from "./callbacks.ts";
import {
  API_KEY_DEFAULTS,
  ENDPOINT_DEFAULTS,
  INCREMENTAL_DEFAULTS,
  OAUTH2_DEFAULTS,
  PAGINATOR_DEFAULTS,
  SESSION_TOKEN_DEFAULTS,
} from "./defaults.ts";
import { defined, type EndpointConfig } from "./merge-defaults.ts";
import type { BoundParams } from "./placeholders.ts";
import type {
  Body,
  PagePaginator,
  ResolvedAuth,
  ResolvedIncremental,
  ResolvedResource,
  ResponseAction,
  TextOrSecret,
} from "./resolved.ts";
import type { AuthConfig, Incremental } from "./schema/index.ts";
import { pathText, type Report } from "./validation-errors.ts";

/** A wildcard at the end of a path. */
const WILDCARD = /(?:\.?\[\s*\*\s*\]|\.?\*)\s*$/;

/** Paths in the body that replace a query parameter, by parameter. */
const BODY_PATHS = {
  page_param: "page_body_path",
  offset_param: "offset_body_path",
  limit_param: "limit_body_path",
  cursor_param: "cursor_body_path",
} as const;

/** Applies dlt's defaults to a paginator. Without one, a single entity has one page, and any other paginator is detected. */
export const resolvePaginator = (
  given: EndpointConfig["paginator"],
  isSingle: boolean,
): ResolvedResource["paginator"] => {
  const paginator = given ?? (isSingle ? "single_page" : ENDPOINT_DEFAULTS.paginator);
  const { type: givenType, ...own } = typeof paginator === "string" ? { type: paginator } : paginator;
  if (givenType === "auto") return { type: givenType };
  const type = givenType === "json_response" ? "json_link" : givenType;
  const defaults: Record<string, unknown> = {
    ...(Object.hasOwn(PAGINATOR_DEFAULTS, type) ? PAGINATOR_DEFAULTS[type as keyof typeof PAGINATOR_DEFAULTS] : {}),
  };
  const options = defined(own) as Record<string, unknown>;
  for (const [parameter, path] of Object.entries(BODY_PATHS)) {
    if (options[path] != null) delete defaults[parameter];
    if (options[parameter] === null) delete options[parameter];
  }
  return { type, ...defaults, ...options } as PagePaginator;
};

/** Reports a GET with a body, which fetch does not send, and a body that cannot take the paginator's values. */
export const checkBody = (method: string, paginator: object, body: Body | null, report: Report): void => {
  const bodyPath = Object.values(BODY_PATHS).find((key) => (paginator as Record<string, unknown>)[key] != null);
  if (method === "GET" && body !== null) {
    report(["endpoint", "json" in body ? "json" : "data"], 'GET request with a body: set method: "POST"');
  }
  if (bodyPath === undefined) return;
  if (method === "GET" && body === null) {
    report(["endpoint", "paginator"], `${bodyPath} with a GET request: set method: "POST"`);
  }
  if (body === null || ("json" in body && !Array.isArray(body.json))) return;
  report(["endpoint", "paginator"], `${bodyPath} needs a JSON object as the body: set endpoint.json to an object`);
};

/** Reports a key_column without the path of the object whose keys it takes, or with a path of its entries, which have none. */
export const checkKeyColumn = (
  { key_column, data_selector }: Pick<ResolvedResource, "key_column" | "data_selector">,
  report: Report,
): void => {
  if (key_column === null) return;
  if (data_selector === null) {
    const advice = 'set it to the path of the object whose keys are the ids, or to "$" for the whole response';
    report(["endpoint", "key_column"], `key_column without data_selector: ${advice}`);
    return;
  }
  if (compilePath(data_selector).selects !== "several") return;
  const [wildcard] = WILDCARD.exec(data_selector) ?? [];
  const object = wildcard === undefined ? null : data_selector.slice(0, -wildcard.length) || "$";
  const advice =
    object === null ? "end the path at the object, and filter in processing_steps" : `write ${JSON.stringify(object)}`;
  report(["endpoint", "data_selector"], `selects the entries without their keys, which key_column needs: ${advice}`);
};

type ApiKeyAuth = Extract<AuthConfig, { type: "api_key" }>;
type SessionToken = Extract<AuthConfig, { type: "session_token" }>;

/** dlt also writes `param` for a query parameter. */
const resolveApiKey = (auth: ApiKeyAuth): ResolvedAuth => {
  const key = { ...API_KEY_DEFAULTS, ...auth };
  return { ...key, location: (key.location as string) === "param" ? "query" : key.location } as ResolvedAuth;
};

/** A session cookie is sent as the cookie that it is, unless the config says otherwise. */
const resolveSessionToken = (auth: SessionToken): ResolvedAuth => {
  const { token_cookie } = auth;
  const place = token_cookie === undefined ? {} : ({ name: token_cookie, location: "cookie" } as const);
  const token = { ...SESSION_TOKEN_DEFAULTS, ...place, ...auth };
  const isAuthorization = token.location === "header" && token.name.toLowerCase() === "authorization";
  return { ...token, prefix: token.prefix ?? (isAuthorization ? "Bearer " : "") } as ResolvedAuth;
};

/** Applies dlt's defaults to an auth. */
export const resolveAuth = (given: EndpointConfig["auth"]): ResolvedAuth | null => {
  if (given == null || typeof given === "function") return given ?? null;
  const auth = defined(given) as Exclude<ResolvedAuth, AuthFunction>;
  // dlt: a token without a type is a bearer token.
  if (!("type" in auth)) return { ...(auth as object), type: "bearer" } as ResolvedAuth;
  switch (auth.type) {
    case "api_key":
      return resolveApiKey(auth as ApiKeyAuth);
    case "session_token":
      return resolveSessionToken(auth as SessionToken);
    case "oauth2_client_credentials":
    case "oauth2_refresh_token":
      return { ...OAUTH2_DEFAULTS, ...auth } as ResolvedAuth;
    default:
      return auth;
  }
};

const asText = (value: string | number | boolean): string => String(value);

type PlainParam = string | number | boolean | { secret: string } | (string | number | boolean)[];

const resolveParam = (value: PlainParam): TextOrSecret | string[] => {
  if (Array.isArray(value)) return value.map(asText);
  return typeof value === "object" ? value : asText(value);
};

/** An incremental in the form of a parameter. */
interface IncrementalParam {
  name: string;
  incremental: Incremental;
}

/** Sorts the parameters of an endpoint by kind: plain, bound to a parent, incremental. */
export const sortParams = (params: EndpointConfig["params"]) => {
  const plain: Record<string, TextOrSecret | string[]> = {};
  const bound: BoundParams = {};
  const cursors: IncrementalParam[] = [];
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value == null) continue;
    if (typeof value !== "object" || !("type" in value)) {
      plain[name] = resolveParam(value);
    } else if (value.type === "resolve") {
      bound[name] = { resource: normaliseName(value.resource), field: value.field };
    } else {
      const { type: _form, ...incremental } = value;
      cursors.push({ name, incremental });
    }
  }
  return { plain, bound, cursors };
};

/** Returns the body of the request; null if there is none. */
export const resolveBody = ({ json, data }: EndpointConfig): Body | null => {
  if (json != null) return { json: json as Json };
  if (data == null) return null;
  if (typeof data === "string") return { text: data };
  const pairs = Array.isArray(data) ? data : Object.entries(data);
  return {
    form: pairs.flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, TextOrSecret] => [name, isSecretReference(one) ? one : asText(one)]),
    ),
  };
};

/** Returns the response actions in their long form. */
export const resolveActions = (given: EndpointConfig["response_actions"]): ResponseAction[] =>
  (given ?? []).map((entry) =>
    typeof entry === "function"
      ? { status_code: null, content: null, actions: [entry] }
      : {
          status_code: entry.status_code ?? null,
          content: entry.content ?? null,
          actions: [entry.action].flat() as ResponseAction["actions"],
        },
  );

/** Returns the only incremental of an endpoint, in either form, and reports all others. */
const onlyIncremental = (
  given: EndpointConfig["incremental"],
  params: IncrementalParam[],
  report: Report,
): Incremental | undefined => {
  const forms = [
    ...(given == null ? [] : [{ path: ["endpoint", "incremental"], incremental: given }]),
    ...params.map(({ name, incremental }) => ({ path: ["endpoint", "params", name], incremental })),
  ];
  const [first, ...others] = forms;
  for (const { path } of others) {
    report(path, `second incremental (the first is ${pathText(first?.path ?? [])}): keep one`);
  }
  return first?.incremental;
};

/** Whether rows at the start value can be deduplicated: only where a run starts exactly at the last value of the previous one. */
const isDeduplicated = (options: Incremental & { range_start: string }, key: string[]): boolean =>
  !(Array.isArray(options.primary_key) && key.length === 0) &&
  (options.lag ?? 0) === 0 &&
  (options.end_value ?? null) === null &&
  options.range_start === "closed";

/**
 * Applies dlt's defaults to the incremental of an endpoint, in either form.
 *
 * @param primary_key the resource's, which applies if the incremental has none.
 * @param report receives every incremental after the first.
 */
export const resolveIncremental = (
  given: EndpointConfig["incremental"],
  params: IncrementalParam[],
  primary_key: string[],
  report: Report,
): ResolvedIncremental | null => {
  const incremental = onlyIncremental(given, params, report);
  if (incremental === undefined) return null;
  const options = { ...INCREMENTAL_DEFAULTS, ...defined(incremental) };
  const key = options.primary_key == null ? primary_key : [options.primary_key].flat();
  return {
    cursor_path: options.cursor_path,
    initial_value: options.initial_value ?? null,
    end_value: options.end_value ?? null,
    last_value_func: options.last_value_func,
    dedup_key: isDeduplicated(options, key) ? key : null,
    row_order: options.row_order ?? null,
    on_cursor_value_missing: options.on_cursor_value_missing,
    lag: options.lag ?? INCREMENTAL_DEFAULTS.lag,
    range_start: options.range_start,
    range_end: options.range_end,
    start_param: params[0]?.name ?? options.start_param ?? null,
    end_param: options.end_param ?? null,
    convert: options.convert ?? null,
    cursor_datetime_formats: options.cursor_datetime_formats ?? null,
  };
};
