import type { LookupAddress } from "node:dns";
import { describe, expect, test } from "vitest";
import { kindOfAddress, kindOfHost } from "../../lib/http/addresses.ts";
import { createPublicFetch } from "../../lib/http/public-fetch.ts";

test.each([
  ...["169.254.169.254", "169.254.170.2", "169.254.79.2", "100.100.100.200", "192.0.0.192", "168.63.129.16"],
  ...["fe80::1", "fe80::1%eth0", "fd00:ec2::254", "FD00:0EC2:0::254", "fd20:ce::254"],
  ...["::ffff:169.254.169.254", "::ffff:a9fe:a9fe", "::169.254.169.254", "::ffff:0:169.254.169.254"],
  ...["64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:100.100.100.200"],
])("%s is an address of a metadata service", (address) => {
  expect(kindOfAddress(address)).toBe("metadata");
});

test.each([
  ...["127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1"],
  ...["198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1"],
  ...["::", "::1", "fd12:3456::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "64:ff9b::a00:1"],
  ...["2002:c0a8:1:1::", "2001:db8::1"],
])("%s is a private address", (address) => {
  expect(kindOfAddress(address)).toBe("private");
});

test.each([
  ...["8.8.8.8", "172.32.0.1", "172.15.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1", "192.169.0.1", "193.0.0.1"],
  ...["2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
])("%s is a public address", (address) => {
  expect(kindOfAddress(address)).toBeNull();
});

test("names of metadata services are known without DNS, and no other names", () => {
  const names = ["metadata.google.internal", "Metadata.Google.Internal.", "metadata", "metadata.goog", "instance-data"];
  expect(names.map(kindOfHost)).toEqual(names.map(() => "metadata"));
  expect(["metadata.acme.dev", "api.acme.dev", "localhost", "10.acme.dev"].map(kindOfHost)).toEqual(
    Array(4).fill(null),
  );
  expect(kindOfHost("[fd00:ec2::254]")).toBe("metadata");
});

describe("a fetch of public addresses", () => {
  const start = (names: Record<string, string[]>, allowed: object = {}) => {
    const sent: string[] = [];
    const lookups: string[] = [];
    const lookup = async (host: string): Promise<LookupAddress[]> => {
      lookups.push(host);
      if (host === "absent.acme.dev") throw Object.assign(new Error("no such host"), { code: "ENOTFOUND" });
      return (names[host] ?? [host]).map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    };
    const inner: typeof fetch = async (input) => {
      sent.push(String(input));
      return new Response("[]");
    };
    const none = { allow_private_addresses: false, allow_link_local: false, addresses: new Set<string>() };
    const time = { now: 0 };
    const guarded = createPublicFetch(inner, lookup, { ...none, ...allowed }, { now: () => time.now });
    const refusal = async (url: string | URL) =>
      guarded(url).then(
        () => null,
        (error: Error) => error,
      );
    return { sent, refusal, lookups, time };
  };

  test("sends requests to public addresses", async () => {
    const { sent, refusal } = start({ "api.acme.dev": ["8.8.8.8", "2606:4700::1111"] });
    expect(await refusal("https://api.acme.dev/rows")).toBeNull();
    expect(await refusal(new URL("https://8.8.8.8/"))).toBeNull();
    expect(sent).toEqual(["https://api.acme.dev/rows", "https://8.8.8.8/"]);
  });

  test.each([
    [
      "http://127.0.0.1:9001/",
      "the address of 127.0.0.1 is private: refused. Set allow_private_addresses to permit it",
    ],
    ["http://[::1]/", "the address of ::1 is private: refused. Set allow_private_addresses to permit it"],
    [
      "http://inside.acme.dev/",
      "the address of inside.acme.dev (10.0.0.7) is private: refused. Set allow_private_addresses to permit it",
    ],
    [
      "http://metadata.acme.dev/",
      "the address of metadata.acme.dev (169.254.169.254) is link-local, as cloud metadata services are: refused. Set allow_link_local to permit it",
    ],
    [
      "http://metadata.google.internal/",
      "the address of metadata.google.internal is link-local, as cloud metadata services are: refused. Set allow_link_local to permit it",
    ],
  ])("refuses %s, and sends nothing", async (url, message) => {
    const { sent, refusal } = start({
      "inside.acme.dev": ["8.8.8.8", "10.0.0.7"],
      "metadata.acme.dev": ["169.254.169.254"],
    });
    expect(await refusal(url)).toMatchObject({ name: "ConfigError", message });
    expect(sent).toEqual([]);
  });

  test("permits each kind with its own setting", async () => {
    const inside = start({}, { allow_private_addresses: true });
    expect(await inside.refusal("http://10.0.0.7/")).toBeNull();
    expect(await inside.refusal("http://169.254.169.254/")).toMatchObject({ name: "ConfigError" });
    const linkLocal = start({}, { allow_link_local: true });
    expect(await linkLocal.refusal("http://169.254.169.254/")).toBeNull();
    expect(await linkLocal.refusal("http://10.0.0.7/")).toMatchObject({ name: "ConfigError" });
  });

  test("resolves a name again after half a minute, and each time after a failure", async () => {
    const { refusal, lookups, time } = start({ "api.acme.dev": ["8.8.8.8"] });
    for (const now of [0, 1000, 29_999, 30_000]) {
      time.now = now;
      expect(await refusal("https://api.acme.dev/")).toBeNull();
    }
    expect(lookups).toHaveLength(2);
    for (const _ of [1, 2]) expect(await refusal("https://absent.acme.dev/")).toMatchObject({ code: "ENOTFOUND" });
    expect(lookups).toHaveLength(4);
  });

  test("permits single addresses", async () => {
    const { refusal } = start({}, { addresses: new Set(["127.0.0.1"]) });
    expect(await refusal("http://127.0.0.1/")).toBeNull();
    expect(await refusal("http://127.0.0.2/")).toMatchObject({ name: "ConfigError" });
  });
});
