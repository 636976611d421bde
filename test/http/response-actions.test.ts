import { describe, expect, test } from "vitest";
import type { ResponseFunction } from "../../lib/config/callbacks.ts";
import type { HttpOptions } from "../../lib/http/client.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { expectNoKey } from "./leaks.fixture.ts";
import { json, type Responder } from "./server.ts";

type Action = HttpOptions["response_actions"][number];
type Setup = NonNullable<Parameters<typeof startClient>[1]>;

const KEY = "sk-live-0123456789abcdef";

const on = (when: { status_code?: number; content?: string }, ...actions: Action["actions"]): Action => ({
  status_code: when.status_code ?? null,
  content: when.content ?? null,
  actions,
});

/** Starts a client with these actions. The server always returns the same response unless a function is given. */
const start = (response_actions: Action[], respond: Responder | [number, unknown], setup: Setup = {}) =>
  startClient(Array.isArray(respond) ? (_, response) => json(response, respond[1], respond[0]) : respond, {
    response_actions,
    ...setup,
  });

const IGNORED = { ignored: true, body: null };

describe("an action", () => {
  test.each([
    ["is applied if the status matches", on({ status_code: 404 }, "ignore"), true],
    ["is not applied to another status", on({ status_code: 405 }, "ignore"), false],
    ["is applied if the content matches", on({ content: "not here" }, "ignore"), true],
    ["is not applied to content in another case", on({ content: "Not Here" }, "ignore"), false],
    ["is applied if status and content match", on({ status_code: 404, content: "not here" }, "ignore"), true],
    ["is not applied if only the status matches", on({ status_code: 404, content: "gone" }, "ignore"), false],
    ["is not applied if only the content matches", on({ status_code: 410, content: "not here" }, "ignore"), false],
  ])("%s", async (_, action, isIgnored) => {
    await using api = await start([action], [404, { message: "it is not here" }]);
    const result = api.get().catch((error: Error) => error.name);
    if (isIgnored) expect(await result).toMatchObject({ ...IGNORED, status: 404 });
    else expect(await result).toBe("HttpError");
    expect(api.seen).toHaveLength(1);
  });

  test("is applied to the content of successful responses, too", async () => {
    await using api = await start([on({ content: "no data yet" }, "ignore")], [200, { error: "no data yet" }]);
    expect(await api.get()).toMatchObject({ ...IGNORED, status: 200 });
  });

  test("is applied after all others that match before it in the config, until one decides", async () => {
    const calls: string[] = [];
    const note =
      (name: string, result?: "ignore"): ResponseFunction =>
      () => {
        calls.push(name);
        return result;
      };
    await using api = await start(
      [
        on({}, note("1")),
        on({ status_code: 500 }, note("never")),
        on({ status_code: 404 }, note("2"), note("3")),
        on({ content: "x" }, note("4", "ignore"), note("never")),
        on({}, note("never")),
      ],
      [404, "x"],
    );
    expect(await api.get()).toMatchObject(IGNORED);
    expect(calls).toEqual(["1", "2", "3", "4"]);
  });

  test("that returns nothing changes nothing: a 404 stays an error, a 200 stays a success", async () => {
    const seen: unknown[] = [];
    const inspect: ResponseFunction = ({ status, headers, text }) => {
      seen.push([status, headers.get("content-type"), text]);
    };
    await using bad = await start([on({ status_code: 404 }, inspect)], [404, "no"]);
    expect(await rejection(bad.get())).toMatchObject({ name: "HttpError", message: 'the API returned 404: "no"' });
    await using good = await start([on({}, inspect)], [200, [1]]);
    expect((await good.get()).body).toEqual([1]);
    expect(seen).toEqual([
      [404, "application/json", '"no"'],
      [200, "application/json", "[1]"],
    ]);
  });
});

