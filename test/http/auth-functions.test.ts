import { describe, expect, test } from "vitest";
import type { AuthFunction, AuthRequest, AuthTools } from "../../lib/config/callbacks.ts";
import { registerAuth } from "../../lib/config/registry.ts";
import { SecretError } from "../../lib/errors/index.ts";
import { callCallback } from "../../lib/http/callback.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { expectNoKey } from "./leaks.fixture.ts";
import { json, type Responder, startServer } from "./server.ts";

const KEY = "sk-live-0123456789abcdef";
const SIGNATURE = `p+/=&?#%41 "'<>\\$&-signature`;
const ok: Responder = (_, response) => json(response, []);

type Setup = NonNullable<Parameters<typeof startClient>[1]>;

const start = (auth: AuthFunction, respond: Responder = ok, setup: Setup = {}) =>
  startClient(respond, { auth, secret: [KEY], ...setup });

/** An auth function whose return value its type does not allow. */
const returning = (made: unknown): AuthFunction => (() => made) as unknown as AuthFunction;

describe("an auth function", () => {
  test("gets the method and the body as they are sent, so that it can sign both", async () => {
    const auth: AuthFunction = ({ url, headers }, { method, body }) => ({
      url,
      headers: { ...headers, signed: `${method} ${body}` },
    });
    await using api = await start(auth);
    await api.send("/rows", { method: "POST", body: { json: { q: "x", n: 2n ** 60n } } });
    await api.send("/rows", {});
    expect(api.seen[0]?.headers.signed).toBe(`POST ${api.seen[0]?.body}`);
    expect(api.seen[1]?.headers.signed).toBe("GET null");
  });

  test("may add parameters, and headers in any case, to its own copy of the request", async () => {
    const given: AuthRequest[] = [];
    await using api = await start(
      (request) => {
        given.push(structuredClone({ url: request.url.href, headers: request.headers }) as never);
        request.url.searchParams.set("sig", "1 2");
        request.headers["X-SIGNED"] = "yes";
        return request;
      },
      ok,
      { headers: { "X-Version": "7" } },
    );
    await api.get("/rows?a=1");
    await api.get("/rows?a=1");
    expect(api.seen[0]).toMatchObject({ url: "/rows?a=1&sig=1+2", headers: { "x-signed": "yes", "x-version": "7" } });
    expect(api.seen[1]?.url).toBe("/rows?a=1&sig=1+2");
    const own = { url: `${api.url}/rows?a=1`, headers: { accept: "application/json", "x-version": "7" } };
    expect(given).toEqual([own, own]);
  });

  test("may override a header of the config in any case, and remove one", async () => {
    const auth: AuthFunction = ({ url, headers }) => {
      const { "x-remove": _removed, ...kept } = headers;
      return { url, headers: { ...kept, Authorization: "Own 1" } };
    };
    await using api = await start(auth, ok, { headers: { authorization: "Old 0", "X-Remove": "me" } });
    await api.get();
    expect(api.seen[0]?.headers.authorization).toBe("Own 1");
    expect(api.seen[0]?.headers).not.toHaveProperty("x-remove");
  });

  test("may return Headers, or numbers as header values", async () => {
    const headers = new Headers({ "X-Api-Key": "abc" });
    await using api = await start(({ url }) => ({ url, headers: headers as never }));
    await api.get();
    expect(api.seen[0]?.headers["x-api-key"]).toBe("abc");
    await using numbers = await start(({ url }) => ({ url, headers: { "x-time": 17 as never } }));
    await numbers.get();
    expect(numbers.seen[0]?.headers["x-time"]).toBe("17");
  });

  test("may be async and read the secret, whose value is then redacted everywhere", async () => {
    await using api = await start(async (request, { text }) => {
      const [key, literal] = await Promise.all([text({ secret: "key" }), text("as it is")]);
      return { ...request, headers: { ...request.headers, "x-key": `${key} ${literal}` } };
    });
    await api.get();
    expect(api.seen[0]?.headers["x-key"]).toBe(`${KEY} as it is`);
    expect(api.redactor.redact(`sent ${KEY}, ${Buffer.from(KEY).toString("base64")}`)).toBe("sent ***, ***");
  });

  test("may conceal a string, which then appears in no message, in whatever encoding the API echoes it", async () => {
    await using api = await start(
      (request, { conceal }) => {
        conceal(SIGNATURE);
        request.url.searchParams.set("sig", SIGNATURE);
        return request;
      },
      ({ url }, response) => response.writeHead(400).end(`bad signature: ${url} (${SIGNATURE})`),
    );
    const thrown = await rejection(api.get());
    expect(thrown).toMatchObject({ message: expect.stringContaining("bad signature") });
    expectNoKey(SIGNATURE, thrown, api.logged);
    expect(api.redactor.isIn(JSON.stringify({ echoed: SIGNATURE }))).toBe(true);
  });

  test("is called for every request, including redirects and retries", async () => {
    let calls = 0;
    await using api = await start(
      (request) => ({ ...request, headers: { nonce: String(++calls) } }),
      ({ url }, response, number) => {
        if (url === "/old") return response.writeHead(302, { location: "/new" }).end();
        return json(response, [], number === 1 ? 503 : 200);
      },
    );
    await api.get("/old");
    expect(api.seen.map(({ headers }) => headers.nonce)).toEqual(["1", "2", "3", "4"]);
  });
});

