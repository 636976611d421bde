import type { BuiltInAuth, ResolvedAuth } from "../config/resolved.ts";
import { isJsonObject, type Json } from "../json/index.ts";
import { at } from "../json/path.ts";
import type { Redactor } from "../ports/redactor.ts";
import type { Secrets } from "../ports/secrets.ts";
import { isSecretReference, type SecretReference } from "../secrets/reference.ts";
import { resolveHeaders } from "./headers.ts";
import { checkHost, joinUrl } from "./origin.ts";
import { LOGIN, TOKEN_SERVER } from "./peer.ts";
import { bodyText, FORM, formText } from "./request-body.ts";
import { resolveText } from "./secret-text.ts";
import type { TokenRequest, TokenResponse } from "./token-request.ts";

type OAuth2 = Extract<BuiltInAuth, { type: "oauth2_client_credentials" | "oauth2_refresh_token" }>;
type SessionToken = Extract<BuiltInAuth, { type: "session_token" }>;
/** An auth that requests its tokens. */
export type TokenAuth = OAuth2 | SessionToken;

const TOKEN_AUTHS = new Set(["oauth2_client_credentials", "oauth2_refresh_token", "session_token"]);

/** Returns the auth if it requests tokens, else null. */
export const asTokenAuth = (auth: ResolvedAuth | null): TokenAuth | null =>
  typeof auth === "object" && auth !== null && TOKEN_AUTHS.has(auth.type) ? (auth as TokenAuth) : null;

/**
 * Returns the auth with the URL of its token server, which may be a path at the API.
 *
 * @throws ConfigError when the URL is one that must not be requested.
 */
export const withTokenServer = (auth: ResolvedAuth | null, base: URL, allowLinkLocal: boolean): ResolvedAuth | null => {
  const tokenAuth = asTokenAuth(auth);
  if (tokenAuth === null) return auth;
  if (tokenAuth.type !== "session_token") {
    checkHost("access_token_url", new URL(tokenAuth.access_token_url), allowLinkLocal);
    return auth;
  }
  const url = joinUrl(base, tokenAuth.login_url, allowLinkLocal);
  checkHost("login_url", url, allowLinkLocal);
  return { ...tokenAuth, login_url: url.href };
};

/** Returns the seconds that a token lasts, stated as a number or as text; null when they are absent or invalid. */
const parseLifetime = (expires_in: Json | undefined): number | null => {
  const isNumeric = typeof expires_in === "number" || (typeof expires_in === "string" && expires_in.trim() !== "");
  const seconds = isNumeric ? Number(expires_in) : Number.NaN;
  return Number.isFinite(seconds) && seconds > 0 ? seconds : null;
};

type Field = [string, string | number | boolean | SecretReference];

/** Returns the grant of an auth: its type, and what stands for it. */
const grantOf = (auth: OAuth2): Field[] =>
  auth.type === "oauth2_refresh_token"
    ? [
        ["grant_type", "refresh_token"],
        ["refresh_token", auth.refresh_token],
      ]
    : [["grant_type", "client_credentials"]];

/** Returns the fields of a token request. Those of the config override the standard ones. */
const fieldsOf = (auth: OAuth2): Field[] => {
  const { token_endpoint_auth_method: method, client_id, client_secret, access_token_request_data } = auth;
  const client: Field[] = [
    ["client_id", client_id],
    ...(client_secret === undefined ? [] : [["client_secret", client_secret] satisfies Field]),
  ];
  return [
    ...new Map<string, Field[1]>([
      ...grantOf(auth),
      ...(method === "client_secret_basic" ? [] : client),
      ...Object.entries(access_token_request_data ?? {}),
    ]),
  ];
};

const formEncoded = (text: string): string => new URLSearchParams([["", text]]).toString().slice(1);

/** Returns the Authorization header of a client (RFC 6749, 2.3.1): both parts are form-encoded first. */
const clientAuthorization = async (
  { client_id, client_secret }: OAuth2,
  secrets: Secrets,
  redactor: Redactor,
): Promise<string> => {
  const parts = [await resolveText(client_id, secrets), await resolveText(client_secret ?? "", secrets)];
  const credentials = parts.map(formEncoded).join(":");
  if (client_secret !== undefined) redactor.add(credentials);
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
};

