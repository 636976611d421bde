/** How the example API finds out who asks. 401: no good credentials; 403: good ones that do not reach this far. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Answering, type Guard, refusal } from "./endpoint.ts";

/** What a signature may be old at most. Milliseconds. */
const OLDEST_SIGNATURE = 5 * 60 * 1000;
const SCOPE = "books:read";

/** The API's secrets, by the names that the examples have for them. They open nothing but this. */
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

/** Whose password it is; no secret. */
const USER = "reader";

/** Every text that nobody may see: what goes out of user and password is the base64 of both. */
export const HIDDEN: string[] = [...Object.values(SECRETS), `${USER}:${SECRETS.password}`];

const isSame = (given: string | undefined | null, wanted: string): boolean =>
  typeof given === "string" &&
  given.length === wanted.length &&
  timingSafeEqual(Buffer.from(given), Buffer.from(wanted));

const check = (isGood: boolean, wanted: string): ReturnType<Guard> =>
  isGood ? null : refusal(401, `credentials are wrong or missing: ${wanted}`);

/** `x-api-key: <key>` */
export const keyInHeader: Guard = ({ headers }) =>
  check(isSame(headers["x-api-key"] as string, SECRETS.api_key), "the key belongs into the header x-api-key");

/** `?key=<key>` */
export const keyInQuery: Guard = ({ query }) =>
  check(isSame(query.get("key"), SECRETS.api_key), "the key belongs into the parameter key");

/** `cookie: session=<key>`, perhaps among others. */
export const keyInCookie: Guard = ({ headers }) => {
  const cookies = (headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
  const [, session] = cookies.find(([name]) => name === "session") ?? [];
  return check(isSame(session, SECRETS.api_key), "the key belongs into the cookie session");
};

/** `authorization: Bearer <token>` */
export const bearer: Guard = ({ headers }) =>
  check(isSame(headers.authorization, `Bearer ${SECRETS.token}`), "a bearer token is needed");

/** User and password (RFC 7617). */
export const basic: Guard = ({ headers }) => {
  const wanted = Buffer.from(`${USER}:${SECRETS.password}`).toString("base64");
  return check(isSame(headers.authorization, `Basic ${wanted}`), "user and password are needed");
};

/** A tenant and its own key: `authorization: Tenant <tenant>:<key>`. */
export const tenant: Guard = ({ headers }) =>
  check(isSame(headers.authorization, `Tenant north:${SECRETS.tenant_key}`), "a tenant and its key are needed");

/** A token of its own. Who has the key to the books is known here, and not let in. */
export const salesOnly: Guard = (asked) => {
  if (isSame(asked.headers.authorization, `Bearer ${SECRETS.sales_token}`)) return null;
  return keyInHeader(asked) === null
    ? refusal(403, "this key does not reach as far as the sales")
    : check(false, "a bearer token is needed");
};

/** Takes no credentials: who sends some has given them away. */
export const nobodysKey: Guard = ({ headers }) =>
  headers.authorization === undefined && headers["x-api-key"] === undefined && headers.cookie === undefined
    ? null
    : refusal(400, "this endpoint is public: keep your key to yourself");

const signatureOf = (at: string, url: URL): string =>
  createHmac("sha256", SECRETS.signing_key).update(`${at} ${url.pathname}${url.search}`).digest("hex");

/**
 * `x-signed-at: <milliseconds>` and `x-signature: <HMAC of that time and the path with its query>`.
 *
 * @param conceal is told of signatures.
 */
export const signature =
  (conceal: (text: string) => void): Guard =>
  ({ url, headers }) => {
    const [at, given] = [headers["x-signed-at"], headers["x-signature"]];
    if (typeof at !== "string" || typeof given !== "string")
      return check(false, "x-signed-at and x-signature are needed");
    conceal(given);
    const isRecent = Math.abs(Date.now() - Number(at)) < OLDEST_SIGNATURE;
    return check(isRecent && isSame(given, signatureOf(at, url)), "the signature is wrong or too old");
  };

/**
 * Tokens by client credentials (RFC 6749, 4.4): the endpoint that gives them out, and the guard that knows them.
 *
 * @param conceal is told of tokens.
 */
export const oauth2 = (conceal: (text: string) => void): { tokens: Answering; guard: Guard } => {
  /** The scope of each token that was given out. */
  const given = new Map<string, string>();
  return {
    tokens({ body }) {
      const form = new URLSearchParams(body);
      if (form.get("grant_type") !== "client_credentials") return refusal(400, "unsupported_grant_type");
      const isKnown =
        isSame(form.get("client_id"), SECRETS.client_id) && isSame(form.get("client_secret"), SECRETS.client_secret);
      if (!isKnown) return refusal(401, "invalid_client");
      const token = randomBytes(16).toString("hex");
      conceal(token);
      given.set(token, form.get("scope") ?? "");
      return { body: { access_token: token, token_type: "Bearer", expires_in: 3600 } };
    },
    guard({ headers }) {
      const scope = given.get(/^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1] ?? "");
      if (scope === undefined) return check(false, "a token of /oauth/token is needed");
      return scope.split(" ").includes(SCOPE) ? null : refusal(403, `the token lacks the scope ${SCOPE}`);
    },
  };
};
