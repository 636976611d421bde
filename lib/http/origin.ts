import { ConfigError, ResponseError } from "../errors/index.ts";
import { maskUrl } from "../secrets/redact.ts";
import { kindOfHost } from "./addresses.ts";
import { appendQuery } from "./query.ts";

/** Names that are reserved for documentation (RFC 2606). */
const isPlaceholder = (hostname: string): boolean => /(^|\.)example(\.(com|net|org))?\.?$/.test(hostname);

/**
 * Checks the host of a URL of the config.
 *
 * @param what the config key, for messages.
 * @param allowLinkLocal the setting `allow_link_local`.
 * @throws ConfigError for a link-local address, and for credentials in the URL.
 */
export const checkHost = (what: string, url: URL, allowLinkLocal: boolean, source?: string): void => {
  if (kindOfHost(url.hostname) === "metadata" && !allowLinkLocal) {
    throw new ConfigError(
      `${what} ${url.origin} is a link-local address, as cloud metadata services have: set allow_link_local to permit it`,
      { source },
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(`${what} ${url.origin} contains a user or a password: put them into the secret`, { source });
  }
};

/**
 * Parses and checks a base_url.
 *
 * @throws ConfigError when it is a placeholder of the example configs, a link-local address, or contains credentials.
 */
export const checkBaseUrl = (source: string, text: string, allowLinkLocal = false): URL => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`base_url ${JSON.stringify(maskUrl(text))} is not an http or https URL`, { source });
  }
  if (isPlaceholder(url.hostname)) {
    throw new ConfigError(
      `base_url is still the placeholder ${url.origin}: set the API's own address (in the source, per stage in serverless.yml, or with --base-url)`,
      { source },
    );
  }
  checkHost("base_url", url, allowLinkLocal, source);
  return url;
};

const DEFAULT_PORTS: Record<string, string> = { "http:": "80", "https:": "443" };

const portOf = ({ port, protocol }: URL): string => port || (DEFAULT_PORTS[protocol] ?? "");

/** Whether two URLs differ in `http` and `https` only. A server behind a proxy often writes the scheme that it sees itself. */
const isOtherScheme = (base: URL, url: URL): boolean =>
  url.hostname === base.hostname && (url.port === base.port || portOf(url) === portOf(base));

/** Returns the error for a target of another origin. */
const otherOrigin = (base: URL, url: URL): ResponseError =>
  isOtherScheme(base, url) && base.protocol === "http:"
    ? new ResponseError(
        `the response points to another origin, ${url.origin} (expected ${base.origin}): write https in base_url`,
      )
    : new ResponseError(
        `the response points to another origin, ${url.origin} (expected ${base.origin}): refused, no credentials were sent there`,
      );

/**
 * Resolves the target of a redirect or a next link, which must have the origin of `base`: credentials go to no other host. An
 * `http` target at the host and port of an `https` base is requested by `https`.
 *
 * @throws ResponseError that names the other origin.
 */
export const sameOrigin = (base: URL, target: string): URL => {
  const url = URL.canParse(target, base.href) ? new URL(target, base) : null;
  if (url === null) throw new ResponseError("the response points to an invalid URL: check base_url and path");
  if (url.origin !== base.origin) {
    if (base.protocol !== "https:" || url.protocol !== "http:" || !isOtherScheme(base, url))
      throw otherOrigin(base, url);
    url.protocol = base.protocol;
    url.port = base.port;
  }
  // fetch refuses a URL with credentials.
  url.username = "";
  url.password = "";
  return url;
};

/** `.` and `..`, also written with `%2e`: the URL parser would resolve them, and another path would be requested. */
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;

/**
 * Returns a path with tabs and line breaks percent-encoded. The URL parser would drop them, wherever they are: `.<tab>.` would
 * become `..`.
 */
export const encodeBreaks = (path: string): string => path.replaceAll(/[\t\n\r]/g, encodeURIComponent);

/**
 * Joins base_url and path as dlt does: one slash between them; an absolute path replaces base_url. The query of a path follows
 * that of base_url.
 *
 * @throws ConfigError for an absolute path to a link-local address.
 * @throws ResponseError for a `.` or `..` segment, as a parent's row may contain.
 */
export const joinUrl = (base: URL, given: string, allowLinkLocal = false): URL => {
  const path = encodeBreaks(given);
  const queryStart = path.indexOf("?");
  const pathname = queryStart === -1 ? path : path.slice(0, queryStart);
  if (pathname.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) {
    throw new ResponseError(`the path ${pathname} has a . or .. segment, which would request another path: refused`);
  }
  if (/^https?:\/\//i.test(path)) {
    const url = new URL(path);
    checkHost("path", url, allowLinkLocal);
    return url;
  }
  const joined = new URL(base);
  // dlt: an empty path is base_url itself.
  if (pathname !== "") joined.pathname = `${base.pathname.replace(/\/+$/, "")}/${pathname.replace(/^\/+/, "")}`;
  if (queryStart !== -1) appendQuery(joined, path.slice(queryStart));
  return joined;
};