describe("an auth function whose credentials the API refuses", () => {
  /** Keeps a session, as after a login. */
  const sessions = () => {
    const renewals: boolean[] = [];
    let session = 0;
    const auth: AuthFunction = async (request, { text, renew }) => {
      renewals.push(renew);
      if (session === 0 || renew) session++;
      return { ...request, headers: { session: `${session} with ${await text({ secret: "key" })}` } };
    };
    return { auth, renewals };
  };

  test.each([401, 403])("is called once with renew after %i, and the secret is reloaded", async (status) => {
    const { auth, renewals } = sessions();
    await using api = await start(
      auth,
      ({ headers }, response) => json(response, [], headers.session === "2 with new-key-1" ? 200 : status),
      { secret: ["old-key-1", "new-key-1"] },
    );
    await api.get();
    await api.get();
    expect(renewals).toEqual([false, true, false]);
    expect(api.reads).toEqual([false, true, false]);
    expect(api.sleeps).toEqual([]);
  });

  test("is called with renew for the first request only, when a redirect follows", async () => {
    const { auth, renewals } = sessions();
    await using api = await start(auth, ({ url, headers }, response) => {
      if (url === "/old") return response.writeHead(302, { location: "/new" }).end();
      return json(response, [], headers.session?.includes("2 with") ? 200 : 401);
    });
    await api.get("/old");
    expect(renewals).toEqual([false, false, true, false]);
  });

  test("twice fails with an AuthError, even if it uses no secret", async () => {
    await using api = await start(
      (request) => request,
      (_, response) => json(response, {}, 401),
    );
    expect(await rejection(api.get())).toMatchObject({
      name: "AuthError",
      message:
        "the API returned 401 ({}) again after the auth function was called to renew its credentials: check what it sends",
    });
    expect(api.seen).toHaveLength(2);
  });
});

