import { describe, expect, test } from "vitest";
import { checkBaseUrl, joinUrl, sameOrigin } from "../../lib/http/origin.ts";

const refused = (name: string, start: string) =>
  expect.objectContaining({ name, message: expect.stringContaining(start) });

describe("base_url", () => {
  test.each([
    "http://169.254.169.254",
    "http://169.254.169.254:80/latest/meta-data",
    "http://169.254.169.254.",
    "http://169.254.170.2/v2/credentials",
    "http://169.254.0.1",
    "http://2852039166",
    "http://0xA9FEA9FE",
    "http://0xa9.0xfe.0xa9.0xfe",
    "http://0251.0376.0251.0376",
    "http://169.254.43518",
    "http://169.16689662",
    "http://①⑥⑨.254.169.254",
    "http://169。254。169。254",
    "http://%31%36%39.254.169.254",
    "http://[::ffff:169.254.169.254]",
    "http://[::ffff:a9fe:a9fe]",
    "http://[0:0:0:0:0:FFFF:A9FE:A9FE]",
    "http://[::169.254.169.254]",
    "http://[::ffff:0:169.254.169.254]",
    "http://[64:ff9b::169.254.169.254]",
    "http://[fe80::1]",
    "http://[FEBF::1]",
    "http://[fd00:ec2::254]",
    "http://[fd00:0ec2:0::23]",
  ])("%s is link-local and refused", (url) => {
    expect(() => checkBaseUrl("crm", url)).toThrow(refused("ConfigError", "is a link-local address"));
  });

  test.each([
    "http://127.0.0.1:8080",
    "http://localhost:8080",
    "http://[::1]:8080",
    "http://169.253.255.255",
    "http://169.255.0.1",
    "http://10.169.254.1",
    "https://169.254.169.254.acme.dev",
    "http://[fe8::1]",
    "http://[fec0::1]",
    "http://[2001:db8::a9fe:a9fe]",
    "https://my-example.com",
    "https://example.com.acme.dev",
    "https://api.acme.dev/v2/",
  ])("%s is accepted", (url) => {
    expect(checkBaseUrl("crm", url).href).toBe(new URL(url).href);
  });

  test.each([
    "https://api.example.com",
    "https://example.com/v1",
    "https://API.EXAMPLE.ORG",
    "https://example.net.",
    "https://crm.example",
    "http://example",
  ])("%s is refused as a placeholder, with the next step", (url) => {
    expect(() => checkBaseUrl("crm", url)).toThrow(
      refused(
        "ConfigError",
        `crm: base_url is still the placeholder ${new URL(url).origin}: set the API's own address`,
      ),
    );
  });

  test.each([
    "",
    "api.acme.dev",
    "/v1",
    "ftp://acme.dev",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://[fe80::1%25eth0]",
  ])("%j is refused because it is not an http or https URL", (url) => {
    expect(() => checkBaseUrl("crm", url)).toThrow(refused("ConfigError", "is not an http or https URL"));
  });

  test.each([
    "https://user:hunter2@acme.dev",
    "https://hunter2@acme.dev",
    "https://user:hunter2@api.example.com",
    "user:hunter2@acme.dev",
    "ftp://user:hunter2@acme.dev",
    "htps//acme.dev?key=hunter2",
  ])("%s is refused without showing its credentials", (url) => {
    let message = "";
    try {
      checkBaseUrl("crm", url);
    } catch (error) {
      ({ message } = error as Error);
    }
    expect(message).toMatch(/^crm: base_url /);
    expect(message).not.toContain("hunter2");
  });
});

