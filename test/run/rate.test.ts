import fc from "fast-check";
import { expect, test } from "vitest";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { RateLimit, SourceConfig } from "../../lib/config/schema/index.ts";
import { finish } from "../../lib/run/finish.ts";
import type { RunHandle } from "../../lib/run/run-handle.ts";
import { work } from "../../lib/run/work.ts";
import { SECOND } from "../../lib/time/durations.ts";
import { json, type Responder, startServer } from "../http/server.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { sampleSize } from "../size.ts";
import { finishEventOf, openRun, RUN_KEY, storedRun } from "./run.fixture.ts";

/** Returns a source of two resources with a rate limit. */
const sourceOf = (url: string, rate_limit: RateLimit, client: object = {}): ResolvedSource =>
  resolveSource(
    defineSource({
      name: "shop",
      client: { base_url: url, max_concurrency: 1, rate_limit, error_handler: { max_retries: 0 }, ...client },
      resource_defaults: { endpoint: { paginator: { type: "page_number", base_page: 1 }, data_selector: "data" } },
      resources: ["orders", "items"],
    } as SourceConfig),
  );

/** Responds with a given number of pages of one row, and then with empty pages. */
const pagesOf =
  (pages: number): Responder =>
  ({ url = "" }, response) => {
    const page = Number(new URL(url, "http://api").searchParams.get("page"));
    return json(response, { data: page <= pages ? [{ url }] : [] });
  };

/** Starts a lake, and records when each request is sent to the API, in seconds since the start. */
const startRecordingLake = async () => {
  const lake = await startLake();
  const sentAt: number[] = [];
  const startedAt = lake.clock.now();
  lake.ports.fetch = (...given) => {
    sentAt.push((lake.clock.now() - startedAt) / SECOND);
    return fetch(...given);
  };
  return { ...lake, sentAt };
};

let invocations = 0;
const invoke = (lake: Lake, source: ResolvedSource, resource: string, run: RunHandle) =>
  work(lake.ports, source, resource, { run }, { id: `invocation-${++invocations}`, time: 60 * SECOND });

/** Runs the whole source and returns the waits of the state machine, in seconds. */
const runSource = async (lake: Lake, source: ResolvedSource, owner: string) => {
  const run = await openRun(lake, source, owner);
  const waits: number[] = [];
  for (const { name } of source.resources) {
    for (;;) {
      const outcome = await invoke(lake, source, name, run);
      if (outcome.status === "done") break;
      waits.push(outcome.retry_after_seconds ?? 0);
      lake.clock.advance((outcome.retry_after_seconds ?? 0) * SECOND);
    }
  }
  expect(await finish(lake.ports, finishEventOf(source, run))).toMatchObject({ status: "done" });
  return waits;
};

/** Returns the maximum number of requests within one window, in seconds. The fake clock may be off by a microsecond. */
const maxRequestsWithin = (sent: number[], window: number): number =>
  Math.max(0, ...sent.map((start) => sent.filter((at) => at >= start && at < start + window - 1e-6).length));

test("the run record passes recent requests of an invocation on to the next one", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer(pagesOf(2));
  const source = sourceOf(api.url, { requests: 5, per: 30 });
  const run = await openRun(lake, source, "execution");
  expect((await storedRun(lake)).rate).toBeUndefined();
  await invoke(lake, source, "orders", run);
  expect((await storedRun(lake)).rate).toEqual({ at: lake.clock.now(), requests: 3 });
  lake.clock.advance(10 * SECOND);
  expect(await invoke(lake, source, "items", run)).toMatchObject({
    status: "throttled",
    retry_after_seconds: 20,
    pages: 2,
  });
  expect((await storedRun(lake)).rate).toEqual({ at: lake.clock.now(), requests: 5 });
  expect(lake.sentAt).toEqual([0, 0, 0, 10, 10]);
});

