import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor, maskUrl } from "../../lib/secrets/redact.ts";

const knowing = (...values: string[]) => {
  const redactor = createRedactor();
  for (const value of values) redactor.add(value);
  return redactor;
};

describe("a secret is masked", () => {
  const secret = `a/b+c=&?%41 "'<é>\\😀`;
  test.each([
    ["unchanged", secret],
    ["in a path", encodeURIComponent(secret)],
    [
      "in a path, hex digits in lower case",
      encodeURIComponent(secret).replaceAll(/%../g, (code) => code.toLowerCase()),
    ],
    ["in a whole URL", encodeURI(secret)],
    ["in a query", new URLSearchParams({ key: secret }).toString().slice("key=".length)],
    ["encoded by RFC 3986", encodeURIComponent(secret).replaceAll("'", "%27")],
    ["in a path of Python", encodeURIComponent(secret).replaceAll("'", "%27").replaceAll("%2F", "/")],
    ["in JSON", JSON.stringify(secret).slice(1, -1)],
    ["in JSON of PHP", String.raw`a\/b+c=&?%41 \"'<\u00e9>\\\ud83d\ude00`],
    ["in JSON of Python", String.raw`a/b+c=&?%41 \"'<\u00e9>\\\ud83d\ude00`],
    ["in JSON of Go", String.raw`a/b+c=\u0026?%41 \"'\u003cé\u003e\\😀`],
    ["in HTML", `a/b+c=&amp;?%41 &quot;&#39;&lt;é&gt;\\😀`],
    ["in upper case", secret.toUpperCase()],
    [
      "with percent-encoded letters",
      [...Buffer.from(secret)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
    ],
    ["in decimal entities", [...secret].map((character) => `&#${character.codePointAt(0)};`).join("")],
    [
      "in hexadecimal entities",
      [...secret].map((c) => `&#X00${c.codePointAt(0)?.toString(16).toUpperCase()};`).join(""),
    ],
    ["in base64", Buffer.from(secret).toString("base64")],
    ["in base64url", Buffer.from(secret).toString("base64url")],
  ])("%s", (_, form) => {
    expect(form.length).toBeGreaterThan(10);
    const redactor = knowing(secret);
    expect(redactor.redact(`<<${form}>> twice: ${form}`)).toMatch(/^<<\*\*\*=*>> twice: \*\*\*=*$/);
    expect(redactor.isIn(`[${form}]`)).toBe(true);
  });

  test("whatever it is, and wherever it occurs", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const forms: ((value: string) => string)[] = [
      (value) => value,
      (value) => JSON.stringify(value).slice(1, -1),
      encodeURIComponent,
      (value) => btoa(value).replace(/=+$/, ""),
    ];
    fc.assert(
      fc.property(
        fc.stringMatching(/^[ -~]{8,40}$/),
        text,
        text,
        fc.constantFrom(...forms),
        (secret, before, after, form) => {
          expect(knowing(secret).redact(before + form(secret) + after)).not.toContain(form(secret));
        },
      ),
      { numRuns: 100 },
    );
  });

  test("if it contains a lone surrogate", () => {
    expect(knowing("abc\ud800def").redact("abc\ud800def")).toBe("***");
  });
});

describe("several secrets", () => {
  test("are masked whole if one is the prefix of another", () => {
    for (const values of [
      ["secret", "secret-longer"],
      ["secret-longer", "secret"],
    ]) {
      expect(knowing(...values).redact("secret-longer secret")).toBe("*** ***");
    }
  });

  test("are masked if one looks like the encoding of another", () => {
    expect(knowing("one two", "one+two").redact("one%2Btwo")).toBe("***");
  });

  test("mask nothing if there is only an empty one", () => {
    expect(knowing("").redact("nothing to hide")).toBe("nothing to hide");
    expect(createRedactor().isIn("nothing to hide")).toBe(false);
  });
});