const bodyOf = async (auth: OAuth2, secrets: Secrets): Promise<{ type: string; body: string }> => {
  const fields = fieldsOf(auth);
  if (auth.token_request_format === "json") {
    const { text } = await bodyText({ json: Object.fromEntries(fields) as unknown as Json }, secrets);
    return { type: "application/json", body: text };
  }
  const pairs = fields.map(([name, value]): [string, string | SecretReference] => [
    name,
    isSecretReference(value) ? value : String(value),
  ]);
  return { type: FORM, body: await formText(pairs, secrets) };
};

/** Reads a refresh token past every cache: another Lambda may have used and replaced it. */
const withFreshToken = (auth: OAuth2, secrets: Secrets): Secrets =>
  auth.type === "oauth2_refresh_token"
    ? { ...secrets, get: (field) => secrets.get(field, { force: field === auth.refresh_token.secret }) }
    : secrets;

const bodyObject = (response: TokenResponse) => {
  const body = response.json();
  return isJsonObject(body) ? body : {};
};

/** Stores a new refresh token. Only the last one that was issued is sure to be valid, so the last to store it wins. */
const storeRefreshToken =
  ({ secret }: SecretReference, redactor: Redactor): NonNullable<TokenRequest["store"]> =>
  async (response, secrets) => {
    const { refresh_token } = bodyObject(response);
    if (typeof refresh_token !== "string" || refresh_token === "") return;
    redactor.add(refresh_token);
    if ((await secrets.get(secret)) !== refresh_token) await secrets.put(secret, refresh_token);
  };

const oauth2Request = (auth: OAuth2, redactor: Redactor): TokenRequest => ({
  peer: TOKEN_SERVER,
  url: new URL(auth.access_token_url),
  async complete(given) {
    const secrets = withFreshToken(auth, given);
    const isBasic = auth.token_endpoint_auth_method === "client_secret_basic";
    const { type, body } = await bodyOf(auth, secrets);
    const headers: Record<string, string> = { "content-type": type };
    if (isBasic) headers.authorization = await clientAuthorization(auth, secrets, redactor);
    return { headers, body };
  },
  token_name: "access_token",
  read(response) {
    const { access_token, expires_in } = bodyObject(response);
    return { token: access_token, lifetime: parseLifetime(expires_in) ?? auth.default_token_expiration };
  },
  ...(auth.type === "oauth2_refresh_token" && { store: storeRefreshToken(auth.refresh_token, redactor) }),
  credentials: auth.type === "oauth2_refresh_token" ? "a valid refresh token" : "a valid client_id and client_secret",
});

/** Returns the value of a cookie that a response sets. */
const cookieIn = (headers: Headers, name: string): string | undefined =>
  headers
    .getSetCookie()
    .map((line) => (line.split(";")[0] ?? "").trim())
    .findLast((pair) => pair.startsWith(`${name}=`))
    ?.slice(name.length + 1);

const sessionRequest = (auth: SessionToken): TokenRequest => {
  const { json, data, headers, token_path, token_header, token_cookie } = auth;
  const pairs = Object.entries(data ?? {}).map(([name, value]): [string, string | SecretReference] => [
    name,
    isSecretReference(value) ? value : String(value),
  ]);
  const body = json == null ? (data == null ? null : { form: pairs }) : { json: json as Json };
  return {
    peer: LOGIN,
    url: new URL(auth.login_url),
    async complete(secrets) {
      const content = body === null ? null : await bodyText(body, secrets);
      const type: Record<string, string> = content?.type == null ? {} : { "content-type": content.type };
      return { headers: { ...type, ...(await resolveHeaders(headers ?? {}, secrets)) }, body: content?.text ?? null };
    },
    token_name: `token (${token_header ?? token_cookie ?? token_path})`,
    read(response) {
      const lifetime = auth.token_lifetime ?? Number.POSITIVE_INFINITY;
      if (token_header !== undefined) return { token: response.headers.get(token_header), lifetime };
      if (token_cookie !== undefined) return { token: cookieIn(response.headers, token_cookie), lifetime };
      const token = at(response.json(), token_path);
      return { token: typeof token === "number" || typeof token === "bigint" ? String(token) : token, lifetime };
    },
    credentials: "valid credentials",
  };
};

/** Returns how the tokens of an auth are requested. */
export const tokenRequestOf = (auth: TokenAuth, redactor: Redactor): TokenRequest =>
  auth.type === "session_token" ? sessionRequest(auth) : oauth2Request(auth, redactor);