describe("a broken auth function fails with a ConfigError before any request", () => {
  const expectRefused = async (auth: AuthFunction, message: RegExp, name = "ConfigError") => {
    await using api = await start(auth, ok);
    const thrown = await rejection(api.get());
    expect(thrown).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(api.seen).toEqual([]);
    expect(api.sleeps).toEqual([]);
    return { thrown, logged: api.logged };
  };

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a string", "Bearer abc"],
    ["a promise of nothing", Promise.resolve()],
    ["an empty object", {}],
    ["a URL as text", { url: "http://127.0.0.1/", headers: {} }],
    ["no headers", { url: new URL("http://127.0.0.1/") }],
    ["headers as a list", { url: new URL("http://127.0.0.1/"), headers: [["a", "b"]] }],
    ["headers as text", { url: new URL("http://127.0.0.1/"), headers: "a: b" }],
  ])("when it returns %s", async (_, made) => {
    await expectRefused(returning(made), /^the auth function returned .*: return the request as \{ url, headers \}$/);
  });

  test.each([
    [
      "an undefined value",
      { key: undefined },
      /^the auth function set header key to nothing: set a string or a number$/,
    ],
    ["an object as a value", { key: {} }, /set header key to an object: set a string or a number/],
    ["a line break in a value", { key: "a\nb" }, /^the value contains a character that is not allowed in header key/],
    ["an invalid name", { "x key": "a" }, /^"x key" is not a valid header name$/],
    ["an empty name", { "": "a" }, /^"" is not a valid header name$/],
  ])("when it sets %s", async (_, headers, message) => {
    await expectRefused(({ url }) => ({ url, headers: headers as never }), message);
  });

  test("when it sends the request to another origin", async () => {
    await using thief = await startServer(ok);
    await expectRefused(
      ({ headers }) => ({ url: new URL(thief.url), headers }),
      new RegExp(`^the auth function sends the request to another origin, ${thief.url}: refused$`),
    );
    expect(thief.seen).toEqual([]);
  });

  test("when it changes the origin of the URL that it got", async () => {
    await using thief = await startServer(ok);
    await expectRefused((request) => {
      request.url.host = new URL(thief.url).host;
      return request;
    }, /sends the request to another origin/);
    expect(thief.seen).toEqual([]);
  });

  test("when it puts a user into the URL, which fetch refuses", async () => {
    await expectRefused((request) => {
      request.url.username = "me";
      return request;
    }, /^the auth function puts a user or a password into the URL/);
  });

  test("when it calls text() with an option that is not set", async () => {
    await expectRefused(
      async (request, { text }) => ({ ...request, headers: { key: await text(undefined as never) } }),
      /^the auth function called text\(\) with nothing: pass a string or a secret$/,
    );
  });

  const FAILURES: [string, (key: string) => unknown, RegExp][] = [
    ["an error", (key) => new Error(`no login with ${key}`), /^the auth function threw Error: no login with \*\*\*$/],
    [
      "an error with a cause",
      (key) => new Error("no", { cause: new Error(key) }),
      /^the auth function threw Error: no$/,
    ],
    ["a string", (key) => `no ${key}`, /^the auth function threw 'no \*\*\*'$/],
    ["nothing", () => undefined, /^the auth function threw undefined$/],
    [
      "an object without a prototype",
      () => Object.create(null),
      /^the auth function threw \[Object: null prototype\] \{\}$/,
    ],
  ];
  test.each(FAILURES)(
    "when it throws %s, synchronously or not, without the concealed text in the message or its causes",
    async (_, make, message) => {
      const throwing = ({ conceal }: AuthTools) => {
        conceal(KEY);
        throw make(KEY);
      };
      const later: AuthFunction = async (_request, tools) => throwing(tools);
      for (const auth of [(_request: AuthRequest, tools: AuthTools) => throwing(tools), later]) {
        const { thrown, logged } = await expectRefused(auth as AuthFunction, message, "AuthError");
        expectNoKey(KEY, thrown, logged);
      }
    },
  );

  test("when it throws, with a cause that names the line", async () => {
    const { thrown } = await expectRefused(() => {
      throw new TypeError("x is undefined");
    }, /TypeError: x is undefined/);
    expect((thrown as Error).cause).toMatchObject({
      name: "TypeError",
      stack: expect.stringContaining("auth-functions.test.ts"),
    });
  });

  test("when it throws a long message, of which only the beginning is quoted", async () => {
    const { thrown } = await expectRefused(
      () => {
        throw new Error(`${"word ".repeat(1000)}\n${KEY}`);
      },
      /^the auth function threw Error: word/,
      "AuthError",
    );
    expect((thrown as Error).message.length).toBeLessThan(300);
  });

  test("when its own request fails, as a failed connection", async () => {
    await expectRefused(
      async (request) => {
        await fetch("http://127.0.0.1:65535/login");
        return request;
      },
      /^the auth function threw TypeError: fetch failed$/,
      "HttpError",
    );
  });

  test("unless it throws a subclass of RestlakeError, such as SecretError, which is kept", async () => {
    await using api = await start(
      async (request, { text }) => {
        await text({ secret: "absent" });
        return request;
      },
      ok,
      { secret: ["{}"] },
    );
    expect(await rejection(api.get())).toBeInstanceOf(SecretError);
  });
});