describe("a change by a function", () => {
  test("of the status applies to the actions after it, and to the result", async () => {
    const actions = [
      on({ status_code: 404 }, () => ({ status: 299 })),
      on({ status_code: 404 }, "ignore"),
      on({ status_code: 299 }, async () => ({ status: 200 })),
    ];
    await using api = await start(actions, [404, { rows: [] }]);
    expect(await api.get()).toMatchObject({ status: 200, ignored: false, body: { rows: [] } });
  });

  test("of the text applies to the actions after it, in the same entry and the next, and to the body", async () => {
    const actions = [
      on(
        { content: "((" },
        ({ text }) => ({ text: text.replace("((", "[") }),
        ({ text }) => ({ text: `${text}]` }),
      ),
      on({ content: "((" }, "ignore"),
      on({ content: "[1]" }, ({ text }) => ({ text: text.replace("1", "9007199254740993") })),
    ];
    await using api = await start(actions, (_, response) => response.end("((1"));
    expect((await api.get()).body).toEqual([9007199254740993n]);
  });

  test("of a header applies to the headers of the response", async () => {
    const link: ResponseFunction = ({ headers }) => headers.set("link", '</next>; rel="next"');
    await using api = await start([on({}, link)], [200, []]);
    expect((await api.get()).headers.get("link")).toBe('</next>; rel="next"');
  });

  test("to an error status fails like that status", async () => {
    await using missing = await start([on({ content: "none" }, () => ({ status: 404 }))], [200, "none"]);
    expect(await rejection(missing.get())).toMatchObject({
      name: "HttpError",
      message: 'the API returned 404: "none"',
    });
    expect(missing.seen).toHaveLength(1);
    await using busy = await start([on({ content: "busy" }, () => ({ status: 503, text: "later" }))], [200, "busy"]);
    expect(await rejection(busy.get())).toMatchObject({ message: "the API returned 503: later (after 3 retries)" });
    expect(busy.seen).toHaveLength(4);
    await using limited = await start([on({ content: "busy" }, () => ({ status: 429 }))], [403, "busy"]);
    expect(await rejection(limited.get())).toMatchObject({ name: "ThrottledError" });
    await using refused = await start([on({ content: "login" }, () => ({ status: 401 }))], [200, "login"]);
    expect(await rejection(refused.get())).toMatchObject({ name: "AuthError" });
    expect(refused.reads).toEqual([false, true]);
  });
});

describe("ignore", () => {
  test.each([503, 429])("is applied before a %i is retried", async (status) => {
    await using api = await start([on({ status_code: status }, "ignore")], [status, {}]);
    expect(await api.get()).toMatchObject(IGNORED);
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
  });

  test.each([401, 403])("is applied before the secret is reloaded after a %i", async (status) => {
    await using api = await start([on({ status_code: status }, "ignore")], [status, {}]);
    expect(await api.get()).toMatchObject(IGNORED);
    expect(api.seen).toHaveLength(1);
    expect(api.reads).toEqual([false]);
  });

  test("needs no JSON, and skips the validation", async () => {
    await using api = await start([on({ status_code: 404 }, "ignore")], (_, response) =>
      response.writeHead(404, { "content-type": "text/html" }).end("<h1>gone"),
    );
    expect(await api.get("/", 0, () => "inconsistent")).toMatchObject(IGNORED);
    expect(api.seen).toHaveLength(1);
  });
});

describe("retry", () => {
  const LATER = on({ content: "come back" }, "retry");
  const notReady =
    (times: number, status = 200, headers: Record<string, string> = {}): Responder =>
    (_, response, number) =>
      number < times ? json(response, { message: "come back" }, status, headers) : json(response, [number]);

  test.each([200, 202, 404, 400, 503])("repeats the request after a %i, as after a failure", async (status) => {
    await using api = await start([LATER], notReady(2, status), { random: () => 1 });
    expect((await api.get()).body).toEqual([2]);
    expect(api.sleeps).toEqual([2, 4]);
    expect(api.client.stats).toMatchObject({ requests: 3, retries: 2 });
  });

  test("applies Retry-After and min_retry_after, inline or by the state machine, and counts as an attempt", async () => {
    await using api = await start([LATER], notReady(1, 202, { "retry-after": "7" }));
    await api.get();
    expect(api.sleeps).toEqual([7]);
    await using least = await start([LATER], notReady(1), { error_handler: { min_retry_after: 5 } });
    await least.get();
    expect(least.sleeps).toEqual([5]);
    await using long = await start([LATER], notReady(1, 200, { "retry-after": "60" }));
    expect(await rejection(long.get("/", 1))).toMatchObject({
      reason: "throttled",
      retry_after_seconds: 60,
      attempts: 2,
    });
  });

  test.each([
    [200, "HttpError", /^the API returned 200: \{"message":"come back"\} \(after 3 retries\)$/],
    [404, "HttpError", /^the API returned 404: .* \(after 3 retries\)$/],
    [429, "ThrottledError", /^the API returned 429: .* \(after 3 retries\)/],
  ])("without success fails with the error of a %i", async (status, name, message) => {
    await using api = await start([LATER], notReady(99, status));
    expect(await rejection(api.get())).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(api.seen).toHaveLength(4);
  });

  test("without success fails with the error of the status that a function set before it", async () => {
    const actions = [
      on(
        { content: "quota" },
        () => ({ status: 429 }),
        () => "retry" as const,
      ),
    ];
    await using api = await start(actions, [200, "over quota"]);
    expect(await rejection(api.get())).toMatchObject({ name: "ThrottledError" });
  });

  test("of a 401 does not reload the secret", async () => {
    await using api = await start([on({ status_code: 401 }, "retry")], (_, response, number) =>
      json(response, [], number === 0 ? 401 : 200),
    );
    await api.get();
    expect(api.reads).toEqual([false, false]);
    expect(api.sleeps).toHaveLength(1);
  });
});

