import { isIPv6 } from "node:net";
import { ConfigError, ResponseError } from "../errors.ts";

/** Cloud metadata services live on link-local addresses: no API does. */
const isLinkLocal = (hostname: string): boolean => {
  const host = hostname.replace(/^\[|\]$/g, "").toLowerCase();
  if (isIPv6(host)) return /^fe[89ab]/.test(host) || host.startsWith("::ffff:a9fe:") || host === "fd00:ec2::254";
  return /^169\.254\.\d+\.\d+$/.test(host);
};

/** example.com and its kin exist for documentation only (RFC 2606). */
const isPlaceholder = (hostname: string): boolean => /(^|\.)example(\.(com|net|org))?$/.test(hostname);

/**
 * The base_url as a URL that requests may go to.
 *
 * @throws ConfigError when it is the placeholder of the example configs, or a link-local address.
 */
export const checkBaseUrl = (source: string, text: string): URL => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new ConfigError(`base_url ${JSON.stringify(text)} is not an http or https URL`, { source });
  }
  if (isPlaceholder(url.hostname)) {
    throw new ConfigError(
      `base_url is still the placeholder ${text}: set the API's own address (in the source, per stage in serverless.yml, or with --base-url)`,
      { source },
    );
  }
  if (isLinkLocal(url.hostname)) {
    throw new ConfigError(`base_url ${url.origin} is a link-local address, where no API lives: refused`, { source });
  }
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
  return url;
};

/** dlt's join: one slash between base_url and path; an absolute path replaces base_url. */
export const joinUrl = (base: URL, path: string): URL => {
  if (/^https?:\/\//.test(path)) return new URL(path);
  const joined = new URL(base);
  joined.pathname = `${base.pathname.replace(/\/+$/, "")}/`;
  const [pathname = "", search] = path.replace(/^\/+/, "").split("?", 2);
  joined.pathname += pathname;
  if (search !== undefined) joined.search = search;
  return joined;
};