test("an auth function whose login is refused is called again once, with the reloaded secret", async () => {
  const calls: boolean[] = [];
  const login: AuthFunction = async ({ url, headers }, { text, renew }) => {
    calls.push(renew);
    const password = await text({ secret: "password" });
    if (password !== "new-password") throw new Error("login refused");
    return { url, headers: { ...headers, authorization: password } };
  };
  await using api = await start(login, ok, { secret: ["old-password", "new-password"] });
  expect(await api.get()).toMatchObject({ status: 200 });
  expect(calls).toEqual([false, true]);
  expect(api.seen.map(({ headers }) => headers.authorization)).toEqual(["new-password"]);
});

describe("an auth function that never finishes", () => {
  const never = () => new Promise<never>(() => {});

  test("fails the attempt after request_timeout, and in the end fails with a TimeoutError that names it", async () => {
    const outlastsItsTime: AuthFunction = () => {
      api.elapse(10);
      return never();
    };
    await using api = await start(outlastsItsTime);
    expect(await rejection(api.get())).toMatchObject({
      name: "TimeoutError",
      message: "the auth function did not finish within 10 s (after 3 retries)",
    });
    expect(api.sleeps).toHaveLength(3);
  });

  test("is abandoned with the reason of the signal", async () => {
    const stop = new AbortController();
    const context = { redactor: createRedactor(), clock: systemClock, timeout: 3600, signal: stop.signal };
    const calling = rejection(callCallback("it", never, context));
    stop.abort("over");
    expect(await calling).toBe("over");
    expect(await rejection(callCallback("it", () => "never called", context))).toBe("over");
  });

  test("is abandoned when the invocation ends", async () => {
    const stop = new AbortController();
    const isStopped: AuthFunction = () => {
      stop.abort();
      return never();
    };
    await using api = await start(isStopped, ok, { stop: stop.signal });
    expect(await rejection(api.get())).toMatchObject({ reason: "budget" });
  });
});

describe("a registered auth", () => {
  const signed = registerAuth<{ key: { secret: string }; realm?: string }>(
    "signed_for_auth_functions_test",
    async ({ url, headers }, { text }, { key, realm = "none", ...more }) => ({
      url,
      headers: { ...headers, signed: `${await text(key)} in ${realm}, ${Object.keys(more).length} more` },
    }),
  );

  test("gets its options without its type", async () => {
    await using api = await startClient(ok, { auth: signed({ key: { secret: "key" }, realm: "here" }), secret: [KEY] });
    await api.get();
    expect(api.seen[0]?.headers.signed).toBe(`${KEY} in here, 0 more`);
  });

  test("gets the reloaded secret after a 401", async () => {
    await using api = await startClient(
      ({ headers }, response) => json(response, [], headers.signed === "new-key-1 in none, 0 more" ? 200 : 401),
      { auth: signed({ key: { secret: "key" } }), secret: ["old-key-1", "new-key-1"] },
    );
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.reads).toEqual([false, true]);
  });

  test("that is not registered fails with a ConfigError", async () => {
    await using api = await startClient(ok, { auth: { type: "unheard_of" } });
    expect(await rejection(api.get())).toMatchObject({
      name: "ConfigError",
      message: 'unknown auth "unheard_of": register it with registerAuth',
    });
  });
});
