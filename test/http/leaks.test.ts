import { describe, expect, test } from "vitest";
import type { HttpOptions } from "../../lib/http/client.ts";
import { rejection, silence, startClient } from "./client.fixture.ts";
import { encodingsOf, expectNoKey, textsOf } from "./leaks.fixture.ts";
import { json, type Responder } from "./server.ts";

type Location = Extract<NonNullable<HttpOptions["auth"]>, { type: "api_key" }>["location"];

const PLAIN = "sk-live-0123456789abcdef";
const SPECIAL = `p+/=&?#%41 "'<>\\$&-0123456789`;
const BASE64 = "c2VjcmV0/Ly8+Pz8/PjExMQ==";
const KEYS = [PLAIN, SPECIAL, BASE64];

const echo =
  (status: number): Responder =>
  ({ url, headers }, response) =>
    response.writeHead(status).end(`you sent ${url} with ${headers["x-key"]} and ${headers.cookie}`);

const FAILURES: [string, Responder][] = [
  ["a refused key, echoed", echo(401)],
  ["a bad request, echoed", echo(400)],
  ["a server error, echoed", echo(500)],
  ["throttling, echoed", echo(429)],
  ["a body that is not JSON, echoed", echo(200)],
  ["a connection reset", (_, response) => response.socket?.resetAndDestroy()],
  ["no response in time", silence],
  ["a truncated body", (_, response) => response.writeHead(200, { "content-length": "9" }).destroy()],
  ["broken gzip", (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("nope")],
  ["an echo in the content-type", ({ url }, response) => response.writeHead(200, { "content-type": url }).end("x")],
  [
    "a redirect to another origin, echoed",
    ({ url }, response) => response.writeHead(302, { location: `http://a.test${url}` }).end(),
  ],
  ["a wait over max_wait", (_, response) => json(response, {}, 429, { "retry-after": "9999" })],
];

describe.each(["header", "query", "cookie"] as const)("a key in the %s", (location: Location) => {
  test.each(FAILURES)("is in no error, cause, stack or log line after %s", async (_, respond) => {
    for (const key of KEYS) {
      await using api = await startClient(respond, {
        auth: {
          type: "api_key",
          name: location === "header" ? "x-key" : "key",
          api_key: { secret: "api_key" },
          location,
        },
        secret: [JSON.stringify({ api_key: key })],
        error_handler: { max_retries: 1 },
      });
      const thrown = await rejection(api.get());
      expect(thrown).toBeInstanceOf(Error);
      expect(api.seen.length).toBeGreaterThan(0);
      expectNoKey(key, thrown, api.logged);
    }
  });
});

test.each(KEYS)("a message shows no part of a key (%j) that an error page echoes, in any encoding", async (key) => {
  for (const encoding of encodingsOf(key)) {
    await using api = await startClient((_, response) => response.writeHead(400).end(`bad key ${encoding}.`), {
      secret: [JSON.stringify({ api_key: key })],
    });
    expect(await rejection(api.get())).toMatchObject({ message: expect.stringMatching(/bad key \*\*\*=*\.$/) });
  }
});

test("an excerpt never ends with half a key, wherever it is cut", async () => {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
  const pages = [
    // Collapsed white space and redacted keys move the cut into the text that is shown.
    ...[...range(176, 200), ...range(276, 300), ...range(1000, 1024)].map((at) => " ".repeat(at) + PLAIN),
    ...range(0, PLAIN.length + 1).map((at) => "x".repeat(at) + `${PLAIN} `.repeat(50)),
  ];
  await using api = await startClient((_, response, number) => response.writeHead(400).end(pages[number]), {
    secret: [PLAIN],
  });
  for (const _ of pages) {
    const text = textsOf(await rejection(api.get()), api.logged);
    expect(text).toContain("***");
    expect(text).not.toContain(PLAIN.slice(0, 6));
  }
});

test("the key from before a rotation is redacted, too", async () => {
  await using api = await startClient(
    ({ headers }, response) =>
      headers["x-api-key"] === "old-key-1"
        ? response.writeHead(401).end()
        : response.writeHead(400).end("it was old-key-1, now it is new-key-2"),
    { secret: ["old-key-1", "new-key-2"] },
  );
  expect(await rejection(api.get())).toMatchObject({ message: "the API returned 400: it was ***, now it is ***" });
});
