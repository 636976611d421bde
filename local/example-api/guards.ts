/** Access checks of the example API. 401: missing or wrong credentials; 403: valid credentials without the permission. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Guard, type Handler, refusal } from "./endpoint.ts";

/** Maximum age of a signature. Milliseconds. */
const MAX_SIGNATURE_AGE = 5 * 60 * 1000;
const SCOPE = "books:read";

/** Secrets that the API accepts, by their names in the examples. They are valid for this API only. */
export const SECRETS = {
  api_key: "example-api-key-71c0",
  token: "example-token-2b9e",
  sales_token: "example-sales-token-88d4",
  password: "example-password-5a6f0b",
  client_id: "example-client-13ce",
  client_secret: "example-client-secret-f07b",
  signing_key: "example-signing-key-94aa",
  tenant_key: "example-tenant-key-6e21",
} as const;

/** User name for the password; not a secret. */
const USER = "reader";

/** Strings to redact. User and password are sent as the base64 of both, so the pair is included. */
export const HIDDEN: string[] = [...Object.values(SECRETS), `${USER}:${SECRETS.password}`];

const isSame = (given: string | undefined | null, wanted: string): boolean =>
  typeof given === "string" &&
  given.length === wanted.length &&
  timingSafeEqual(Buffer.from(given), Buffer.from(wanted));

const check = (isGood: boolean, wanted: string): ReturnType<Guard> =>
  isGood ? null : refusal(401, `credentials are wrong or missing: ${wanted}`);

/** Requires `x-api-key: <key>`. */
export const keyInHeader: Guard = ({ headers }) =>
  check(isSame(headers["x-api-key"] as string, SECRETS.api_key), "send the key in the header x-api-key");

/** Requires `?key=<key>`. */
export const keyInQuery: Guard = ({ query }) =>
  check(isSame(query.get("key"), SECRETS.api_key), "send the key in the parameter key");

/** Requires `cookie: session=<key>`; other cookies are allowed. */
export const keyInCookie: Guard = ({ headers }) => {
  const cookies = (headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  const [, session] = cookies.find(([name]) => name === "session") ?? [];
  return check(isSame(session, SECRETS.api_key), "send the key in the cookie session");
};

/** Requires `authorization: Bearer <token>`. */
export const bearer: Guard = ({ headers }) =>
  check(isSame(headers.authorization, `Bearer ${SECRETS.token}`), "send a bearer token");

/** Requires user and password (RFC 7617). */
export const basic: Guard = ({ headers }) => {
  const wanted = Buffer.from(`${USER}:${SECRETS.password}`).toString("base64");
  return check(isSame(headers.authorization, `Basic ${wanted}`), "send user and password");
};

/** Requires a tenant and its key: `authorization: Tenant <tenant>:<key>`. */
export const tenant: Guard = ({ headers }) =>
  check(isSame(headers.authorization, `Tenant north:${SECRETS.tenant_key}`), "send a tenant and its key");

/** Requires the sales token. The key for the books is valid but lacks the permission (403). */
export const salesOnly: Guard = (request) => {
  if (isSame(request.headers.authorization, `Bearer ${SECRETS.sales_token}`)) return null;
  return keyInHeader(request) === null
    ? refusal(403, "this key has no permission for sales")
    : check(false, "send a bearer token");
};

/** Rejects requests with credentials: a public endpoint must not receive any. */
export const noCredentials: Guard = ({ headers }) =>
  headers.authorization === undefined && headers["x-api-key"] === undefined && headers.cookie === undefined
    ? null
    : refusal(400, "this endpoint is public: send no credentials");

const signatureOf = (at: string, url: URL): string =>
  createHmac("sha256", SECRETS.signing_key).update(`${at} ${url.pathname}${url.search}`).digest("hex");

/**
 * Requires `x-signed-at: <milliseconds>` and `x-signature: <HMAC of that time and the path with its query>`.
 *
 * @param conceal receives every signature
 */
export const signature =
  (conceal: (text: string) => void): Guard =>
  ({ url, headers }) => {
    const [at, given] = [headers["x-signed-at"], headers["x-signature"]];
    if (typeof at !== "string" || typeof given !== "string") return check(false, "send x-signed-at and x-signature");
    conceal(given);
    const isRecent = Math.abs(Date.now() - Number(at)) < MAX_SIGNATURE_AGE;
    return check(isRecent && isSame(given, signatureOf(at, url)), "the signature is wrong or too old");
  };

/**
 * Returns the token endpoint for client credentials (RFC 6749, 4.4) and the guard that accepts its tokens.
 *
 * @param conceal receives every token
 */
export const oauth2 = (conceal: (text: string) => void): { tokens: Handler; guard: Guard } => {
  /** Scope of each issued token. */
  const issued = new Map<string, string>();
  return {
    tokens({ body }) {
      const form = new URLSearchParams(body);
      if (form.get("grant_type") !== "client_credentials") return refusal(400, "unsupported_grant_type");
      const isKnown =
        isSame(form.get("client_id"), SECRETS.client_id) && isSame(form.get("client_secret"), SECRETS.client_secret);
      if (!isKnown) return refusal(401, "invalid_client");
      const token = randomBytes(16).toString("hex");
      conceal(token);
      issued.set(token, form.get("scope") ?? "");
      return { body: { access_token: token, token_type: "Bearer", expires_in: 3600 } };
    },
    guard({ headers }) {
      const scope = issued.get(/^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
      if (scope === undefined) return check(false, "send a token from /oauth/token");
      return scope.split(" ").includes(SCOPE) ? null : refusal(403, `the token lacks the scope ${SCOPE}`);
    },
  };
};

/**
 * Returns the login, which accepts the user's password as JSON, and the guard that accepts its tokens in `x-session-token`.
 *
 * @param conceal receives every token
 */
export const session = (conceal: (text: string) => void): { login: Handler; guard: Guard } => {
  const issued = new Set<string>();
  return {
    login({ body }) {
      const { user, password } = JSON.parse(body) as { user?: string; password?: string };
      if (!isSame(user, USER) || !isSame(password, SECRETS.password)) return refusal(401, "wrong user or password");
      const token = randomBytes(16).toString("hex");
      conceal(token);
      issued.add(token);
      return { body: { session: { token } } };
    },
    guard: ({ headers }) => check(issued.has(String(headers["x-session-token"])), "send a token from /login"),
  };
};
