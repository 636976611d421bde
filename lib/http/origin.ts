import { isIPv6 } from "node:net";
import { ConfigError, ResponseError } from "../errors/index.ts";
import { maskUrl } from "../secrets/redact.ts";

/** fe80::/10; the ways to write 169.254.x.y in IPv6 (mapped, translated, compatible, NAT64); AWS's own fd00:ec2::/32. */
const IPV6_LINK_LOCAL = /^(fe[89ab][0-9a-f]:|(::(ffff:(0:)?)?|64:ff9b::)a9fe:|fd00:ec2:)/;

/** Cloud metadata services live on link-local addresses: no API does. The URL parser has made all IPv4 forms one. */
const isLinkLocal = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  return isIPv6(host) ? IPV6_LINK_LOCAL.test(host) : /^169\.254\.\d+\.\d+$/.test(host);
};

/** example.com and its kin exist for documentation only (RFC 2606). */
const isPlaceholder = (hostname: string): boolean => /(^|\.)example(\.(com|net|org))?\.?$/.test(hostname);

/**
 * Refuses addresses that no API has.
 *
 * @param what names the address in messages.
 * @param allowLinkLocal the source's settings say so.
 * @throws ConfigError for a link-local address, and for credentials in the URL.
 */
export const checkHost = (what: string, url: URL, allowLinkLocal: boolean, source?: string): void => {
  if (isLinkLocal(url.hostname) && !allowLinkLocal) {
    throw new ConfigError(
      `${what} ${url.origin} is a link-local address, where cloud metadata lives and no API: refused (the setting allow_link_local permits it)`,
      { source },
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ConfigError(`${what} ${url.origin} holds a user or a password: put them into the secret`, { source });
  }
};

/**
 * The base_url as a URL that requests may go to.
 *
 * @throws ConfigError when it is the placeholder of the example configs, a link-local address, or holds credentials.
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

/**
 * Follows a redirect or a next-link only inside the origin of `base`, so that no key leaves its host.
 *
 * @throws ResponseError naming the other origin.
 */
export const sameOrigin = (base: URL, target: string): URL => {
  const url = URL.canParse(target, base.href) ? new URL(target, base) : null;
  if (url === null) throw new ResponseError("the answer points to something that is no URL");
  if (url.origin !== base.origin) {
    throw new ResponseError(
      `the answer points to another origin, ${url.origin} (this one is ${base.origin}): refused, and the key was not sent there`,
    );
  }
  // fetch refuses a URL with credentials; ours go where the config says.
  url.username = "";
  url.password = "";
  return url;
};

/** `.` and `..`, also as the URL parser reads `%2e`: it would drop them, and ask another path than the config's. */
const DOT_SEGMENT = /^(\.|%2e){1,2}$/i;

/**
 * dlt's join: one slash between base_url and path; an absolute path replaces base_url.
 *
 * @throws ConfigError for an absolute path to a link-local address.
 * @throws ResponseError for a segment `.` or `..`, such as a parent's row may bring.
 */
export const joinUrl = (base: URL, path: string, allowLinkLocal = false): URL => {
  const mark = path.indexOf("?");
  const pathname = mark === -1 ? path : path.slice(0, mark);
  if (pathname.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) {
    throw new ResponseError(`the path ${pathname} has a segment . or .., which would lead to another path`);
  }
  if (/^https?:\/\//i.test(path)) {
    const url = new URL(path);
    checkHost("path", url, allowLinkLocal);
    return url;
  }
  const joined = new URL(base);
  // dlt: an empty path is base_url itself.
  if (pathname !== "") joined.pathname = `${base.pathname.replace(/\/+$/, "")}/${pathname.replace(/^\/+/, "")}`;
  if (mark !== -1) joined.search = path.slice(mark);
  return joined;
};
