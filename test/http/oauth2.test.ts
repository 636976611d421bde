import { describe, expect, test } from "vitest";
import type { HttpOptions } from "../../lib/http/client.ts";
import { withTokenServer } from "../../lib/http/token-auths.ts";
import { BudgetSpent } from "../../lib/time/budget.ts";
import { rejection, silence, startClient } from "./client.fixture.ts";
import { encodingsOf, expectNoKey } from "./leaks.fixture.ts";
import { eventually, json, type ReceivedRequest, type Responder, startServer } from "./server.ts";

type OAuth2 = Extract<HttpOptions["auth"], { type: "oauth2_client_credentials" }>;

const BASE = new URL("https://api.test/v1");
const SECRET = `p+/=&?#%41 "'<>\\$&-0123456789`;
const secretOf = (client_secret: string) => JSON.stringify({ client_secret });
const tokenOf = (number: number) => `token/${number}+0123456789=`;
const issue: Responder = (_, response, number) => json(response, { access_token: tokenOf(number), expires_in: 3600 });
const rows: Responder = (_, response) => json(response, { rows: [] });
const authOf = (url: string, more: Partial<OAuth2> = {}): OAuth2 => ({
  type: "oauth2_client_credentials",
  access_token_url: `${url}/token?tenant=1`,
  client_id: "the-client",
  client_secret: { secret: "client_secret" },
  default_token_expiration: 1200,
  ...more,
});

type Setup = NonNullable<Parameters<typeof startClient>[1]>;

/** Starts a token server, an API on another port, and a client of both. */
const start = async (token: Responder, respond: Responder = rows, setup: Setup = {}, more: Partial<OAuth2> = {}) => {
  const tokens = await startServer((...args) => api.withTime(token)(...args));
  const auth = authOf(tokens.url, more);
  const api = await startClient(respond, { auth, secret: [secretOf(SECRET)], ...setup });
  return {
    ...api,
    tokens,
    async [Symbol.asyncDispose]() {
      await api[Symbol.asyncDispose]();
      await tokens[Symbol.asyncDispose]();
    },
  };
};

const formOf = ({ body }: ReceivedRequest) => Object.fromEntries(new URLSearchParams(body));
const bearers = (seen: ReceivedRequest[]) => seen.map(({ headers }) => headers.authorization);

describe("the token request", () => {
  test("is a POST of a form, without the headers of the API's requests", async () => {
    await using api = await start(issue, rows, {
      headers: { "X-Api-Key": { secret: "client_secret" }, cookie: "a=b" },
    });
    await api.get("/rows");
    expect(api.tokens.seen).toMatchObject([
      { method: "POST", url: "/token?tenant=1", headers: { "content-type": "application/x-www-form-urlencoded" } },
    ]);
    expect(formOf(api.tokens.seen[0]!)).toEqual({
      grant_type: "client_credentials",
      client_id: "the-client",
      client_secret: SECRET,
    });
    expect(api.tokens.seen[0]?.headers).not.toHaveProperty("x-api-key");
    expect(api.tokens.seen[0]?.headers).not.toHaveProperty("cookie");
    expect(bearers(api.seen)).toEqual([`Bearer ${tokenOf(0)}`]);
  });

  test("includes the fields of the config, which override the standard ones", async () => {
    const access_token_request_data = { scope: "read all", audience: { secret: "audience" }, grant_type: "own", n: 1 };
    const secret = [JSON.stringify({ client_secret: SECRET, audience: "https://api.test" })];
    await using api = await start(issue, rows, { secret }, { access_token_request_data });
    await api.get();
    expect(formOf(api.tokens.seen[0]!)).toEqual({
      grant_type: "own",
      client_id: "the-client",
      client_secret: SECRET,
      scope: "read all",
      audience: "https://api.test",
      n: "1",
    });
  });

  test("counts as a request", async () => {
    await using api = await start(issue);
    await api.get();
    await api.get();
    expect(api.client.stats).toMatchObject({ requests: 3, retries: 0 });
  });

  test("follows a redirect inside its origin, and repeats the form after a 307", async () => {
    await using api = await start((request, response, number) =>
      number === 0 ? response.writeHead(307, { location: "/elsewhere" }).end() : issue(request, response, number),
    );
    await api.get();
    expect(api.tokens.seen[1]).toMatchObject({ method: "POST", url: "/elsewhere", body: api.tokens.seen[0]?.body });
  });

  test("is not sent to another origin: neither form nor token leaves the token server", async () => {
    await using thief = await startServer(issue);
    await using api = await start((_, response) => response.writeHead(307, { location: thief.url }).end());
    expect(await rejection(api.get())).toMatchObject({
      name: "ResponseError",
      message: expect.stringContaining(`another origin, ${thief.url} (expected ${api.tokens.url})`),
    });
    expect(thief.seen).toEqual([]);
    expect(api.seen).toEqual([]);
    expect(api.tokens.seen).toHaveLength(1);
  });

  test("fails with an error that names the token server in a redirect loop", async () => {
    await using api = await start((_, response) => response.writeHead(307, { location: "/token" }).end());
    expect(await rejection(api.get())).toMatchObject({
      message: "the token server redirected more than 5 times: check access_token_url",
    });
  });
});