test("an invocation that comes too early is throttled again, and uses no retry", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer(pagesOf(2));
  const source = sourceOf(api.url, { requests: 3, per: 60 });
  const run = await openRun(lake, source, "execution");
  await invoke(lake, source, "orders", run);
  for (const retry_after_seconds of [60, 45, 30, 15]) {
    expect(await invoke(lake, source, "items", run)).toMatchObject({ status: "throttled", retry_after_seconds });
    lake.clock.advance(15 * SECOND);
  }
  expect(api.seen).toHaveLength(3);
  expect(await invoke(lake, source, "items", run)).toMatchObject({ status: "done", rows: 2 });
});

test("a run counts the requests of the run before it", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer(pagesOf(0));
  const source = sourceOf(api.url, { requests: 2, per: 60 });
  expect(await runSource(lake, source, "first")).toEqual([]);
  expect(await runSource(lake, source, "second")).toEqual([60]);
  expect(maxRequestsWithin(lake.sentAt, 60)).toBe(2);
});

test("an invocation that fails still records its requests", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer((_, response) => json(response, {}, 400));
  const source = sourceOf(api.url, { requests: 2, per: 60 });
  const run = await openRun(lake, source, "execution");
  await expect(invoke(lake, source, "orders", run)).rejects.toMatchObject({ name: "HttpError" });
  expect((await storedRun(lake)).rate).toEqual({ at: lake.clock.now(), requests: 1 });
});

test("an invocation whose requests cannot be recorded continues with a warning", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer(pagesOf(1));
  const source = sourceOf(api.url, { requests: 9, per: 60 });
  const run = await openRun(lake, source, "execution");
  lake.fail(({ operation, key }) =>
    operation === "PutObject" && key === RUN_KEY && api.seen.length > 0
      ? { status: 403, code: "AccessDenied" }
      : undefined,
  );
  expect(await invoke(lake, source, "orders", run)).toMatchObject({ status: "done" });
  expect(lake.logged.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
    "rate not recorded",
  ]);
});

test("a source without a rate limit records no requests", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer(pagesOf(1));
  const source = sourceOf(api.url, undefined as never);
  await runSource(lake, source, "execution");
  expect(await storedRun(lake)).not.toHaveProperty("rate");
});

test("a wait of more than max_wait is a ThrottledError that names rate_limit", async () => {
  await using lake = await startRecordingLake();
  await using api = await startServer(pagesOf(1));
  const source = sourceOf(api.url, { requests: 1, per: 6 * 3600 + 1 });
  const run = await openRun(lake, source, "execution");
  await expect(invoke(lake, source, "orders", run)).rejects.toMatchObject({
    name: "ThrottledError",
    message: expect.stringMatching(/rate_limit requires a wait of 21601 s, more than max_wait/),
  });
});

test("no window has more requests than rate_limit over runs, resources, invocations, pauses and failures", async () => {
  const limits = fc.record({ requests: fc.integer({ min: 1, max: 4 }), per: fc.constantFrom(5, 30, 90) });
  const pauses = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      limits,
      pauses,
      fc.array(fc.constantFrom(200, 200, 503, 302), { maxLength: 12 }),
      async (limit, delays, statuses) => {
        await using lake = await startRecordingLake();
        await using api = await startServer((request, response, number) => {
          const status = statuses[number] ?? 200;
          lake.clock.advance((delays[number] ?? 0) * SECOND);
          if (status === 302) return response.writeHead(302, { location: request.url }).end();
          return status === 200 ? pagesOf(2)(request, response, number) : json(response, {}, status);
        });
        const source = sourceOf(api.url, limit, { error_handler: { max_retries: 20 } });
        await runSource(lake, source, "first");
        await runSource(lake, source, "second");
        expect(maxRequestsWithin(lake.sentAt, limit.per)).toBeLessThanOrEqual(limit.requests);
      },
    ),
    { numRuns: sampleSize({ quick: 2, full: 5 }) },
  );
});
