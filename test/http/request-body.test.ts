import { describe, expect, test } from "vitest";
import type { HttpRequest } from "../../lib/http/client.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { rejection, silence, startClient } from "./client.fixture.ts";
import { json, type Responder, startServer } from "./server.ts";

type Body = NonNullable<HttpRequest["body"]>;

const ok: Responder = (_, response) => json(response, []);
const post = (body: Body, headers: HttpRequest["headers"] = {}): Partial<HttpRequest> => ({
  method: "POST",
  body,
  headers,
});
const BODIES: [string, Body, string, string | undefined][] = [
  ["JSON", { json: { a: 1 } }, '{"a":1}', "application/json"],
  ["a form", { form: [["a", "1"]] }, "a=1", "application/x-www-form-urlencoded"],
  ["raw text", { text: "a 1" }, "a 1", undefined],
];

/** Sends one request; returns what the server received. */
const sent = async (more: Partial<HttpRequest>, headers: Record<string, string> = {}) => {
  await using api = await startClient(ok, { headers });
  await api.send("/search", more);
  expect(api.seen).toHaveLength(1);
  return api.seen[0]!;
};

describe("a body", () => {
  test.each(BODIES)("of %s is sent by POST, with its content type", async (_, body, text, type) => {
    const seen = await sent(post(body));
    expect(seen).toMatchObject({ method: "POST", url: "/search", body: text });
    expect(seen.headers["content-type"]).toBe(type);
    expect(seen.headers["content-length"]).toBe(String(text.length));
    expect(seen.headers.accept).toBe("application/json");
  });

  test.each(BODIES)(
    "of %s has the content-type of the config, in any case, from client or endpoint",
    async (_, body, text) => {
      const own = await sent(post(body, { "CONTENT-type": "application/vnd.own+json" }));
      expect(own).toMatchObject({ body: text, headers: { "content-type": "application/vnd.own+json" } });
      const client = await sent(post(body), { "Content-TYPE": "text/x-client" });
      expect(client).toMatchObject({ body: text, headers: { "content-type": "text/x-client" } });
      const both = await sent(post(body, { "content-type": "text/x-own" }), { "Content-TYPE": "text/x-client" });
      expect(both.headers["content-type"]).toBe("text/x-own");
    },
  );

  test("in JSON stays JSON when the config gives it the content-type of a form", async () => {
    const seen = await sent(post({ json: { a: [1] } }, { "content-type": "application/x-www-form-urlencoded" }));
    expect(seen.body).toBe('{"a":[1]}');
  });

  test("in JSON keeps every digit of its integers and every character of its strings", async () => {
    const value = {
      id: 9007199254740993n,
      low: -9223372036854775808n,
      list: [1.5, null, true, "Grüße, 世界 🌍 \u2028"],
    };
    const seen = await sent(post({ json: value as never }));
    expect(seen.body).toContain('"id":9007199254740993,"low":-9223372036854775808');
    expect(parseJson(seen.body)).toEqual(value);
    expect(seen.headers["content-length"]).toBe(String(Buffer.byteLength(seen.body)));
  });

  test.each([
    ["an empty object", { json: {} }, "{}"],
    ["a list", { json: [1, 2] }, "[1,2]"],
    ["an empty text", { text: "" }, ""],
    ["an empty form", { form: [] }, ""],
    ["an object without a prototype", { json: { __proto__: null, a: "b" } }, '{"a":"b"}'],
  ] as [string, Body, string][])("may be %s", async (_, body, text) => {
    expect(await sent(post(body))).toMatchObject({ method: "POST", body: text });
  });

  test("as a form is encoded like an HTML form, in order, with repeated names", async () => {
    const form: [string, string][] = [
      ["q", "a b&c=d+e%"],
      ["ids[]", "1"],
      ["ids[]", "2"],
      ["name", "Zoë\n"],
    ];
    const seen = await sent(post({ form }));
    expect(seen.body).toBe("q=a+b%26c%3Dd%2Be%25&ids%5B%5D=1&ids%5B%5D=2&name=Zo%C3%AB%0A");
    expect([...new URLSearchParams(seen.body)]).toEqual(form);
  });

  test("as raw text is sent unchanged, in UTF-8", async () => {
    const text = '<q lang="de">{Grüße}</q>\r\n\u{1F30D}';
    expect(await sent(post({ text }))).toMatchObject({ body: text });
  });

  test("is not sent by a POST that has none", async () => {
    const seen = await sent({ method: "POST", body: null });
    expect(seen).toMatchObject({ method: "POST", body: "" });
    expect(seen.headers).not.toHaveProperty("content-type");
  });
});