describe("a token", () => {
  test("is shared by all requests of an invocation, sequential or concurrent", async () => {
    await using api = await start(issue);
    await Promise.all(["/1", "/2", "/3", "/4", "/5"].map((path) => api.get(path)));
    for (const path of ["/6", "/7"]) await api.get(path);
    expect(api.tokens.seen).toHaveLength(1);
    expect(new Set(bearers(api.seen))).toEqual(new Set([`Bearer ${tokenOf(0)}`]));
  });

  test.each([
    ["a day (a minute early)", 86_400, 86_400 - 60],
    ["ten minutes (a minute early)", 600, 540],
    ["100 s (a tenth early)", 100, 90],
    ["a number as text", "100", 90],
    ["a fraction", 10.5, 9.45],
    ["nothing (default_token_expiration)", undefined, 1200 - 60],
    ["null", null, 1200 - 60],
    ["0", 0, 1200 - 60],
    ["less than 0", -5, 1200 - 60],
    ["words", "soon", 1200 - 60],
    ["an empty text", "", 1200 - 60],
    ["a list", [100], 1200 - 60],
    ["true", true, 1200 - 60],
    ["Infinity", "Infinity", 1200 - 60],
  ])("with an expires_in of %s is renewed in time, and not before", async (_, expires_in, seconds) => {
    await using api = await start((_request, response, number) =>
      json(response, { access_token: tokenOf(number), token_type: "bearer", expires_in }),
    );
    await api.get();
    api.advance(seconds - 0.01);
    await api.get();
    expect(api.tokens.seen).toHaveLength(1);
    api.advance(0.02);
    await Promise.all([api.get(), api.get()]);
    expect(api.tokens.seen).toHaveLength(2);
    expect(bearers(api.seen).slice(2)).toEqual([`Bearer ${tokenOf(1)}`, `Bearer ${tokenOf(1)}`]);
    expect(api.reads).not.toContain(true);
  });

  test("is requested for every request when default_token_expiration is 0", async () => {
    const forever: Responder = (_, response, number) => json(response, { access_token: tokenOf(number) });
    await using api = await start(forever, rows, {}, { default_token_expiration: 0 });
    await api.get();
    await api.get();
    expect(bearers(api.seen)).toEqual([`Bearer ${tokenOf(0)}`, `Bearer ${tokenOf(1)}`]);
  });
});

/** Accepts every token except these. */
const refusing =
  (status: number, ...refused: number[]): Responder =>
  ({ headers }, response) =>
    json(response, [], refused.some((number) => headers.authorization === `Bearer ${tokenOf(number)}`) ? status : 200);

