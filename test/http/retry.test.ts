import { describe, expect, test } from "vitest";
import { Throttled } from "../../lib/http/client.ts";
import { UNREACHABLE } from "../ports.ts";
import { drippingBody, rejection, request, START, silence, startClient } from "./client.fixture.ts";
import { type Answer, json } from "./server.ts";

/** Fails the first requests in the given way, then answers. */
const failing =
  (times: number, fail: Answer): Answer =>
  (request, response, number) =>
    number < times ? fail(request, response, number) : json(response, { rows: [1] });

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    json(response, { message: "no" }, code, headers);
const reset: Answer = (_, response) => response.socket?.resetAndDestroy();
const hangUp: Answer = (_, response) => response.destroy();
const tooShort: Answer = (_, response) => {
  response.writeHead(200, { "content-length": "1000" }).write('{"rows":[1');
  setTimeout(() => response.destroy(), 5);
};
const cutJson: Answer = (_, response) => response.end('{"rows":[1,');
const brokenGzip: Answer = (_, response) =>
  response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.from("no gzip at all"));

const max = () => 1;

describe("what is retried", () => {
  test.each([
    ["a configured status", status(503)],
    ["429", status(429)],
    ["a reset connection", reset],
    ["a connection that is closed without an answer", hangUp],
    ["a body shorter than its content-length", tooShort],
    ["JSON that breaks off", cutJson],
    ["a body that does not decompress", brokenGzip],
    ["silence", silence],
    ["a body that only drips: the timeout covers it", drippingBody],
  ])("%s: the next attempt's answer counts", async (_, fail) => {
    await using api = await startClient(failing(2, fail));
    expect((await api.get()).body).toEqual({ rows: [1] });
    expect(api.seen).toHaveLength(3);
    expect(api.sleeps).toHaveLength(2);
    expect(api.client.statistics).toMatchObject({ requests: 3, retries: 2 });
  });

  test.each([400, 404, 418, 502])("not a %i that the config does not list", async (code) => {
    await using api = await startClient(status(code));
    expect(await rejection(api.get())).toMatchObject({
      name: "HttpError",
      message: `the API answered ${code}: {"message":"no"}`,
    });
    expect(api.seen).toHaveLength(1);
  });

  test("a 429 that the config does not list is a ThrottledError at once", async () => {
    await using api = await startClient(status(429), { error_handler: { retry_on_status_codes: [] } });
    expect(await rejection(api.get())).toMatchObject({ name: "ThrottledError" });
    expect(api.seen).toHaveLength(1);
  });

  test("a 304 and a redirect without a target are errors, not endless", async () => {
    for (const code of [304, 302]) {
      await using api = await startClient((_, response) => response.writeHead(code).end());
      expect(await rejection(api.get())).toMatchObject({ name: "HttpError", message: `the API answered ${code}` });
    }
  });

  test("each attempt is one request: ofetch retries nothing by itself", async () => {
    await using api = await startClient(status(503), { error_handler: { max_retries: 0 } });
    await rejection(api.get());
    expect(api.fetches()).toBe(1);
    expect(api.seen).toHaveLength(1);
  });

  test("an answer that its reader doubts is asked again, then believed", async () => {
    await using api = await startClient((_, response, number) => json(response, number));
    const doubt = ({ body }: { body: unknown }) => (body === 2 ? null : "too small");
    expect((await api.get("/", 0, doubt)).body).toBe(2);
    expect(api.seen).toHaveLength(3);
  });
});

describe("how often", () => {
  test.each([
    ["ThrottledError", "429", status(429), /^the API answered 429: .* \(after 3 retries\)\. The next run goes on/],
    ["HttpError", "5xx", status(500), /^the API answered 500: .* \(after 3 retries\)$/],
    ["TimeoutError", "silence", silence, /^no answer within 10 s \(after 3 retries\)/],
    ["TimeoutError", "a dripping body", drippingBody, /^no answer within 10 s/],
    ["HttpError", "a reset", reset, /^the API cannot be reached \(ECONNRESET, after 3 retries\)/],
    [
      "HttpError",
      "a truncated body",
      tooShort,
      /^the API cannot be reached \((UND_ERR_SOCKET|ECONNRESET), after 3 retries\)/,
    ],
    ["ResponseError", "JSON that breaks off", cutJson, /\(after 3 retries\)$/],
  ])("max_retries is 3: the fourth failure is a %s for %s", async (name, _, fail, message) => {
    await using api = await startClient(fail);
    expect(await rejection(api.get())).toMatchObject({ name, message: expect.stringMatching(message) });
    expect(api.seen).toHaveLength(4);
    expect(api.sleeps).toHaveLength(3);
  });

  test("an API that nobody serves is an HttpError with the reason", async () => {
    await using api = await startClient(silence, { error_handler: { max_retries: 1 } });
    const error = await rejection(api.client.send(request(new URL(UNREACHABLE))));
    expect(error).toMatchObject({
      name: "HttpError",
      message: expect.stringContaining("(ECONNREFUSED, after 1 retries)"),
    });
    expect(api.sleeps).toHaveLength(1);
  });

  test("a doubt that stays is a ResponseError", async () => {
    await using api = await startClient((_, response) => json(response, []));
    expect(await rejection(api.get("/", 0, () => "no rows"))).toMatchObject({
      name: "ResponseError",
      message: "the page contradicts itself: no rows (after 3 retries)",
    });
    expect(api.seen).toHaveLength(4);
  });

  test("what the doubter throws is not retried", async () => {
    await using api = await startClient((_, response) => json(response, []));
    const thrown = new Error("selector");
    const doubt = () => {
      throw thrown;
    };
    expect(await rejection(api.get("/", 0, doubt))).toBe(thrown);
    expect(api.seen).toHaveLength(1);
  });

  test("the retries of earlier invocations count", async () => {
    await using api = await startClient(status(503));
    expect(await rejection(api.get("/", 2))).toMatchObject({ name: "HttpError" });
    expect(api.seen).toHaveLength(2);
    await rejection(api.get("/", 3));
    expect(api.seen).toHaveLength(3);
  });

  test("every page has its retries for itself", async () => {
    await using api = await startClient((_, response, number) => json(response, [], number % 4 < 3 ? 503 : 200));
    for (const path of ["/1", "/2", "/3"]) expect(await api.get(path)).toMatchObject({ status: 200 });
    expect(api.client.statistics).toMatchObject({ requests: 12, retries: 9 });
  });
});