describe("a POST that failed is sent again with the same body", () => {
  test.each([
    ["after a 503", (_request, response) => response.writeHead(503).end()],
    ["after a reset", (_request, response) => response.socket?.resetAndDestroy()],
    ["after a 401", (_request, response) => response.writeHead(401).end()],
  ] as [string, Responder][])("%s", async (_what, fail) => {
    for (const [, body, text, type] of BODIES) {
      await using api = await startClient((request, response, number) =>
        (number === 0 ? fail : ok)(request, response, number),
      );
      await api.send("/search", post(body));
      expect(api.seen).toHaveLength(2);
      for (const seen of api.seen) {
        expect(seen).toMatchObject({ method: "POST", body: text });
        expect(seen.headers["content-type"]).toBe(type);
      }
    }
  });

  test("after a timeout", async () => {
    await using api = await startClient((request, response, number) =>
      (number === 0 ? silence : ok)(request, response, number),
    );
    await api.send("/search", post({ json: { a: 1 } }));
    expect(api.seen.map(({ method, body }) => method + body)).toEqual(['POST{"a":1}', 'POST{"a":1}']);
  });
});

describe("a POST that is redirected", () => {
  const redirecting =
    (...statuses: number[]): Responder =>
    (_, response, number) =>
      number < statuses.length
        ? response.writeHead(statuses[number] as number, { location: `/hop-${number + 1}` }).end()
        : json(response, []);
  const more = post({ json: { a: 1 } }, { "content-language": "en", "x-own": "1" });
  const POSTED = { method: "POST", body: '{"a":1}', headers: { "content-type": "application/json", "x-own": "1" } };

  test.each([307, 308])("by %i keeps method, body and headers", async (status) => {
    await using api = await startClient(redirecting(status));
    await api.send("/search", more);
    expect(api.seen).toMatchObject([POSTED, { ...POSTED, url: "/hop-1" }]);
  });

  test.each([301, 302, 303])("by %i becomes a GET without body and content headers", async (status) => {
    await using api = await startClient(redirecting(status));
    await api.send("/search", more);
    expect(api.seen[0]).toMatchObject(POSTED);
    expect(api.seen[1]).toMatchObject({ method: "GET", url: "/hop-1", body: "", headers: { "x-own": "1" } });
    for (const name of ["content-type", "content-language", "content-length", "transfer-encoding"]) {
      expect(api.seen[1]?.headers).not.toHaveProperty(name);
    }
    expect(api.seen[1]?.headers["x-api-key"]).toBe("key-1");
  });

  test("stays a GET after it has become one", async () => {
    await using api = await startClient(redirecting(307, 303, 308, 302));
    await api.send("/search", more);
    expect(api.seen.map(({ method, body }) => `${method} ${body}`.trim())).toEqual([
      'POST {"a":1}',
      'POST {"a":1}',
      "GET",
      "GET",
      "GET",
    ]);
  });

  test("is a POST again when it is retried", async () => {
    await using api = await startClient((request, response, number) =>
      number === 1
        ? json(response, [], 503)
        : redirecting(...(number < 3 ? [303, 0, 303] : []))(request, response, number),
    );
    await api.send("/search", more);
    expect(api.seen.map(({ method }) => method)).toEqual(["POST", "GET", "POST", "GET"]);
  });

  test.each([301, 302, 303, 307, 308])(
    "by %i to another origin is refused, and its body is not sent there",
    async (status) => {
      await using thief = await startServer(ok);
      await using api = await startClient((_, response) => response.writeHead(status, { location: thief.url }).end());
      expect(await rejection(api.send("/search", more))).toMatchObject({
        name: "ResponseError",
        message: expect.stringContaining("to another origin"),
      });
      expect(thief.seen).toEqual([]);
      expect(api.fetches()).toBe(1);
    },
  );
});

test.each([
  ["a header name with a space", { "x key": "1" }, /^"x key" is not a valid header name$/],
  [
    "a header name with a line break, as a parent's row may contain",
    { "x\r\nevil": "1" },
    /is not a valid header name$/,
  ],
  ["an empty header name", { "": "1" }, /^"" is not a valid header name$/],
])("%s is a ConfigError, not an unreachable API", async (_, headers, message) => {
  await using api = await startClient(ok);
  expect(await rejection(api.send("/", { headers }))).toMatchObject({
    name: "ConfigError",
    message: expect.stringMatching(message),
  });
  expect(api.seen).toEqual([]);
});