describe("a token that the API refuses", () => {
  test.each([401, 403])("with %i is replaced after the secret is reloaded", async (status) => {
    await using api = await start(issue, refusing(status, 0), {
      secret: [secretOf("old-secret"), secretOf("new-secret")],
    });
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.tokens.seen.map((seen) => formOf(seen).client_secret)).toEqual(["old-secret", "new-secret"]);
    expect(api.reads).toEqual([false, true]);
    expect(api.sleeps).toEqual([]);
    await api.get();
    expect(api.tokens.seen).toHaveLength(2);
  });

  test("twice is an AuthError", async () => {
    await using api = await start(issue, refusing(401, 0, 1));
    expect(await rejection(api.get())).toMatchObject({
      name: "AuthError",
      message:
        "the API returned 401 ([]) again with a new token: check the permissions of the OAuth client (scope, audience)",
    });
    expect(api.seen).toHaveLength(2);
    expect(api.tokens.seen).toHaveLength(2);
  });

  test("in five concurrent requests is replaced once", async () => {
    await using api = await start(issue, refusing(401, 0));
    await Promise.all(["/1", "/2", "/3", "/4", "/5"].map((path) => api.get(path)));
    expect(api.tokens.seen).toHaveLength(2);
    expect(api.reads.filter(Boolean)).toHaveLength(1);
  });

  test("is not requested a third time if another request has replaced it meanwhile", async () => {
    let late: (() => void) | undefined;
    await using api = await start(issue, (request, response, number) => {
      if (request.url === "/late" && number < 2) late = () => refusing(401, 0)(request, response, number);
      else refusing(401, 0)(request, response, number);
    });
    const slow = api.get("/late");
    await api.get("/quick");
    await eventually(() => late).toBeDefined();
    late?.();
    await slow;
    expect(api.tokens.seen).toHaveLength(2);
  });

  test("after a redirect is replaced, too", async () => {
    await using api = await start(issue, (request, response, number) =>
      request.url === "/old"
        ? response.writeHead(302, { location: "/new" }).end()
        : refusing(401, 0)(request, response, number),
    );
    expect(await api.get("/old")).toMatchObject({ status: 200 });
    expect(bearers(api.seen)).toEqual([0, 0, 1, 1].map((number) => `Bearer ${tokenOf(number)}`));
  });
});

describe("credentials that the token server refuses", () => {
  const refuse =
    (status: number, body: unknown = { error: "invalid_client", error_description: "no" }): Responder =>
    (_, response) =>
      json(response, body, status);

  test.each([400, 401, 403])("with %i are reloaded once, and rotated ones are accepted", async (status) => {
    await using api = await start(
      (request, response, number) => (number === 0 ? refuse(status) : issue)(request, response, number),
      rows,
      { secret: [secretOf("old-secret"), secretOf("new-secret")] },
    );
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.tokens.seen.map((seen) => formOf(seen).client_secret)).toEqual(["old-secret", "new-secret"]);
    expect(api.sleeps).toEqual([]);
  });

  test.each([400, 401, 403])(
    "with %i twice are an AuthError that quotes the token server, without retries",
    async (status) => {
      await using api = await start(refuse(status));
      expect(await rejection(api.get())).toMatchObject({
        name: "AuthError",
        message: `the token server returned ${status} ({"error":"invalid_client","error_description":"no"}) again after the secret was reloaded: put a valid client_id and client_secret into the secret`,
      });
      expect(api.tokens.seen).toHaveLength(2);
      expect(api.reads).toEqual([false, true]);
      expect(api.seen).toEqual([]);
      expect(api.sleeps).toEqual([]);
    },
  );

  test("after a 401 of the API are not reloaded again", async () => {
    await using api = await start(
      (request, response, number) => (number === 0 ? issue : refuse(401))(request, response, number),
      refusing(401, 0),
    );
    expect(await rejection(api.get())).toMatchObject({ name: "AuthError" });
    expect(api.tokens.seen).toHaveLength(2);
    expect(api.reads).toEqual([false, true]);
  });

  test("with an empty response get a message without one", async () => {
    await using api = await start((_, response) => response.writeHead(401).end());
    expect(await rejection(api.get())).toMatchObject({ message: expect.stringMatching(/returned 401 again after/) });
  });

  test("with an error code that echoes the secret get a message without it, wherever it is cut", async () => {
    const lengths = Array.from({ length: 170 }, (_, index) => 60 + index);
    await using api = await start((_, response, number) =>
      json(response, { error: `${"x".repeat(lengths[Math.floor(number / 2)] as number)} ${SECRET}` }, 401),
    );
    for (const _ of lengths) expect(String(await rejection(api.get()))).not.toContain(SECRET.slice(0, 6));
    expect(api.tokens.seen).toHaveLength(2 * lengths.length);
  });
});

