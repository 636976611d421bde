import type { LookupAddress } from "node:dns";
import { ConfigError } from "../errors/index.ts";
import type { Clock } from "../ports/clock.ts";
import { SECOND } from "../time/durations.ts";
import { kindOfAddress, kindOfHost, type NonpublicKind } from "./addresses.ts";

/** Addresses that requests may go to besides public ones. */
export interface AllowedAddresses {
  /** The setting `allow_private_addresses`. */
  allow_private_addresses: boolean;
  /** The setting `allow_link_local`. */
  allow_link_local: boolean;
  /** Single addresses. */
  addresses: ReadonlySet<string>;
}

/** Resolves a name to all of its addresses. */
export type Lookup = (hostname: string) => Promise<LookupAddress[]>;

/** Milliseconds that a resolved name is kept: a Lambda caches no names, and sends many requests to one host. */
const LOOKUP_AGE = 30 * SECOND;

/** Keeps the addresses of a name for a while. A failure is not kept. */
const createCachedLookup = (lookup: Lookup, { now }: Pick<Clock, "now">): Lookup => {
  const known = new Map<string, { addresses: Promise<LookupAddress[]>; expires_at: number }>();
  return (host) => {
    const cached = known.get(host);
    if (cached !== undefined && now() < cached.expires_at) return cached.addresses;
    const addresses = lookup(host);
    known.set(host, { addresses, expires_at: now() + LOOKUP_AGE });
    addresses.catch(() => known.delete(host));
    return addresses;
  };
};

const refused = (host: string, address: string, kind: NonpublicKind): ConfigError => {
  const what = kind === "metadata" ? "link-local, as cloud metadata services are" : "private";
  const setting = kind === "metadata" ? "allow_link_local" : "allow_private_addresses";
  const where = host === address ? host : `${host} (${address})`;
  return new ConfigError(`the address of ${where} is ${what}: refused. Set ${setting} to permit it`);
};

/**
 * Returns a fetch that refuses addresses that no public API has, after the name is resolved: a Lambda may run in a network
 * whose other services trust it. All addresses of a name must be permitted. The connection resolves the name again, so that this
 * detects errors and names that point inside, but not a name server that changes its responses.
 *
 * @throws ConfigError for a refused address; an error with the `code` of DNS for a name that does not resolve.
 */
export const createPublicFetch = (
  fetch: typeof globalThis.fetch,
  lookup: Lookup,
  allowed: AllowedAddresses,
  clock: Pick<Clock, "now">,
): typeof globalThis.fetch => {
  const resolve = createCachedLookup(lookup, clock);
  const isAllowed = (address: string, kind: NonpublicKind): boolean =>
    allowed.addresses.has(address) ||
    (kind === "metadata" ? allowed.allow_link_local : allowed.allow_private_addresses);

  const check = (host: string, address: string, kind: NonpublicKind | null): void => {
    if (kind !== null && !isAllowed(address, kind)) throw refused(host, address, kind);
  };

  return async (input, init) => {
    const { hostname } = new URL(input instanceof Request ? input.url : input);
    const host = hostname.replace(/^\[|\]$/g, "");
    check(host, host, kindOfHost(host));
    for (const { address } of await resolve(host)) check(host, address, kindOfAddress(address));
    return fetch(input, init);
  };
};
