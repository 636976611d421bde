import { BlockList, isIP, isIPv6 } from "node:net";

/**
 * Kind of an address that no public API has. `metadata`: link-local, or a metadata service of a cloud, which hands out
 * credentials. `private`: private, loopback, or reserved.
 */
export type NonpublicKind = "metadata" | "private";

const listOf = (ranges: string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", prefix] = range.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
};

const METADATA = listOf([
  // Link-local, which AWS, Google Cloud, Azure, Oracle Cloud, DigitalOcean and others use.
  ...["169.254.0.0/16", "fe80::/10"],
  // AWS and Google Cloud by IPv6.
  ...["fd00:ec2::/32", "fd20:ce::/32"],
  // Alibaba Cloud, Oracle Cloud, Azure.
  ...["100.100.100.200", "192.0.0.192", "168.63.129.16"],
]);

/** Addresses that are not global (IANA's registries of special-purpose addresses). */
const PRIVATE = listOf([
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24"],
  ...["192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"],
  ...["::", "::1", "100::/64", "2001:db8::/32", "fc00::/7", "fec0::/10", "ff00::/8"],
]);

/** Names of metadata services: they resolve inside of their cloud only. */
const METADATA_NAMES = /^(metadata\.google\.internal|metadata\.goog|metadata|instance-data(\.ec2\.internal)?)\.?$/i;

/** IPv6 prefixes before an IPv4 address in the last 32 bits: mapped, translated, compatible, NAT64. */
const BEFORE_IPV4 = ["::ffff:", "::ffff:0:", "::", "64:ff9b::"];

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, "").replace(/%.*$/, "");

/** Returns the address in the form of the URL parser, which is the shortest one. */
const normalized = (address: string): string =>
  isIPv6(address) ? bare(new URL(`http://[${address}]`).hostname) : address;

/** Returns the IPv4 address that an IPv6 address contains; null when there is none. */
const ipv4In = (address: string): string | null => {
  // 6to4 has it after the prefix.
  const [, after] = /^2002:([\da-f]{1,4}:[\da-f]{1,4}):/.exec(`${address}:`) ?? [];
  const prefix = BEFORE_IPV4.find(
    (start) => /^[\da-f]{1,4}:[\da-f]{1,4}$/.test(address.slice(start.length)) && address.startsWith(start),
  );
  const groups = after ?? (prefix === undefined ? null : address.slice(prefix.length));
  if (groups === null) return null;
  const bytes = groups.split(":").flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
  return bytes.join(".");
};

/** Returns the kind of an IP address; null for a public one. */
export const kindOfAddress = (given: string): NonpublicKind | null => {
  const address = normalized(bare(given));
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (METADATA.check(address, family)) return "metadata";
  const inner = family === "ipv6" ? ipv4In(address) : null;
  const kind = inner === null ? null : kindOfAddress(inner);
  return kind ?? (PRIVATE.check(address, family) ? "private" : null);
};

/** Returns the kind of a host of a URL without resolving its name; null for a name, and for a public address. */
export const kindOfHost = (hostname: string): NonpublicKind | null => {
  if (METADATA_NAMES.test(hostname)) return "metadata";
  const host = bare(hostname).replace(/\.$/, "");
  return isIP(host) === 0 ? null : kindOfAddress(host);
};