describe("in data,", () => {
  test("a secret of eight characters is found, and a shorter one is not, in no encoding", () => {
    expect(knowing("12345678").isIn('{"id":"x12345678y"}')).toBe(true);
    const short = knowing("prod-eu");
    expect(short.isIn(`prod-eu ${btoa("prod-eu")}`)).toBe(false);
    expect(short.redact("prod-eu")).toBe("***");
  });

  test("keys and values are masked at any depth; numbers, null and big integers are unchanged", () => {
    const value = {
      "my secret-key": ["secret-key", { inner: "is secret-key" }],
      n: 1,
      big: 2n ** 60n,
      none: null,
      yes: true,
    };
    expect(knowing("secret-key").redactDeep(value)).toEqual({
      "my ***": ["***", { inner: "is ***" }],
      n: 1,
      big: 2n ** 60n,
      none: null,
      yes: true,
    });
    expect(value.n).toBe(1);
  });

  test("a key named __proto__ is handled like any other", () => {
    const value = JSON.parse('{"__proto__":{"a":"secret-key"}}');
    expect(JSON.stringify(knowing("secret-key").redactDeep(value))).toBe('{"__proto__":{"a":"***"}}');
  });
});

test.each([
  ["https://acme.dev/v1", "https://acme.dev/v1"],
  ["https://user:pass@acme.dev/v1", "https://***@acme.dev/v1"],
  ["https://user:pa/ss@acme.dev/v1", "https://***@acme.dev/v1"],
  ["user:pass@acme.dev", "***@acme.dev"],
  ["https://acme.dev/v1?key=1\n&b=2", "https://acme.dev/v1?***"],
  ["not a URL", "not a URL"],
])("maskUrl hides user and query: %s", (text, masked) => {
  expect(maskUrl(text)).toBe(masked);
});

test("a value that is stored with a key is masked in messages, but not in data", () => {
  const redactor = createRedactor();
  redactor.add("the-account-name", { in_data: false });
  expect(redactor.redact("of the-account-name")).toBe("of ***");
  expect(redactor.isIn('{"account":"the-account-name"}')).toBe(false);
  redactor.add("the-secret-key");
  expect(redactor.redactData({ account: "the-account-name", echo: "the-secret-key" })).toEqual({
    account: "the-account-name",
    echo: "***",
  });
  redactor.add("the-account-name");
  expect(redactor.isIn('{"account":"the-account-name"}')).toBe(true);
});

test("a host name made of the key is masked", () => {
  const { host } = new URL("https://SK-Live-0123456789.api.test/");
  expect(knowing("SK-Live-0123456789").redact(`cannot resolve ${host}`)).toBe("cannot resolve ***.api.test");
});

test("a token of two kilobytes is masked in all its forms", () => {
  const token = `eyJ.${"abc/DEF-0+1=".repeat(170)}`;
  expect(token.length).toBeGreaterThan(2000);
  for (const form of [token, encodeURIComponent(token), JSON.stringify(token).replaceAll("/", "\\/")]) {
    expect(knowing(token).redact(form)).toMatch(/^"?\*\*\*"?$/);
  }
});

test("a short value is masked in its own case only, because messages contain words like it", () => {
  expect(knowing("page").redact("the Page has no page")).toBe("the Page has no ***");
});

test("a short key is masked in messages, but not in data", () => {
  const redactor = createRedactor();
  redactor.add("prod");
  redactor.add("the-secret-key");
  expect(redactor.redactData({ stage: "prod", echo: "the-secret-key" })).toEqual({ stage: "prod", echo: "***" });
});

test.each(["a", "e1", "row"])(
  "a value of up to three characters is not masked, because it is part of many words: %s",
  (value) => {
    const short = createRedactor();
    short.add(value);
    const text = `page 1: the API returned 401, a row of e1 has no id (key=${value})`;
    expect(short.redact(text)).toBe(text);
    expect(short.redactDeep({ [value]: [value] })).toEqual({ [value]: [value] });
    expect(short.redactData({ note: value })).toEqual({ note: value });
    short.add("key1");
    expect(short.redact("key1")).toBe("***");
  },
);