describe("a path joined to base_url", () => {
  test.each([
    ["https://acme.dev", "users", "https://acme.dev/users"],
    ["https://acme.dev/", "/users", "https://acme.dev/users"],
    ["https://acme.dev/v1", "users", "https://acme.dev/v1/users"],
    ["https://acme.dev/v1//", "//users/", "https://acme.dev/v1/users/"],
    ["https://acme.dev/v1", "users?a=1&b=2", "https://acme.dev/v1/users?a=1&b=2"],
    ["https://acme.dev/v1", "users?q=what?&b=a/../b", "https://acme.dev/v1/users?q=what?&b=a/../b"],
    ["https://acme.dev/v1?tenant=7", "users", "https://acme.dev/v1/users?tenant=7"],
    ["https://acme.dev/v1?tenant=7", "users?a=1", "https://acme.dev/v1/users?tenant=7&a=1"],
    ["https://acme.dev", "a b/ü#x", "https://acme.dev/a%20b/%C3%BC%23x"],
    ["https://acme.dev", "a%2Fb", "https://acme.dev/a%2Fb"],
    ["https://acme.dev", "...", "https://acme.dev/..."],
    ["https://acme.dev", "//evil.test/x", "https://acme.dev/evil.test/x"],
    ["https://acme.dev/v1", "https://other.dev/x?y=1", "https://other.dev/x?y=1"],
    ["https://acme.dev/v1", "HTTPS://other.dev/x", "https://other.dev/x"],
  ])("%s + %s = %s", (base, path, url) => {
    expect(joinUrl(new URL(base), path).href).toBe(url);
  });

  test.each([
    "users/../admin",
    "users/./x",
    "..",
    "users/%2e%2E/admin",
    "users/.%2e",
    "a\\..\\b",
    "https://acme.dev/a/../b",
  ])("%s is refused because it would request another path", (path) => {
    expect(() => joinUrl(new URL("https://acme.dev/v1"), path)).toThrow(
      refused("ResponseError", "has a . or .. segment"),
    );
  });

  test("is refused like a base_url if it is an absolute URL with a link-local address", () => {
    const base = new URL("https://acme.dev");
    expect(() => joinUrl(base, "http://169.254.169.254/latest")).toThrow(refused("ConfigError", "link-local"));
    expect(() => joinUrl(base, "http://[::ffff:a9fe:a9fe]/latest")).toThrow(refused("ConfigError", "link-local"));
  });

  test("does not change base_url", () => {
    const base = new URL("https://acme.dev/v1?x=1");
    joinUrl(base, "users?y=2");
    expect(base.href).toBe("https://acme.dev/v1?x=1");
  });
});

test("two URLs have the same origin if scheme, host and port are equal, in any case, default ports included", () => {
  const base = new URL("https://api.acme.dev/v1/rows?page=1");
  expect(sameOrigin(base, "HTTPS://API.ACME.DEV:443/v2").href).toBe("https://api.acme.dev/v2");
  expect(sameOrigin(base, "?page=2").href).toBe("https://api.acme.dev/v1/rows?page=2");
  for (const other of [
    "http://api.acme.dev:8080",
    "https://api.acme.dev:444",
    "https://acme.dev",
    "https://api.acme.dev.evil.test",
  ]) {
    expect(() => sameOrigin(base, other)).toThrow(refused("ResponseError", "another origin"));
  }
});

test.each([
  ["https://api.acme.dev/v1", "http://api.acme.dev/v1?page=2", "https://api.acme.dev/v1?page=2"],
  ["https://api.acme.dev/v1", "http://api.acme.dev:443/v1", "https://api.acme.dev/v1"],
  ["https://api.acme.dev:8443/v1", "http://api.acme.dev:8443/v2", "https://api.acme.dev:8443/v2"],
])("a target of %s by http, %s, is requested by https", (base, target, href) => {
  expect(sameOrigin(new URL(base), target).href).toBe(href);
});

test.each([
  ["http://api.acme.dev/v1", "https://api.acme.dev/v1"],
  ["http://api.acme.dev:8080/v1", "https://api.acme.dev:8080/v1"],
])("a target of %s by https, %s, is an error that says to write https", (base, target) => {
  const { origin } = new URL(target);
  expect(() => sameOrigin(new URL(base), target)).toThrow(
    refused(
      "ResponseError",
      `the response points to another origin, ${origin} (expected ${new URL(base).origin}): write https in base_url`,
    ),
  );
});

test("a link-local address is accepted only with allow_link_local", () => {
  expect(checkBaseUrl("metadata", "http://169.254.169.254/latest", true).hostname).toBe("169.254.169.254");
  expect(() => checkBaseUrl("metadata", "http://169.254.169.254/latest")).toThrow("allow_link_local");
  const base = new URL("http://127.0.0.1");
  expect(joinUrl(base, "http://169.254.169.254/latest", true).pathname).toBe("/latest");
  expect(() => joinUrl(base, "http://169.254.169.254/latest")).toThrow("allow_link_local");
});
