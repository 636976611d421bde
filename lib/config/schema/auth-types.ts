import { z } from "zod";
import type { AuthFunction, Registered } from "../callbacks.ts";
import { API_KEY_DEFAULTS, OAUTH2_DEFAULTS, SESSION_TOKEN_DEFAULTS } from "../defaults.ts";
import { isRegisteredAuth } from "../registry.ts";
import { pythonClass, secretSyntax } from "./pasted.ts";
import {
  headerName,
  httpToken,
  httpUrl,
  NO_FUNCTION,
  NOT_REGISTERED,
  plainScalar,
  plainSecretText,
  seconds,
  secretReference,
  selector,
  typeKey,
  whenObject,
  withDefault,
  withDefaultNote,
} from "./primitives.ts";

/** dlt's `api_key` auth. Cookies are an addition. */
export const apiKeyAuth = z
  .strictObject({
    type: typeKey("api_key"),
    name: z
      .string()
      .min(1)
      .default(API_KEY_DEFAULTS.name)
      .describe("Name of the header, query parameter or cookie that carries the key."),
    api_key: secretReference.describe("The API key."),
    location: z
      .enum(["header", "query", "param", "cookie"])
      .default(API_KEY_DEFAULTS.location)
      .describe(
        "Where the key is sent. `param` is another name of `query`, as in dlt. `cookie` is an addition to dlt.",
      ),
  })
  .refine(
    ({ name, location }) => location === "query" || location === "param" || name === "" || httpToken.test(String(name)),
    {
      path: ["name"],
      error: "expected header or cookie name (letters, digits, dashes)",
      when: whenObject,
    },
  )
  .describe("API key in a header, a query parameter or a cookie.");

/** dlt's `bearer` auth. */
export const bearerAuth = z
  .strictObject({ type: typeKey("bearer").default("bearer"), token: secretReference.describe("The bearer token.") })
  .describe("Header `Authorization: Bearer <token>`.");

/** dlt's `http_basic` auth. The user name may be plain text; the password, too, if it is empty or the user name is the key. */
export const httpBasicAuth = z
  .strictObject({
    type: typeKey("http_basic"),
    username: plainSecretText.describe("User name, as plain text or a secret reference."),
    password: plainSecretText.describe(
      "Password, as a secret reference. May be empty, or plain text if the user name is a secret.",
    ),
  })
  .refine(({ username, password }) => typeof password !== "string" || password === "" || typeof username !== "string", {
    path: ["password"],
    error: `expected secret reference, got string: use ${secretSyntax("password")}`,
    when: whenObject,
  })
  .describe("HTTP Basic authentication with user name and password (RFC 7617).");

/** Keys of token requests of OAuth 2.0. */
const tokenRequestKeys = {
  access_token_url: httpUrl.describe("URL of the token endpoint. It receives a POST."),
  client_id: plainSecretText.describe("Client ID, as plain text or a secret reference."),
  access_token_request_data: z
    .record(z.string(), z.union([secretReference, plainScalar]))
    .optional()
    .describe("Additional fields of the token request, such as `scope` or `audience`."),
  default_token_expiration: seconds
    .default(OAUTH2_DEFAULTS.default_token_expiration)
    .describe("Lifetime of a token, in seconds, if the response has no `expires_in`."),
  token_endpoint_auth_method: withDefault(
    z.enum(["client_secret_post", "client_secret_basic"]).optional(),
    OAUTH2_DEFAULTS.token_endpoint_auth_method,
  ).describe(
    "Where the client's credentials are sent: `client_secret_post` in the body, `client_secret_basic` in the header `Authorization`. Not in dlt.",
  ),
  token_request_format: withDefault(z.enum(["form", "json"]).optional(), OAUTH2_DEFAULTS.token_request_format).describe(
    "Format of the body of the token request. Not in dlt.",
  ),
};

/** dlt's `oauth2_client_credentials` auth (RFC 6749, 4.4). */
export const oauth2Auth = z
  .strictObject({
    type: typeKey("oauth2_client_credentials"),
    ...tokenRequestKeys,
    client_secret: secretReference.describe("Client secret."),
    access_token: secretReference.optional().describe("No effect: as in dlt, the token is always requested."),
  })
  .describe(
    "OAuth 2.0 client credentials (RFC 6749). The token is renewed before it expires, and once after a response with status 401.",
  );

/** Tokens by a refresh token (RFC 6749, 6), which may rotate. */
export const oauth2RefreshTokenAuth = z
  .strictObject({
    type: typeKey("oauth2_refresh_token"),
    ...tokenRequestKeys,
    client_secret: secretReference.optional().describe("Client secret. A public client has none."),
    refresh_token: secretReference.describe(
      "The refresh token. A new one in a response of the token server replaces it in the secret.",
    ),
  })
  .describe("OAuth 2.0 refresh token (RFC 6749). Not in dlt.");

/** Keys of `session_token` that say where the response has the token. */
const TOKEN_PLACES = ["token_path", "token_header", "token_cookie"] as const;

