import type { Ports } from "../ports/index.ts";
import { SECOND } from "../time/durations.ts";

/** Maximum number of cookies of an origin, and size of one, as browsers have them: a server cannot fill the memory. */
const MAX_COOKIES = 180;
const MAX_COOKIE_BYTES = 4096;
/** Maximum number of cookie values that are masked: cookies of load balancers may change with every response. */
const MAX_MASKED = 20;

/** A cookie as a response sets it (RFC 6265, 5.2). */
interface Cookie {
  name: string;
  value: string;
  path: string;
  isSecure: boolean;
  /** Scripts cannot read it: usually a session. */
  isHttpOnly: boolean;
  /** Milliseconds since 1970; infinite for a cookie of the session. */
  expires_at: number;
}

/** Returns the path of a cookie that names none (RFC 6265, 5.1.4). */
const defaultPath = ({ pathname }: URL): string => pathname.slice(0, pathname.lastIndexOf("/")) || "/";

const pairOf = (text: string): [name: string, value: string] => {
  const end = text.indexOf("=");
  return end === -1 ? [text.trim(), ""] : [text.slice(0, end).trim(), text.slice(end + 1).trim()];
};

const expiryOf = (attributes: Map<string, string>, now: number): number => {
  const maxAge = attributes.get("max-age") ?? "";
  if (/^-?\d+$/.test(maxAge)) return now + Number(maxAge) * SECOND;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires;
};

/** Whether a cookie's Domain includes the host. The cookie stays at its origin nevertheless. */
const includesHost = (domain: string, host: string): boolean => {
  const given = domain.replace(/^\./, "").toLowerCase();
  return given === "" || host === given || host.endsWith(`.${given}`);
};

/** Returns the cookie of a `Set-Cookie` line; null when it is invalid, or for another host. */
const parseCookie = (line: string, url: URL, now: number): Cookie | null => {
  const [pair = "", ...rest] = line.split(";");
  const [name, value] = pairOf(pair);
  const attributes = new Map(rest.map((text) => pairOf(text)).map(([key, inner]) => [key.toLowerCase(), inner]));
  const isValid = name !== "" && pair.includes("=") && /^[\x20-\x7e]*$/.test(pair) && pair.length <= MAX_COOKIE_BYTES;
  if (!isValid || !includesHost(attributes.get("domain") ?? "", url.hostname)) return null;
  const path = attributes.get("path") ?? "";
  return {
    name,
    value,
    path: path.startsWith("/") ? path : defaultPath(url),
    isSecure: attributes.has("secure"),
    isHttpOnly: attributes.has("httponly"),
    expires_at: expiryOf(attributes, now),
  };
};

/** RFC 6265, 5.1.4. */
const matchesPath = ({ path }: Cookie, { pathname }: URL): boolean =>
  pathname === path || (pathname.startsWith(path) && (path.endsWith("/") || pathname[path.length] === "/"));

/** The cookies of an invocation. They are sessions, which must not be stored in a position: the next invocation gets its own. */
export interface Cookies {
  /** Keeps the cookies that a response to a URL sets. */
  store(url: URL, headers: Headers): void;
  /** Returns the headers of a request to a URL with the cookies of its origin. A cookie of the request itself takes precedence. */
  withCookies(url: URL, headers: Record<string, string>): Record<string, string>;
}

/** Creates an empty store of cookies. */
export const createCookies = ({ clock, redactor }: Pick<Ports, "clock" | "redactor">): Cookies => {
  /** By origin, then by name and path. */
  const origins = new Map<string, Map<string, Cookie>>();
  const masked = new Set<string>();

  return {
    store(url, headers) {
      const now = clock.now();
      for (const line of headers.getSetCookie()) {
        const cookie = parseCookie(line, url, now);
        if (cookie === null) continue;
        const kept = origins.get(url.origin) ?? new Map<string, Cookie>();
        origins.set(url.origin, kept);
        const key = `${cookie.name};${cookie.path}`;
        if (cookie.expires_at <= now) kept.delete(key);
        else if (kept.has(key) || kept.size < MAX_COOKIES) kept.set(key, cookie);
        if (!cookie.isHttpOnly || masked.size >= MAX_MASKED) continue;
        masked.add(cookie.value);
        redactor.add(cookie.value);
      }
    },

    withCookies(url, headers) {
      const now = clock.now();
      const own = headers.cookie ?? "";
      const named = new Set(own.split(";").map((text) => pairOf(text)[0]));
      const sent = [...(origins.get(url.origin)?.values() ?? [])].filter(
        (cookie) =>
          cookie.expires_at > now &&
          matchesPath(cookie, url) &&
          (!cookie.isSecure || url.protocol === "https:") &&
          !named.has(cookie.name),
      );
      if (sent.length === 0) return headers;
      // The most specific path first (RFC 6265, 5.4).
      const pairs = sent.toSorted((a, b) => b.path.length - a.path.length).map(({ name, value }) => `${name}=${value}`);
      return { ...headers, cookie: [own, ...pairs].filter(Boolean).join("; ") };
    },
  };
};
