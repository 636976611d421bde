import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type Answer, type Asked, reply, startApi } from "./conversation.fixture.ts";
import { type Config, createWorld, type RunOptions, runSource, sourceOf } from "./run.fixture.ts";

const USERS = [1, 2, 3, 4, 5, 6, 7, 8].map((id) => ({ id }));
/** Two pages a user. */
const ROWS = USERS.flatMap(({ id }) => [{ n: id * 10 }, { n: id * 10 + 1 }]);

const userOf = ({ url }: Asked) => Number(/users\/(\d+)/.exec(url.pathname)?.[1]);

/** Two pages a user; the first users take longest, so that answers come in another order than they were asked for. */
const posts = async (asked: Asked): Promise<Answer> => {
  const user = userOf(asked);
  const page = Number(asked.url.searchParams.get("page"));
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

type Answering = (asked: Asked, underWay: () => number) => Answer | Promise<Answer>;

const run = async (given: Config, answer: Answering, options: RunOptions = {}) => {
  await using api = await startApi((asked) => (asked.url.pathname === "/users" ? USERS : answer(asked, api.underWay)));
  const ran = await runSource(createWorld(), sourceOf(api.url, given), options);
  return { ...ran, asked: api.asked, most: api.mostAtOnce() };
};

const expectedRequests = [
  "GET /users",
  ...USERS.flatMap(({ id }) => [0, 1, 2].map((page) => `GET /users/${id}/posts?page=${page}`)),
].sort();

describe("a parallelized child", () => {
  test("loads its rows in the order of its parent's rows, whatever answers come first, and asks everything once", async () => {
    const { rows, asked, most, failures } = await run(config(), posts);
    expect(failures).toEqual({});
    expect(rows.posts).toEqual(ROWS);
    expect(asked.toSorted()).toEqual(expectedRequests);
    expect(most).toBeGreaterThan(1);
  });

  test("asks more at once as the API bears it", async () => {
    let wereThree = false;
    const { most, rows } = await run(config({ paginator: "single_page" }), async (asked, underWay) => {
      // After the first few, none is answered before three are under way.
      while (userOf(asked) > 4 && !wereThree) {
        wereThree = underWay() >= 3;
        await sleep(1);
      }
      return [{ n: userOf(asked) }];
    });
    expect(rows.posts).toEqual(USERS.map(({ id }) => ({ n: id })));
    expect(most).toBeGreaterThan(2);
  });

  test("never has more requests under way than max_concurrency says, of the client or the endpoint", async () => {
    for (const [given, bound] of [
      [config({}, { max_concurrency: 2 }), 2],
      [config({ max_concurrency: 3 }, { max_concurrency: 9 }), 3],
      [config({ max_concurrency: 1 }), 1],
    ] as const) {
      const { most, rows } = await run(given, posts);
      expect(most).toBeLessThanOrEqual(bound);
      expect(most).toBeGreaterThanOrEqual(Math.min(bound, 2));
      expect(rows.posts).toEqual(ROWS);
    }
  });

  test("that is not parallelized asks one after the other", async () => {
    const { resources } = config();
    const { most, asked } = await run(
      { resources: resources.map((one) => ({ ...(one as { name: string }), parallelized: false })) },
      posts,
    );
    expect(most).toBe(1);
    expect(asked).toEqual([
      "GET /users",
      ...USERS.flatMap(({ id }) => [0, 1, 2].map((page) => `GET /users/${id}/posts?page=${page}`)),
    ]);
  });

  test("cut anywhere loads the same rows: what was asked ahead and not used is asked again", async () => {
    const { rows, failures } = await run(config(), posts, { pages: (invocation) => 1 + (invocation % 3) });
    expect(failures).toEqual({});
    expect(rows.posts).toEqual(ROWS);
  });

  test("keeps to a failure's turn: rows before it are kept, and it is told where it happened", async () => {
    const { failures } = await run(config(), (asked) => (userOf(asked) === 3 ? reply(404) : posts(asked)));
    expect(failures.posts).toMatch(/^HttpError: shop\.posts, page 7: the API returned 404/);
  });

  test("that is throttled goes on with less at once, and loses nothing", async () => {
    const seen = new Set<string>();
    const { rows, failures } = await run(config(), async (asked) => {
      const isNew = !seen.has(asked.text);
      seen.add(asked.text);
      return isNew && userOf(asked) % 2 === 0 ? reply(429, {}, { "retry-after": "1" }) : posts(asked);
    });
    expect(failures).toEqual({});
    expect(rows.posts).toEqual(ROWS);
  });

  test("ignores answers row by row", async () => {
    const { rows } = await run(config({ response_actions: [{ status_code: 404, action: "ignore" }] }), (asked) =>
      userOf(asked) % 2 === 0 ? reply(404) : posts(asked),
    );
    expect(rows.posts).toEqual(ROWS.filter(({ n }) => Math.floor(n / 10) % 2 === 1));
  });
});
