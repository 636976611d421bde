import { describe, expect, test } from "vitest";
import type { ResponseFunction } from "../../lib/config/callbacks.ts";
import type { HttpOptions } from "../../lib/http/client.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { expectNoKey } from "./leaks.fixture.ts";
import { type Answer, json } from "./server.ts";

type Action = HttpOptions["response_actions"][number];
type Setup = NonNullable<Parameters<typeof startClient>[1]>;

const KEY = "sk-live-0123456789abcdef";

const on = (when: { status_code?: number; content?: string }, ...actions: Action["actions"]): Action => ({
  status_code: when.status_code ?? null,
  content: when.content ?? null,
  actions,
});

/** A client whose answers these actions look at; always the same answer unless it is a function. */
const start = (response_actions: Action[], answer: Answer | [number, unknown], setup: Setup = {}) =>
  startClient(Array.isArray(answer) ? (_, response) => json(response, answer[1], answer[0]) : answer, {
    response_actions,
    ...setup,
  });

const IGNORED = { ignored: true, body: null };

describe("which action applies", () => {
  test.each([
    ["the status", on({ status_code: 404 }, "ignore"), true],
    ["another status", on({ status_code: 405 }, "ignore"), false],
    ["the content", on({ content: "not here" }, "ignore"), true],
    ["another content", on({ content: "Not Here" }, "ignore"), false],
    ["both", on({ status_code: 404, content: "not here" }, "ignore"), true],
    ["the status without the content", on({ status_code: 404, content: "gone" }, "ignore"), false],
    ["the content without the status", on({ status_code: 410, content: "not here" }, "ignore"), false],
  ])("%s", async (_, action, isIgnored) => {
    await using api = await start([action], [404, { message: "it is not here" }]);
    const result = api.get().catch((error: Error) => error.name);
    if (isIgnored) expect(await result).toMatchObject({ ...IGNORED, status: 404 });
    else expect(await result).toBe("HttpError");
    expect(api.seen).toHaveLength(1);
  });

  test("content is looked for in good answers, too", async () => {
    await using api = await start([on({ content: "no data yet" }, "ignore")], [200, { error: "no data yet" }]);
    expect(await api.get()).toMatchObject({ ...IGNORED, status: 200 });
  });

  test("every one that matches runs, in the order of the config, until one says what is to become of it", async () => {
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

  test("a function that only looks changes nothing: a 404 is still an error, a 200 still an answer", async () => {
    const seen: unknown[] = [];
    const look: ResponseFunction = ({ status, headers, text }) => {
      seen.push([status, headers.get("content-type"), text]);
    };
    await using bad = await start([on({ status_code: 404 }, look)], [404, "no"]);
    expect(await rejection(bad.get())).toMatchObject({ name: "HttpError", message: 'the API answered 404: "no"' });
    await using good = await start([on({}, look)], [200, [1]]);
    expect((await good.get()).body).toEqual([1]);
    expect(seen).toEqual([
      [404, "application/json", '"no"'],
      [200, "application/json", "[1]"],
    ]);
  });
});

describe("a function's change", () => {
  test("of the status is seen by those behind it, and counts", async () => {
    const actions = [
      on({ status_code: 404 }, () => ({ status: 299 })),
      on({ status_code: 404 }, "ignore"),
      on({ status_code: 299 }, async () => ({ status: 200 })),
    ];
    await using api = await start(actions, [404, { rows: [] }]);
    expect(await api.get()).toMatchObject({ status: 200, ignored: false, body: { rows: [] } });
  });

  test("of the text is seen by those behind it, in the same entry and the next, and is the body", async () => {
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

  test("of a header is seen by whoever reads the links", async () => {
    const link: ResponseFunction = ({ headers }) => headers.set("link", '</next>; rel="next"');
    await using api = await start([on({}, link)], [200, []]);
    expect((await api.get()).headers.get("link")).toBe('</next>; rel="next"');
  });

  test("to an error is that error", async () => {
    await using missing = await start([on({ content: "none" }, () => ({ status: 404 }))], [200, "none"]);
    expect(await rejection(missing.get())).toMatchObject({
      name: "HttpError",
      message: 'the API answered 404: "none"',
    });
    expect(missing.seen).toHaveLength(1);
    await using busy = await start([on({ content: "busy" }, () => ({ status: 503, text: "later" }))], [200, "busy"]);
    expect(await rejection(busy.get())).toMatchObject({ message: "the API answered 503: later (after 3 retries)" });
    expect(busy.seen).toHaveLength(4);
    await using limited = await start([on({ content: "busy" }, () => ({ status: 429 }))], [403, "busy"]);
    expect(await rejection(limited.get())).toMatchObject({ name: "ThrottledError" });
    await using refused = await start([on({ content: "login" }, () => ({ status: 401 }))], [200, "login"]);
    expect(await rejection(refused.get())).toMatchObject({ name: "AuthError" });
    expect(refused.reads).toEqual([false, true]);
  });
});

describe("ignore", () => {
  test.each([503, 429])("comes before any retry of a %i", async (status) => {
    await using api = await start([on({ status_code: status }, "ignore")], [status, {}]);
    expect(await api.get()).toMatchObject(IGNORED);
    expect(api.seen).toHaveLength(1);
    expect(api.sleeps).toEqual([]);
  });

  test.each([401, 403])("comes before the secret is read anew on a %i", async (status) => {
    await using api = await start([on({ status_code: status }, "ignore")], [status, {}]);
    expect(await api.get()).toMatchObject(IGNORED);
    expect(api.seen).toHaveLength(1);
    expect(api.reads).toEqual([false]);
  });

  test("needs no JSON, and nobody doubts it", async () => {
    await using api = await start([on({ status_code: 404 }, "ignore")], (_, response) =>
      response.writeHead(404, { "content-type": "text/html" }).end("<h1>gone"),
    );
    expect(await api.get("/", 0, () => "doubt")).toMatchObject(IGNORED);
    expect(api.seen).toHaveLength(1);
  });
});

describe("retry", () => {
  const LATER = on({ content: "come back" }, "retry");
  const notReady =
    (times: number, status = 200, headers: Record<string, string> = {}): Answer =>
    (_, response, number) =>
      number < times ? json(response, { message: "come back" }, status, headers) : json(response, [number]);

  test.each([200, 202, 404, 400, 503])("asks again after a %i, as after a failure", async (status) => {
    await using api = await start([LATER], notReady(2, status), { random: () => 1 });
    expect((await api.get()).body).toEqual([2]);
    expect(api.sleeps).toEqual([2, 4]);
    expect(api.client.statistics).toMatchObject({ requests: 3, retries: 2 });
  });

  test("obeys Retry-After and min_retry_after, in place or by the machine, and counts as an attempt", async () => {
    await using api = await start([LATER], notReady(1, 202, { "retry-after": "7" }));
    await api.get();
    expect(api.sleeps).toEqual([7]);
    await using least = await start([LATER], notReady(1), { error_handler: { min_retry_after: 5 } });
    await least.get();
    expect(least.sleeps).toEqual([5]);
    await using long = await start([LATER], notReady(1, 200, { "retry-after": "60" }));
    expect(await rejection(long.get("/", 1))).toMatchObject({ reason: "throttled", seconds: 60, attempts: 2 });
  });

  test.each([
    [200, "HttpError", /^the API answered 200: \{"message":"come back"\} \(after 3 retries\)$/],
    [404, "HttpError", /^the API answered 404: .* \(after 3 retries\)$/],
    [429, "ThrottledError", /^the API answered 429: .* \(after 3 retries\)/],
  ])("in vain ends in the error of a %i", async (status, name, message) => {
    await using api = await start([LATER], notReady(99, status));
    expect(await rejection(api.get())).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(api.seen).toHaveLength(4);
  });

  test("ends in the error of the status that a function before it made", async () => {
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

  test("of a 401 does not read the secret anew", async () => {
    await using api = await start([on({ status_code: 401 }, "retry")], (_, response, number) =>
      json(response, [], number === 0 ? 401 : 200),
    );
    await api.get();
    expect(api.reads).toEqual([false, false]);
    expect(api.sleeps).toHaveLength(1);
  });
});

describe("bodies that are no JSON", () => {
  test("content is found in bytes that are not UTF-8, which the page is not for that", async () => {
    const answer: Answer = (_, response) => response.end(Buffer.from("[1] caf\xe9 not here", "latin1"));
    await using ignored = await start([on({ content: "not here" }, "ignore")], answer);
    expect(await ignored.get()).toMatchObject(IGNORED);
    await using looked = await start([on({}, () => undefined)], answer);
    expect(await rejection(looked.get())).toMatchObject({
      name: "ResponseError",
      message: expect.stringContaining("is not text in UTF-8"),
    });
  });

  test("a byte order mark is no part of the text that a function gets", async () => {
    const unwrap: ResponseFunction = ({ text }) => ({ text: JSON.stringify(JSON.parse(text).inner) });
    await using api = await start([on({}, unwrap)], (_, response) => response.end('\ufeff{"inner":[1]}'));
    expect((await api.get()).body).toEqual([1]);
  });

  test("a function makes JSON of what is none", async () => {
    const csv: ResponseFunction = ({ text }) => ({ text: JSON.stringify(text.trim().split("\n")) });
    await using api = await start([on({}, csv)], (_, response) => response.end("a\nb\n"));
    expect((await api.get()).body).toEqual(["a", "b"]);
  });
});

describe("a function that does not work is a ConfigError at once", () => {
  const expectRefused = async (action: unknown, message: RegExp, answer: [number, unknown] = [200, []]) => {
    await using api = await start([on({}, action as ResponseFunction)], answer, { secret: [KEY] });
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
    ["a status that is none", { status: 42 }],
    ["a broken status", { status: 200.5 }],
    ["a text that is none", { text: { rows: [] } }],
    ["a key that means nothing", { body: "[]" }],
    ["a Response", new Response("[]")],
    ["a promise of rubbish", Promise.resolve(1)],
  ])("that returns %s", async (_, made) => {
    await expectRefused(
      () => made,
      /^a function of response_actions returned .*: return nothing, "ignore", "retry" or/,
    );
  });

  test.each([
    ["an error", (text: string) => new Error(text), /^a function of response_actions threw Error: "you sent \*\*\*/],
    ["a text", (text: string) => text, /^a function of response_actions threw .*you sent \*\*\*/],
    ["nothing", () => undefined, /^a function of response_actions threw undefined$/],
  ])(
    "that throws %s of the body: no more than the excerpt of an error is quoted, redacted",
    async (_, make, message) => {
      const body = `you sent ${KEY} ${"and so on ".repeat(100)}END`;
      const at = (text: string) => {
        throw make(text);
      };
      const once = await expectRefused(({ text }: { text: string }) => at(text), message, [200, body]);
      await expectRefused(async ({ text }: { text: string }) => at(text), message, [200, body]);
      expect(once.message.length).toBeLessThan(300);
      expect(JSON.stringify([once.stack, String((once.cause as Error | undefined)?.stack)])).not.toContain("END");
    },
  );

  test("that throws: the cause says in which line", async () => {
    const thrown = await expectRefused(({ text }: { text: string }) => JSON.parse(`${text}]`), /SyntaxError/);
    expect(thrown.cause).toMatchObject({ stack: expect.stringContaining("response-actions.test.ts") });
  });

  test("that never ends is a failed attempt after request_timeout, and ends with the invocation", async () => {
    const outlastsItsTime: ResponseFunction = () => {
      api.elapse(10);
      return new Promise(() => {});
    };
    await using api = await start([on({}, outlastsItsTime)], [200, []], { error_handler: { max_retries: 0 } });
    expect(await rejection(api.get())).toMatchObject({
      name: "TimeoutError",
      message: "a function of response_actions did not end within 10 s (after 0 retries)",
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
