import { normaliseName } from "../columns/names.ts";
import type { Json } from "../json/index.ts";
import { isSecretReference } from "../secrets/reference.ts";
import type { AuthFunction } from "./callbacks.ts";
import { API_KEY_DEFAULTS, INCREMENTAL_DEFAULTS, OAUTH2_DEFAULTS, PAGINATOR_DEFAULTS } from "./defaults.ts";
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
import type { Incremental } from "./schema/index.ts";
import { pathText, type Report } from "./validation-errors.ts";

/** The body's paths that take the place of a query parameter, per parameter. */
const IN_BODY = {
  page_param: "page_body_path",
  offset_param: "offset_body_path",
  limit_param: "limit_body_path",
  cursor_param: "cursor_body_path",
} as const;

/** The paginator with dlt's defaults; without one, a single entity has one page, and all else finds out by itself. */
export const resolvePaginator = (
  given: EndpointConfig["paginator"],
  isSingle: boolean,
): ResolvedResource["paginator"] => {
  const wanted = given ?? (isSingle ? "single_page" : "auto");
  const { type, ...own } = typeof wanted === "string" ? { type: wanted } : wanted;
  if (type === "auto") return { type };
  const known = type === "json_response" ? "json_link" : type;
  const defaults: Record<string, unknown> = {
    ...(Object.hasOwn(PAGINATOR_DEFAULTS, known) ? PAGINATOR_DEFAULTS[known as keyof typeof PAGINATOR_DEFAULTS] : {}),
  };
  const options = defined(own) as Record<string, unknown>;
  for (const [parameter, path] of Object.entries(IN_BODY)) {
    if (options[path] != null) delete defaults[parameter];
    if (options[parameter] === null) delete options[parameter];
  }
  return { type: known, ...defaults, ...options } as PagePaginator;
};

/** Tells of a GET with a body, which fetch refuses to send; and of a body that cannot take the paginator's values. */
export const checkBody = (method: string, paginator: object, body: Body | null, report: Report): void => {
  const inBody = Object.values(IN_BODY).find((key) => (paginator as Record<string, unknown>)[key] != null);
  const post = 'a GET carries no body: give the endpoint method: "POST"';
  if (method === "GET" && body !== null) report(["endpoint", "json" in body ? "json" : "data"], post);
  if (inBody === undefined) return;
  if (method === "GET" && body === null) report(["endpoint", "paginator"], `has a ${inBody}, and ${post}`);
  if (body === null || ("json" in body && !Array.isArray(body.json))) return;
  report(["endpoint", "paginator"], `has a ${inBody}, and the body is no JSON object: give the endpoint json`);
};

/** The auth with dlt's defaults. */
export const resolveAuth = (given: EndpointConfig["auth"]): ResolvedAuth | null => {
  if (given == null || typeof given === "function") return given ?? null;
  const auth = defined(given) as Exclude<ResolvedAuth, AuthFunction>;
  // dlt: a token alone is a bearer's.
  if (!("type" in auth)) return { ...(auth as object), type: "bearer" } as ResolvedAuth;
  if (auth.type === "api_key") return { ...API_KEY_DEFAULTS, ...auth } as ResolvedAuth;
  return auth.type === "oauth2_client_credentials" ? ({ ...OAUTH2_DEFAULTS, ...auth } as ResolvedAuth) : auth;
};

const asText = (value: string | number | boolean): string => String(value);

type PlainParam = string | number | boolean | { secret: string } | (string | number | boolean)[];

const resolveParam = (value: PlainParam): TextOrSecret | string[] => {
  if (Array.isArray(value)) return value.map(asText);
  return typeof value === "object" ? value : asText(value);
};

/** The endpoint's parameters by what they are: sent, bound to a parent, or the cursor's. */
export const sortParams = (params: EndpointConfig["params"]) => {
  const plain: Record<string, TextOrSecret | string[]> = {};
  const bound: BoundParams = {};
  const cursors: { name: string; incremental: Incremental }[] = [];
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value == null) continue;
    if (typeof value === "object" && "type" in value) {
      if (value.type === "resolve") bound[name] = { resource: normaliseName(value.resource), field: value.field };
      else {
        const { type: _form, ...incremental } = value;
        cursors.push({ name, incremental });
      }
    } else plain[name] = resolveParam(value);
  }
  return { plain, bound, cursors };
};

/** What the request carries besides its URL. */
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

/** The response actions, each as what it looks for and what it does. */
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

/** The one incremental of an endpoint, in either form, with dlt's defaults. Several are told. */
export const resolveIncremental = (
  given: EndpointConfig["incremental"],
  cursors: { name: string; incremental: Incremental }[],
  primary_key: string[],
  report: Report,
): ResolvedIncremental | null => {
  const forms = [
    ...(given == null ? [] : [{ path: ["incremental"], incremental: given }]),
    ...cursors.map(({ name, incremental }) => ({ path: ["params", name], incremental })),
  ];
  const [first, ...others] = forms;
  for (const { path } of others) {
    const message = `is an incremental beside ${pathText(["endpoint", ...(first?.path ?? [])])}: a resource follows one cursor`;
    report(["endpoint", ...path], message);
  }
  const incremental = first?.incremental;
  if (incremental === undefined) return null;
  const own = { ...INCREMENTAL_DEFAULTS, ...defined(incremental) };
  const { initial_value = null, end_value = null, row_order = null, start_param = null, end_param = null } = own;
  const key = incremental.primary_key == null ? primary_key : [incremental.primary_key].flat();
  const lag = own.lag ?? 0;
  const isDeduplicated =
    !(Array.isArray(incremental.primary_key) && key.length === 0) &&
    lag === 0 &&
    end_value === null &&
    own.range_start === "closed";
  return {
    cursor_path: own.cursor_path,
    initial_value,
    end_value,
    last_value_func: own.last_value_func,
    dedup_key: isDeduplicated ? key : null,
    row_order,
    on_cursor_value_missing: own.on_cursor_value_missing,
    lag,
    range_start: own.range_start,
    range_end: own.range_end,
    start_param: cursors[0]?.name ?? start_param,
    end_param,
    convert: own.convert ?? null,
  };
};