describe("a failure of the token server is retried like one of the API", () => {
  const status =
    (code: number, headers: Record<string, string> = {}): Responder =>
    (_, response) =>
      json(response, { message: "busy" }, code, headers);
  const reset: Responder = (_, response) => response.socket?.resetAndDestroy();
  const cutJson: Responder = (_, response) => response.end('{"access_token":"abc');

  test.each([
    ["a 429", status(429)],
    ["a 503", status(503)],
    ["a reset", reset],
    ["no response in time", silence],
    ["incomplete JSON", cutJson],
  ])("after %s, with the token of the next attempt", async (_, fail) => {
    await using api = await start((request, response, number) =>
      (number < 1 ? fail : issue)(request, response, number),
    );
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.tokens.seen).toHaveLength(2);
    expect(api.sleeps).toHaveLength(1);
    expect(api.seen).toHaveLength(1);
    expect(api.client.stats).toMatchObject({ requests: 3, retries: 1 });
  });

  test.each([
    ["a 429", status(429), "ThrottledError", /^the token server returned 429: .*busy.* \(after 3 retries\)/],
    ["a 500", status(500), "HttpError", /^the token server returned 500: .*busy.* \(after 3 retries\)$/],
    [
      "a reset",
      reset,
      "HttpError",
      /^the token server cannot be reached \(ECONNRESET, after 3 retries\): check access_token_url/,
    ],
    [
      "silence",
      silence,
      "TimeoutError",
      /^no response from the token server within 10 s \(after 3 retries\): check access_token_url/,
    ],
    [
      "JSON that breaks off",
      cutJson,
      "ResponseError",
      /^the response of the token server is incomplete JSON \(after 3 retries\)$/,
    ],
  ])("after %s, until an error that names the token server", async (_, fail, name, message) => {
    await using api = await start(fail);
    expect(await rejection(api.get())).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(api.tokens.seen).toHaveLength(4);
    expect(api.seen).toEqual([]);
  });

  test("with Retry-After applied inline, by the state machine, and up to max_wait", async () => {
    const busyFor =
      (seconds: number): Responder =>
      (request, response, number) =>
        (number === 0 ? status(503, { "retry-after": String(seconds) }) : issue)(request, response, number);
    await using api = await start(busyFor(7));
    await api.get();
    expect(api.sleeps).toEqual([7]);
    await using long = await start(busyFor(60));
    expect(await rejection(long.get())).toMatchObject({ reason: "throttled", retry_after_seconds: 60, attempts: 1 });
    await using never = await start(busyFor(9999));
    expect(await rejection(never.get())).toMatchObject({
      name: "ThrottledError",
      message: expect.stringMatching(/^the token server requires a wait of 9999 s, more than max_wait/),
    });
  });

  test.each([404, 302, 418])("but not a %i, which is an HttpError without retries", async (code) => {
    await using api = await start(status(code));
    expect(await rejection(api.get())).toMatchObject({
      name: "HttpError",
      message: expect.stringMatching(new RegExp(`^the token server returned ${code}`)),
    });
    expect(api.tokens.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
  });

  test("until the time budget ends, which closes the socket of a server that never responds", async () => {
    await using api = await start(silence, rows, { time: 50, patience: 0.05 });
    expect(await rejection(api.get())).toBeInstanceOf(BudgetSpent);
    await eventually(() => api.tokens.connections()).toBe(0);
  });
});