describe("how long in between", () => {
  test("backoff_factor to the power of the attempt, times chance", async () => {
    await using api = await startClient(failing(3, status(503)), { random: max });
    await api.get();
    expect(api.sleeps).toEqual([2, 4, 8]);
    expect(api.client.statistics.waited_seconds).toBe(14);
    await using lucky = await startClient(failing(3, status(503)), { random: () => 0.25 });
    await lucky.get();
    expect(lucky.sleeps).toEqual([0.5, 1, 2]);
  });

  test("Retry-After in seconds, and as a date, is the least", async () => {
    const date = new Date(START + 7000).toUTCString();
    for (const header of ["7", date]) {
      await using api = await startClient(failing(1, status(429, { "retry-after": header })), { random: max });
      await api.get();
      expect(api.sleeps).toEqual([7]);
    }
  });

  test.each(["-1", "soon", new Date(START - 60_000).toUTCString()])(
    "Retry-After %j is as good as none",
    async (header) => {
      await using api = await startClient(failing(1, status(429, { "retry-after": header })), { random: max });
      await api.get();
      expect(api.sleeps).toEqual([2]);
    },
  );

  test("min_retry_after is the least after an answer, and no wait after a broken connection", async () => {
    const error_handler = { min_retry_after: 5 };
    await using throttled = await startClient(failing(1, status(429, { "retry-after": "3" })), { error_handler });
    await throttled.get();
    expect(throttled.sleeps).toEqual([5]);
    await using broken = await startClient(failing(1, reset), { error_handler });
    await broken.get();
    expect(broken.sleeps).toEqual([0]);
  });
});

describe("a wait that is not taken in place", () => {
  test("over max_inline_wait it is the machine's, in whole seconds rounded up, and nobody slept", async () => {
    await using api = await startClient(status(429, { "retry-after": "10.2" }));
    const thrown = await rejection(api.get());
    expect(thrown).toBeInstanceOf(Throttled);
    expect(thrown).toMatchObject({ seconds: 11, attempts: 1 });
    expect(api.sleeps).toEqual([]);
    await using inline = await startClient(failing(1, status(429, { "retry-after": "10" })));
    await inline.get();
    expect(inline.sleeps).toEqual([10]);
  });

  test("one that does not fit into the budget, too", async () => {
    await using api = await startClient(status(429, { "retry-after": "6" }), { time: 5000 });
    expect(await rejection(api.get())).toMatchObject({ reason: "throttled", seconds: 6, attempts: 1 });
    expect(api.sleeps).toEqual([]);
  });

  test("waits that fit one by one stop when their sum does not", async () => {
    await using api = await startClient(status(429, { "retry-after": "4" }), { time: 10_000 });
    expect(await rejection(api.get())).toMatchObject({ reason: "throttled", seconds: 4, attempts: 3 });
    expect(api.sleeps).toEqual([4, 4]);
  });

  test("the attempts it reports go on counting in the next invocation, until max_retries", async () => {
    await using api = await startClient(status(429, { "retry-after": "60" }));
    let attempts = 0;
    for (const expected of [1, 2, 3]) {
      const thrown = (await rejection(api.get("/", attempts))) as Throttled;
      expect(thrown).toMatchObject({ reason: "throttled", seconds: 60, attempts: expected });
      ({ attempts } = thrown);
      api.advance(60);
    }
    expect(await rejection(api.get("/", attempts))).toMatchObject({ name: "ThrottledError" });
    expect(api.seen).toHaveLength(4);
  });

  test("over max_wait it is a ThrottledError at once", async () => {
    await using api = await startClient(status(503, { "retry-after": "3601" }));
    expect(await rejection(api.get())).toMatchObject({
      name: "ThrottledError",
      message: "the API asks for a wait of 3601 s, more than max_wait (3600 s)",
    });
    expect(api.seen).toHaveLength(1);
    await using just = await startClient(status(503, { "retry-after": "3600" }));
    expect(await rejection(just.get())).toMatchObject({ reason: "throttled", seconds: 3600 });
  });
});

test.each([
  [1.005, 1005],
  [0.3005, 301],
  [30_000_000, 2 ** 31 - 1],
])("a request_timeout of %d s is a timer of %d ms, an integer of 31 bits", async (request_timeout, milliseconds) => {
  await using api = await startClient((_, response) => json(response, []), { request_timeout });
  expect(await api.get()).toMatchObject({ status: 200 });
  expect(api.alarmsSet).toContain(milliseconds);
});

test("no timer is left after a request, whether it was answered, refused or given up", async () => {
  for (const answer of [status(200), status(404), reset, silence, drippingBody]) {
    await using api = await startClient(answer);
    await api.get().catch(() => {});
    api.budget.close();
    expect(api.pendingAlarms()).toBe(0);
  }
});