describe("a body that is not JSON", () => {
  test("is searched for content even if it is not UTF-8, and is still an error", async () => {
    const respond: Responder = (_, response) => response.end(Buffer.from("[1] caf\xe9 not here", "latin1"));
    await using ignored = await start([on({ content: "not here" }, "ignore")], respond);
    expect(await ignored.get()).toMatchObject(IGNORED);
    await using inspected = await start([on({}, () => undefined)], respond);
    expect(await rejection(inspected.get())).toMatchObject({
      name: "ResponseError",
      message: expect.stringContaining("is not valid UTF-8"),
    });
  });

  test("is given to a function without its byte order mark", async () => {
    const unwrap: ResponseFunction = ({ text }) => ({ text: JSON.stringify(JSON.parse(text).inner) });
    await using api = await start([on({}, unwrap)], (_, response) => response.end('\ufeff{"inner":[1]}'));
    expect((await api.get()).body).toEqual([1]);
  });

  test("may be converted to JSON by a function", async () => {
    const csv: ResponseFunction = ({ text }) => ({ text: JSON.stringify(text.trim().split("\n")) });
    await using api = await start([on({}, csv)], (_, response) => response.end("a\nb\n"));
    expect((await api.get()).body).toEqual(["a", "b"]);
  });
});

describe("a broken function fails with a ConfigError without retries", () => {
  const expectRefused = async (action: unknown, message: RegExp, respond: [number, unknown] = [200, []]) => {
    await using api = await start([on({}, action as ResponseFunction)], respond, { secret: [KEY] });
    const thrown = await rejection(api.get());
    expect(thrown).toMatchObject({ name: "ConfigError", message: expect.stringMatching(message) });
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
    expectNoKey(KEY, thrown, api.logged);
    return thrown as Error;
  };

  test.each([
    ["true", true],
    ["another word", "skip"],
    ["a number", 404],
    ["a list", ["ignore"]],
    ["an empty list", []],
    ["a status as text", { status: "200" }],
    ["an invalid status", { status: 42 }],
    ["a fractional status", { status: 200.5 }],
    ["an object as text", { text: { rows: [] } }],
    ["an unknown key", { body: "[]" }],
    ["a Response", new Response("[]")],
    ["a promise of a number", Promise.resolve(1)],
  ])("when it returns %s", async (_, made) => {
    await expectRefused(
      () => made,
      /^a function of response_actions returned .*: return nothing, "ignore", "retry", "fail" or/,
    );
  });

  test.each([
    ["an error", (text: string) => new Error(text), /^a function of response_actions threw Error: "you sent \*\*\*/],
    ["a string", (text: string) => text, /^a function of response_actions threw .*you sent \*\*\*/],
    ["nothing", () => undefined, /^a function of response_actions threw undefined$/],
  ])("when it throws %s of the body, of which a short, redacted excerpt is quoted", async (_, make, message) => {
    const body = `you sent ${KEY} ${"and so on ".repeat(100)}END`;
    const at = (text: string) => {
      throw make(text);
    };
    const once = await expectRefused(({ text }: { text: string }) => at(text), message, [200, body]);
    await expectRefused(async ({ text }: { text: string }) => at(text), message, [200, body]);
    expect(once.message.length).toBeLessThan(300);
    expect(JSON.stringify([once.stack, String((once.cause as Error | undefined)?.stack)])).not.toContain("END");
  });

  test("when it throws, with a cause that names the line", async () => {
    const thrown = await expectRefused(({ text }: { text: string }) => JSON.parse(`${text}]`), /SyntaxError/);
    expect(thrown.cause).toMatchObject({ stack: expect.stringContaining("response-actions.test.ts") });
  });

  test("unless it never finishes: the attempt fails after request_timeout, and is abandoned when the invocation ends", async () => {
    const outlastsItsTime: ResponseFunction = () => {
      api.elapse(10);
      return new Promise(() => {});
    };
    await using api = await start([on({}, outlastsItsTime)], [200, []], { error_handler: { max_retries: 0 } });
    expect(await rejection(api.get())).toMatchObject({
      name: "TimeoutError",
      message: "a function of response_actions did not finish within 10 s",
    });
    const stop = new AbortController();
    const isStopped: ResponseFunction = () => {
      stop.abort();
      return new Promise(() => {});
    };
    await using stopped = await start([on({}, isStopped)], [200, []], { stop: stop.signal });
    expect(await rejection(stopped.get())).toMatchObject({ reason: "budget" });
  });
});