describe("a response without a usable token is a ResponseError without retries", () => {
  test.each([
    ["no access_token", { token: "abc" }, /^the token server returned no access_token: check access_token_url$/],
    ["an access_token of null", { access_token: null }, /returned no access_token/],
    ["an empty access_token", { access_token: "" }, /returned no access_token/],
    ["a number as access_token", { access_token: 5 }, /returned no access_token/],
    ["a list instead of an object", ["abc"], /returned no access_token/],
    ["a token with a line break", { access_token: "abc\r\nX-Evil: 12345678" }, /not allowed in a header/],
    ["a token in another alphabet", { access_token: "абвгдежз" }, /not allowed in a header/],
  ])("when it has %s", async (_, body, message) => {
    await using api = await start((_request, response) => json(response, body));
    const thrown = await rejection(api.get());
    expect(thrown).toMatchObject({ name: "ResponseError", message: expect.stringMatching(message) });
    expect(String(thrown)).not.toMatch(/Evil|абв/);
    expect(api.tokens.seen).toHaveLength(1);
    expect(api.seen).toEqual([]);
  });

  test("when it is an HTML page", async () => {
    await using api = await start((_, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>Log in</h1>"),
    );
    expect(await rejection(api.get())).toMatchObject({
      name: "ResponseError",
      message:
        'the response of the token server is not JSON (text/html, it begins with "<h1>Log in</h1>"): check access_token_url',
    });
    expect(api.tokens.seen).toHaveLength(1);
  });
});

describe("an access_token_url", () => {
  test.each(["http://169.254.169.254/token", "http://0xa9.254.43518/token", "http://[fe80::1]/token"])(
    "of %s is refused unless allow_link_local is set",
    (access_token_url) => {
      const auth = { ...authOf("http://x"), access_token_url };
      expect(() => withTokenServer(auth, BASE, false)).toThrow(/^access_token_url .* is a link-local address/);
      expect(() => withTokenServer(auth, BASE, true)).not.toThrow();
    },
  );

  test("with a user in it is refused", () => {
    const auth = { ...authOf("http://x"), access_token_url: "https://me:pass@login.test/token" };
    expect(() => withTokenServer(auth, BASE, false)).toThrow(/contains a user or a password/);
  });
});

describe("neither token nor client secret is in any message or log line", () => {
  const echoes: [string, (text: string, status: number) => Responder][] = [
    ["in an error's body", (text, status) => (_, response) => response.writeHead(status).end(`no: ${text}`)],
    [
      "in a content-type",
      (text) => (_, response) =>
        response.writeHead(200, { "content-type": Buffer.from(text).toString("latin1") }).end("x"),
    ],
    [
      "in a redirect",
      (text) => (_, response) =>
        response.writeHead(302, { location: `http://a.test/?${encodeURIComponent(text)}` }).end(),
    ],
  ];
  test.each(echoes)("when the API echoes the token %s", async (_, echo) => {
    for (const encoding of encodingsOf(tokenOf(0))) {
      await using api = await start(issue, echo(encoding, 400));
      const thrown = await rejection(api.get());
      expect(thrown).toBeInstanceOf(Error);
      expectNoKey(tokenOf(0), thrown, api.logged);
    }
  });

  test.each(echoes)("when the token server echoes the client secret %s", async (_, echo) => {
    for (const encoding of encodingsOf(SECRET)) {
      for (const status of [400, 404, 500]) {
        await using api = await start(echo(encoding, status), rows, { error_handler: { max_retries: 0 } });
        const thrown = await rejection(api.get());
        expect(thrown).toBeInstanceOf(Error);
        expectNoKey(SECRET, thrown, api.logged);
      }
    }
  });

  test("since the token is redacted in every encoding, in messages and in data", async () => {
    await using api = await start(issue);
    await api.get();
    for (const encoding of encodingsOf(tokenOf(0))) {
      expect(api.redactor.redact(`it is ${encoding}.`)).toMatch(/^it is \*\*\*=*\.$/);
      expect(api.redactor.isIn(encoding)).toBe(true);
    }
  });
});
