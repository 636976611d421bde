import { z } from "zod";
import type { AuthFunction, Registered } from "../callbacks.ts";
import { API_KEY_DEFAULTS, OAUTH2_DEFAULTS } from "../defaults.ts";
import { isRegisteredAuth } from "../registry.ts";
import { pythonClass } from "./pasted.ts";
import {
  httpToken,
  httpUrl,
  NO_FUNCTION,
  NOT_REGISTERED,
  plainScalar,
  plainSecretText,
  seconds,
  secretReference,
  typeKey,
  whenObject,
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
      .enum(["header", "query", "cookie"])
      .default(API_KEY_DEFAULTS.location)
      .describe("Where the key is sent. `cookie` is an addition to dlt."),
  })
  .refine(({ name, location }) => location === "query" || name === "" || httpToken.test(String(name)), {
    path: ["name"],
    error: "expected header or cookie name (letters, digits, dashes)",
    when: whenObject,
  })
  .describe("API key in a header, a query parameter or a cookie.");

/** dlt's `bearer` auth. */
export const bearerAuth = z
  .strictObject({ type: typeKey("bearer").default("bearer"), token: secretReference.describe("The bearer token.") })
  .describe("Header `Authorization: Bearer <token>`.");

/** dlt's `http_basic` auth. The user name may be plain text. */
export const httpBasicAuth = z
  .strictObject({
    type: typeKey("http_basic"),
    username: plainSecretText.describe("User name, as plain text or a secret reference."),
    password: secretReference.describe("Password."),
  })
  .describe("HTTP Basic authentication with user name and password (RFC 7617).");

/** dlt's `oauth2_client_credentials` auth (RFC 6749, 4.4). */
export const oauth2Auth = z
  .strictObject({
    type: typeKey("oauth2_client_credentials"),
    access_token_url: httpUrl.describe("URL of the token endpoint. It receives a form by POST."),
    client_id: plainSecretText.describe("Client ID, as plain text or a secret reference."),
    client_secret: secretReference.describe("Client secret."),
    access_token_request_data: z
      .record(z.string(), z.union([secretReference, plainScalar]))
      .optional()
      .describe("Additional fields of the token request, such as `scope` or `audience`."),
    default_token_expiration: seconds
      .default(OAUTH2_DEFAULTS.default_token_expiration)
      .describe("Lifetime of a token, in seconds, if the response has no `expires_in`."),
  })
  .describe(
    "OAuth 2.0 client credentials (RFC 6749). The token is renewed before it expires, and once after a response with status 401.",
  );

/** A custom auth: a user callback, or a type that is registered by name. */
export const customAuth = z
  .custom<AuthFunction | Registered<"auth">>(
    (value) => typeof value === "function" || isRegisteredAuth((value as { type?: unknown } | null)?.type),
    { error: ({ input }) => (typeof input === "object" && !Array.isArray(input) ? NOT_REGISTERED : NO_FUNCTION) },
  )
  .meta({ functionOnly: true });

/** The built-in auths, by `type`. */
export const builtInAuth = z.discriminatedUnion("type", [apiKeyAuth, bearerAuth, httpBasicAuth, oauth2Auth]);

/** An example of each built-in auth, for messages. */
const AUTH_EXAMPLES: Record<string, string> = {
  api_key: '{ type: "api_key", name: "X-Api-Key", api_key: secret("api_key") }',
  bearer: '{ type: "bearer", token: secret("token") }',
  http_basic: '{ type: "http_basic", username: secret("username"), password: secret("password") }',
  oauth2_client_credentials:
    '{ type: "oauth2_client_credentials", access_token_url: "https://...", client_id: secret("client_id"), client_secret: secret("client_secret") }',
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
