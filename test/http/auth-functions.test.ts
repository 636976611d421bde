import { describe, expect, test } from "vitest";
import type { AuthFunction, AuthRequest, AuthTools } from "../../lib/config/callbacks.ts";
import { registerAuth } from "../../lib/config/registry.ts";
import { SecretError } from "../../lib/errors/index.ts";
import { callOwnFunction } from "../../lib/http/callback.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { systemClock } from "../../lib/time/clock.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { expectNoKey } from "./leaks.fixture.ts";
import { type Answer, json, startServer } from "./server.ts";

const KEY = "sk-live-0123456789abcdef";
const SIGNATURE = `p+/=&?#%41 "'<>\\$&-signature`;
const ok: Answer = (_, response) => json(response, []);

type Setup = NonNullable<Parameters<typeof startClient>[1]>;

const start = (auth: AuthFunction, answer: Answer = ok, setup: Setup = {}) =>
  startClient(answer, { auth, secret: [KEY], ...setup });

/** An auth that its types would not let pass. */
const rubbish = (made: unknown): AuthFunction => (() => made) as unknown as AuthFunction;

describe("an auth function", () => {
  test("sees the method and the body as it goes out, so that both can be signed", async () => {
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

  test("adds headers in any case and parameters to the request, which is its own copy", async () => {
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

  test("overrides a header of the config, whatever the case, and may take one away", async () => {
    const auth: AuthFunction = ({ url, headers }) => {
      const { "x-remove": _removed, ...kept } = headers;
      return { url, headers: { ...kept, Authorization: "Own 1" } };
    };
    await using api = await start(auth, ok, { headers: { authorization: "Old 0", "X-Remove": "me" } });
    await api.get();
    expect(api.seen[0]?.headers.authorization).toBe("Own 1");
    expect(api.seen[0]?.headers).not.toHaveProperty("x-remove");
  });

  test("may return Headers, and numbers as values", async () => {
    const headers = new Headers({ "X-Api-Key": "abc" });
    await using api = await start(({ url }) => ({ url, headers: headers as never }));
    await api.get();
    expect(api.seen[0]?.headers["x-api-key"]).toBe("abc");
    await using numbers = await start(({ url }) => ({ url, headers: { "x-time": 17 as never } }));
    await numbers.get();
    expect(numbers.seen[0]?.headers["x-time"]).toBe("17");
  });

  test("may be async, reads the secret, and what it read is masked everywhere", async () => {
    await using api = await start(async (request, { text }) => {
      const [key, literal] = await Promise.all([text({ secret: "key" }), text("as it is")]);
      return { ...request, headers: { ...request.headers, "x-key": `${key} ${literal}` } };
    });
    await api.get();
    expect(api.seen[0]?.headers["x-key"]).toBe(`${KEY} as it is`);
    expect(api.redactor.redact(`sent ${KEY}, ${Buffer.from(KEY).toString("base64")}`)).toBe("sent ***, ***");
  });

  test("declares what it made itself a secret: no message holds that, in whatever form it comes back", async () => {
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

  test("is called for each request that goes out, redirects and retries included", async () => {
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

describe("a refused auth function", () => {
  /** Keeps a session, as a login would give it. */
  const sessions = () => {
    const told: boolean[] = [];
    let session = 0;
    const auth: AuthFunction = async (request, { text, renew }) => {
      told.push(renew);
      if (session === 0 || renew) session++;
      return { ...request, headers: { session: `${session} with ${await text({ secret: "key" })}` } };
    };
    return { auth, told };
  };

  test.each([401, 403])("after %i is told once to renew, with the secret read anew", async (status) => {
    const { auth, told } = sessions();
    await using api = await start(
      auth,
      ({ headers }, response) => json(response, [], headers.session === "2 with new-key-1" ? 200 : status),
      { secret: ["old-key-1", "new-key-1"] },
    );
    await api.get();
    await api.get();
    expect(told).toEqual([false, true, false]);
    expect(api.reads).toEqual([false, true, false]);
    expect(api.sleeps).toEqual([]);
  });

  test("is told so for the first request only where a redirect follows", async () => {
    const { auth, told } = sessions();
    await using api = await start(auth, ({ url, headers }, response) => {
      if (url === "/old") return response.writeHead(302, { location: "/new" }).end();
      return json(response, [], headers.session?.includes("2 with") ? 200 : 401);
    });
    await api.get("/old");
    expect(told).toEqual([false, false, true, false]);
  });

  test("twice is an AuthError, also when it uses no secret at all", async () => {
    await using api = await start(
      (request) => request,
      (_, response) => json(response, {}, 401),
    );
    expect(await rejection(api.get())).toMatchObject({
      name: "AuthError",
      message:
        "the API answered 401, also when the auth function was called to renew what it adds: check what it sends",
    });
    expect(api.seen).toHaveLength(2);
  });
});

describe("an auth function that does not work is a ConfigError at once, and nothing is sent", () => {
  const expectRefused = async (auth: AuthFunction, message: RegExp, setup?: Setup) => {
    await using api = await start(auth, ok, setup);
    const thrown = await rejection(api.get());
    expect(thrown).toMatchObject({ name: "ConfigError", message: expect.stringMatching(message) });
    expect(api.seen).toEqual([]);
    expect(api.sleeps).toEqual([]);
    return { thrown, logged: api.logged };
  };

  test.each([
    ["nothing", undefined],
    ["null", null],
    ["a text", "Bearer abc"],
    ["a promise of nothing", Promise.resolve()],
    ["an empty object", {}],
    ["a URL as text", { url: "http://127.0.0.1/", headers: {} }],
    ["no headers", { url: new URL("http://127.0.0.1/") }],
    ["headers as a list", { url: new URL("http://127.0.0.1/"), headers: [["a", "b"]] }],
    ["headers as text", { url: new URL("http://127.0.0.1/"), headers: "a: b" }],
  ])("that returns %s", async (_, made) => {
    await expectRefused(rubbish(made), /^the auth function returned .*: return the request as \{ url, headers \}$/);
  });

  test.each([
    ["a value that is missing", { key: undefined }, /^the auth function gave the header key a value that is no text$/],
    ["an object for a value", { key: {} }, /gave the header key a value that is no text/],
    ["a line break in a value", { key: "a\nb" }, /^header key holds a character that it cannot carry/],
    ["a name that is none", { "x key": "a" }, /^"x key" cannot be the name of a header$/],
    ["an empty name", { "": "a" }, /^"" cannot be the name of a header$/],
  ])("that makes %s", async (_, headers, message) => {
    await expectRefused(({ url }) => ({ url, headers: headers as never }), message);
  });

  test("that sends the request to another origin", async () => {
    await using thief = await startServer(ok);
    await expectRefused(
      ({ headers }) => ({ url: new URL(thief.url), headers }),
      new RegExp(`^the auth function sends the request to another origin, ${thief.url}: refused$`),
    );
    expect(thief.seen).toEqual([]);
  });

  test("that turns the request's own URL to another origin", async () => {
    await using thief = await startServer(ok);
    await expectRefused((request) => {
      request.url.host = new URL(thief.url).host;
      return request;
    }, /sends the request to another origin/);
    expect(thief.seen).toEqual([]);
  });

  test("that puts a user into the URL, which no request can have", async () => {
    await expectRefused((request) => {
      request.url.username = "me";
      return request;
    }, /^the auth function puts a user or a password into the URL/);
  });

  test("that asks for the text of an option nobody gave", async () => {
    await expectRefused(
      async (request, { text }) => ({ ...request, headers: { key: await text(undefined as never) } }),
      /^the auth function asks for the text of something that is neither a text nor a secret$/,
    );
  });

  const FAILURES: [string, (key: string) => unknown, RegExp][] = [
    ["an error", (key) => new Error(`no login with ${key}`), /^the auth function threw Error: no login with \*\*\*$/],
    [
      "an error with a cause",
      (key) => new Error("no", { cause: new Error(key) }),
      /^the auth function threw Error: no$/,
    ],
    ["a text", (key) => `no ${key}`, /^the auth function threw 'no \*\*\*'$/],
    ["nothing", () => undefined, /^the auth function threw undefined$/],
    [
      "an object without a prototype",
      () => Object.create(null),
      /^the auth function threw \[Object: null prototype\] \{\}$/,
    ],
  ];
  test.each(FAILURES)(
    "that throws %s, at once or later; no concealed text is in the message or its causes",
    async (_, make, message) => {
      const throwing = ({ conceal }: AuthTools) => {
        conceal(KEY);
        throw make(KEY);
      };
      const later: AuthFunction = async (_request, tools) => throwing(tools);
      for (const auth of [(_request: AuthRequest, tools: AuthTools) => throwing(tools), later]) {
        const { thrown, logged } = await expectRefused(auth as AuthFunction, message);
        expectNoKey(KEY, thrown, logged);
      }
    },
  );

  test("that throws: the cause says in which line", async () => {
    const { thrown } = await expectRefused(() => {
      throw new TypeError("x is undefined");
    }, /TypeError: x is undefined/);
    expect((thrown as Error).cause).toMatchObject({
      name: "TypeError",
      stack: expect.stringContaining("auth-functions.test.ts"),
    });
  });

  test("that throws a book: only its beginning is quoted", async () => {
    const { thrown } = await expectRefused(() => {
      throw new Error(`${"word ".repeat(1000)}\n${KEY}`);
    }, /^the auth function threw Error: word/);
    expect((thrown as Error).message.length).toBeLessThan(300);
  });

  test("but an error of the family, such as a missing secret, is what it is", async () => {
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

describe("an auth function that never ends", () => {
  const never = () => new Promise<never>(() => {});

  test("is a failed attempt after request_timeout, then a TimeoutError that names it", async () => {
    const outlastsItsTime: AuthFunction = () => {
      api.elapse(10);
      return never();
    };
    await using api = await start(outlastsItsTime);
    expect(await rejection(api.get())).toMatchObject({
      name: "TimeoutError",
      message: "the auth function did not end within 10 s (after 3 retries)",
    });
    expect(api.sleeps).toHaveLength(3);
  });

  test("ends with what the signal says", async () => {
    const stop = new AbortController();
    const context = { redactor: createRedactor(), clock: systemClock, timeout: 3600, signal: stop.signal };
    const calling = rejection(callOwnFunction("it", never, context));
    stop.abort("over");
    expect(await calling).toBe("over");
    expect(await rejection(callOwnFunction("it", () => "never called", context))).toBe("over");
  });

  test("ends with the invocation", async () => {
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

  test("gets its options, and not its type", async () => {
    await using api = await startClient(ok, { auth: signed({ key: { secret: "key" }, realm: "here" }), secret: [KEY] });
    await api.get();
    expect(api.seen[0]?.headers.signed).toBe(`${KEY} in here, 0 more`);
  });

  test("has its secrets read anew after a 401", async () => {
    await using api = await startClient(
      ({ headers }, response) => json(response, [], headers.signed === "new-key-1 in none, 0 more" ? 200 : 401),
      { auth: signed({ key: { secret: "key" } }), secret: ["old-key-1", "new-key-1"] },
    );
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.reads).toEqual([false, true]);
  });

  test("that nobody registered here is a ConfigError", async () => {
    await using api = await startClient(ok, { auth: { type: "unheard_of" } });
    expect(await rejection(api.get())).toMatchObject({
      name: "ConfigError",
      message: 'there is no auth named "unheard_of"',
    });
  });
});
