import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type ReceivedRequest, type ResponseBody, reply, startApi } from "./conversation.fixture.ts";
import { type Config, createWorld, type RunOptions, runSource, sourceOf } from "./run.fixture.ts";

const USERS = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({ id }));
/** Two pages per user. */
const ROWS = USERS.flatMap(({ id }) => [{ n: id * 10 }, { n: id * 10 + 1 }]);

const userOf = ({ url }: ReceivedRequest) => Number(/users\/(\d+)/.exec(url.pathname)?.[1]);

/** Returns two pages per user. The first users take longest, so that responses arrive out of order. */
const posts = async (request: ReceivedRequest): Promise<ResponseBody> => {
  const user = userOf(request);
  const page = Number(request.url.searchParams.get("page"));
  await sleep(page === 0 ? 16 - 2 * user : 1);
  return page < 2 ? [{ n: user * 10 + page }] : [];
};

const config = (more: object = {}, client: Config["client"] = {}): Config => ({
  client,
  resources: [
    { name: "users", endpoint: { paginator: "single_page" } },
    {
      name: "posts",
      parallelized: true,
      endpoint: { path: "users/{resources.users.id}/posts", paginator: "page_number", ...more },
    },
  ],
});

type RespondInFlight = (request: ReceivedRequest, inFlight: () => number) => ResponseBody | Promise<ResponseBody>;

const run = async (given: Config, respond: RespondInFlight, options: RunOptions = {}) => {
  await using api = await startApi((request) =>
    request.url.pathname === "/users" ? USERS : respond(request, api.inFlight),
  );
  const result = await runSource(createWorld(), sourceOf(api.url, given), options);
  return { ...result, requests: api.requests, maxInFlight: api.maxInFlight() };
};

const expectedRequests = [
  "GET /users",
  ...USERS.flatMap(({ id }) => [0, 1, 2].map((page) => `GET /users/${id}/posts?page=${page}`)),
].sort();

describe("a parallelized child", () => {
  test("loads its rows in the order of its parent's rows and sends every request once, also if responses arrive out of order", async () => {
    const { rows, requests, maxInFlight, failures } = await run(config(), posts);
    expect(failures).toEqual({});
    expect(rows.posts).toEqual(ROWS);
    expect(requests.toSorted()).toEqual(expectedRequests);
    expect(maxInFlight).toBeGreaterThan(1);
  });

  test("increases concurrency while requests succeed", async () => {
    let wereThree = false;
    const { maxInFlight, rows } = await run(config({ paginator: "single_page" }), async (request, inFlight) => {
      // After the first few requests, no response is sent before three requests are in flight.
      while (userOf(request) > 4 && !wereThree) {
        wereThree = inFlight() >= 3;
        await sleep(1);
      }
      return [{ n: userOf(request) }];
    });
    expect(rows.posts).toEqual(USERS.map(({ id }) => ({ n: id })));
    expect(maxInFlight).toBeGreaterThan(2);
  });

  test("never exceeds max_concurrency of endpoint or client", async () => {
    for (const [given, limit] of [
      [config({}, { max_concurrency: 2 }), 2],
      [config({ max_concurrency: 3 }, { max_concurrency: 9 }), 3],
      [config({ max_concurrency: 1 }), 1],
    ] as const) {
      const { maxInFlight, rows } = await run(given, posts);
      expect(maxInFlight).toBeLessThanOrEqual(limit);
      expect(maxInFlight).toBeGreaterThanOrEqual(Math.min(limit, 2));
      expect(rows.posts).toEqual(ROWS);
    }
  });

  test("sends its requests one after the other with parallelized: false", async () => {
    const { resources } = config();
    const { maxInFlight, requests } = await run(
      { resources: resources.map((one) => ({ ...(one as { name: string }), parallelized: false })) },
      posts,
    );
    expect(maxInFlight).toBe(1);
    expect(requests).toEqual([
      "GET /users",
      ...USERS.flatMap(({ id }) => [0, 1, 2].map((page) => `GET /users/${id}/posts?page=${page}`)),
    ]);
  });

  test("loads the same rows when interrupted, and repeats unused prefetched requests", async () => {
    const { rows, failures } = await run(config(), posts, { pages: (invocation) => 1 + (invocation % 3) });
    expect(failures).toEqual({});
    expect(rows.posts).toEqual(ROWS);
  });

  test("reports a failure with its own page, after the rows of earlier pages", async () => {
    const { failures } = await run(config(), (request) => (userOf(request) === 3 ? reply(404) : posts(request)));
    expect(failures.posts).toMatch(
      /^HttpError: shop\.posts, page 7, GET \S+ for the row of users with id=3: the API returned 404/,
    );
  });

  test("loses no rows when it is throttled", async () => {
    const seen = new Set<string>();
    const { rows, failures } = await run(config(), async (request) => {
      const isNew = !seen.has(request.text);
      seen.add(request.text);
      return isNew && userOf(request) % 2 === 0 ? reply(429, {}, { "retry-after": "1" }) : posts(request);
    });
    expect(failures).toEqual({});
    expect(rows.posts).toEqual(ROWS);
  });

  test("applies action: ignore to single rows of its parent", async () => {
    const { rows } = await run(config({ response_actions: [{ status_code: 404, action: "ignore" }] }), (request) =>
      userOf(request) % 2 === 0 ? reply(404) : posts(request),
    );
    expect(rows.posts).toEqual(ROWS.filter(({ n }) => Math.floor(n / 10) % 2 === 1));
  });
});