/** A login that returns a token. */
export const sessionTokenAuth = z
  .strictObject({
    type: typeKey("session_token"),
    login_url: z
      .string()
      .refine(
        (given) => /^\/(?!\/)/.test(given) || httpUrl.safeParse(given).success,
        "expected http or https URL without credentials, or a path that begins with /",
      )
      .describe("URL of the login, or a path at `base_url`. It receives a POST."),
    json: z
      .record(z.string(), z.json())
      .optional()
      .describe("JSON body of the login. Values may be secret references."),
    data: z
      .record(z.string(), z.union([secretReference, plainScalar]))
      .optional()
      .describe("Form body of the login. Excludes `json`."),
    headers: z.record(headerName, plainSecretText).optional().describe("Headers of the login."),
    token_path: withDefault(selector.optional(), SESSION_TOKEN_DEFAULTS.token_path).describe(
      "JSONPath of the token in the response of the login.",
    ),
    token_header: headerName.optional().describe("Header of the response that has the token."),
    token_cookie: headerName.optional().describe("Cookie that the response sets, and that is the token."),
    name: withDefaultNote(z.string().min(1).optional(), "`Authorization`; the name of `token_cookie`").describe(
      "Name of the header, query parameter or cookie that carries the token.",
    ),
    location: withDefaultNote(
      z.enum(["header", "query", "cookie"]).optional(),
      "`header`; `cookie` with `token_cookie`",
    ).describe("Where the token is sent."),
    prefix: withDefaultNote(z.string().optional(), "`Bearer ` in the header `Authorization`").describe(
      "Text before the token.",
    ),
    token_lifetime: withDefaultNote(z.number().positive().optional(), "until the API refuses the token").describe(
      "Seconds after which the token is renewed.",
    ),
  })
  .refine(({ json, data }) => json === undefined || data === undefined, {
    path: ["data"],
    error: "conflicts with json: keep one body",
    when: whenObject,
  })
  .refine((auth) => TOKEN_PLACES.filter((key) => (auth as Record<string, unknown>)[key] !== undefined).length <= 1, {
    path: ["token_path"],
    error: "conflicts with token_header or token_cookie: keep one of them",
    when: whenObject,
  })
  .refine(({ name, location }) => location === "query" || name === undefined || httpToken.test(String(name)), {
    path: ["name"],
    error: "expected header or cookie name (letters, digits, dashes)",
    when: whenObject,
  })
  .describe("A login by POST that returns a token, which is renewed after a response with status 401. Not in dlt.");

/** A custom auth: a user callback, or a type that is registered by name. */
export const customAuth = z
  .custom<AuthFunction | Registered<"auth">>(
    (value) => typeof value === "function" || isRegisteredAuth((value as { type?: unknown } | null)?.type),
    { error: ({ input }) => (typeof input === "object" && !Array.isArray(input) ? NOT_REGISTERED : NO_FUNCTION) },
  )
  .meta({ functionOnly: true });

/** The built-in auths, by `type`. */
export const builtInAuth = z.discriminatedUnion("type", [
  apiKeyAuth,
  bearerAuth,
  httpBasicAuth,
  oauth2Auth,
  oauth2RefreshTokenAuth,
  sessionTokenAuth,
]);

/** An example of each built-in auth, for messages. */
const AUTH_EXAMPLES: Record<string, string> = {
  api_key: '{ type: "api_key", name: "X-Api-Key", api_key: secret("api_key") }',
  bearer: '{ type: "bearer", token: secret("token") }',
  http_basic: '{ type: "http_basic", username: secret("username"), password: secret("password") }',
  oauth2_client_credentials:
    '{ type: "oauth2_client_credentials", access_token_url: "https://...", client_id: secret("client_id"), client_secret: secret("client_secret") }',
  oauth2_refresh_token:
    '{ type: "oauth2_refresh_token", access_token_url: "https://...", client_id: "...", refresh_token: secret("refresh_token") }',
  session_token:
    '{ type: "session_token", login_url: "/login", json: { user: secret("user"), password: secret("password") } }',
};

/** Returns the error of a value without a valid type, if the union's own is less helpful. Never shows the value: it may be a key. */
const authError = (given: unknown): string | undefined => {
  if (typeof given === "string") {
    const type = Object.hasOwn(AUTH_EXAMPLES, given) ? given : pythonClass(given);
    return `expected object, got string: write ${AUTH_EXAMPLES[type ?? ""] ?? `${AUTH_EXAMPLES.bearer}, or another type`}`;
  }
  // A token without a type is a bearer token, as in dlt.
  const isUntyped = typeof given === "object" && given !== null && !("type" in given || "token" in given);
  const types = Object.keys(AUTH_EXAMPLES).map((type) => JSON.stringify(type));
  return isUntyped && !Array.isArray(given)
    ? `missing required key type: expected ${types.join(", ")} or a registered auth`
    : undefined;
};

/** Any auth: built-in, registered, or a user callback. */
export const auth = z.union([builtInAuth, customAuth], { error: ({ input }) => authError(input) });
