import { describe, expect, test } from "vitest";
import { reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";
import { runDaily, tablesOf } from "./daily-runs.fixture.ts";

const posts = { name: "posts", endpoint: { paginator: "single_page" as const } };
const tags = (more: object = {}, endpoint: object = {}) => ({
  name: "tags",
  endpoint: { path: "posts/{resources.posts.id}/tags", paginator: "single_page" as const, ...endpoint },
  ...more,
});
const none = reply(404, { error: "no such post" });
const three = [{ id: 1 }, { id: 2 }, { id: 3 }];
const tag = (name: string) => [{ name }];

describe("A.24: a row of the parent without a key", () => {
  for (const [title, row, reason] of [
    ["an empty text", { id: "" }, "an empty text as id"],
    ["a blank", { id: " " }, "an empty text as id"],
    ["null", { id: null }, "null as id"],
    ["nothing", { name: "b" }, "no id"],
  ] as const) {
    testConfig(`is an error for ${title}, which names the row`, {
      resources: [posts, tags()],
      api: [
        ["GET /posts", [{ id: 1 }, row]],
        ["GET /posts/1/tags", tag("a")],
      ],
      fails: {
        tags: new RegExp(`ResponseError: shop.tags, page 2, the row of posts with id=.*: a row of posts has ${reason}`),
      },
    });
  }

  testConfig('is skipped with on_missing_parent_field: "skip", counted and reported', {
    resources: [posts, tags({ on_missing_parent_field: "skip" })],
    api: [
      ["GET /posts", [{ id: null }, { id: "b" }, { id: "" }, {}]],
      ["GET /posts/b/tags", tag("b")],
    ],
    rows: { posts: [{ id: null }, { id: "b" }, { id: "" }, { id: null }], tags: tag("b") },
    warns: {
      tags: [/^3 rows of posts were skipped \(the first: id=null, null as id\): the table lacks their rows/],
    },
  });

  testConfig("is an error in a parameter and in a body as well", {
    resources: [posts, tags({}, { path: "tags", method: "POST", json: { post: "{resources.posts.id}" } })],
    api: [["GET /posts", [{ id: "" }]]],
    fails: { tags: /has an empty text as id/ },
  });
});

describe("B.2: an API that refuses the request of one row", () => {
  testConfig("is an error that names method, URL and the parent's key", {
    resources: [posts, tags()],
    api: [
      ["GET /posts", three],
      ["GET /posts/1/tags", tag("a")],
      ["GET /posts/2/tags", none],
    ],
    fails: {
      tags: /^HttpError: shop.tags, page 2, GET http:\/\/127.0.0.1:\d+\/posts\/2\/tags for the row of posts with id=2: the API returned 404: {"error":"no such post"}: set on_error: "skip" to continue with the next row of posts$/,
    },
  });

  for (const status of [400, 403, 404, 410, 422]) {
    testConfig(`continues with the next row after ${status} with on_error: "skip"`, {
      resources: [posts, tags({ on_error: "skip" })],
      api: [
        ["GET /posts", three],
        ["GET /posts/1/tags", tag("a")],
        ["GET /posts/2/tags", reply(status, { error: "no" })],
        ["GET /posts/3/tags", tag("c")],
      ],
      rows: { posts: three, tags: [...tag("a"), ...tag("c")] },
      warns: { tags: [new RegExp(`^1 row of posts was skipped \\(id=2, the API returned ${status}.*\\)`)] },
    });
  }

  for (const status of [401, 408, 425, 429, 500, 502, 503, 504]) {
    testConfig(`is never skipped for ${status}`, {
      client: { error_handler: { max_retries: 0 } },
      resources: [posts, tags({ on_error: "skip" })],
      api: [
        ["GET /posts", three],
        ["GET /posts/1/tags", reply(status, { error: "no" })],
      ],
      fails: { tags: new RegExp(`Error: .* returned ${status}`) },
    });
  }

  test("is never skipped when the API cannot be reached", async () => {
    await using api = await startApi(({ url }) => (url.pathname === "/posts" ? three : "not sent"));
    const source = sourceOf(api.url, {
      client: { error_handler: { max_retries: 0 } },
      resources: [posts, tags({ on_error: "skip" }, { path: "http://127.0.0.1:9/{resources.posts.id}" })],
    });
    const { failures } = await runSource(createWorld(), source);
    expect(failures.tags).toMatch(/HttpError: .* cannot be reached/);
  });

  testConfig("skips the rest of a row whose second page is refused", {
    resources: [
      posts,
      tags({ on_error: "skip" }, { paginator: { type: "page_number", base_page: 1, maximum_page: 3 } }),
    ],
    api: [
      ["GET /posts", [{ id: 1 }, { id: 2 }]],
      ["GET /posts/1/tags?page=1", tag("a")],
      ["GET /posts/1/tags?page=2", none],
      ["GET /posts/2/tags?page=1", tag("b")],
      ["GET /posts/2/tags?page=2", []],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }], tags: [...tag("a"), ...tag("b")] },
    warns: { tags: [/1 row of posts was skipped/] },
  });

  const incremental = { incremental: { cursor_path: "at", start_param: "since", initial_value: 0 } };
  const paged = { ...incremental, paginator: { type: "page_number", base_page: 1, maximum_page: 3 } };

  testConfig("fails on the second page of an incremental child, whose cursor is past the missing rows", {
    resources: [posts, tags({ on_error: "skip" }, paged)],
    api: [
      ["GET /posts", [{ id: 1 }]],
      ["GET /posts/1/tags?since=0&page=1", [{ at: 5 }]],
      ["GET /posts/1/tags?since=0&page=2", none],
    ],
    fails: { tags: /HttpError: shop.tags, page 2, .*page=2 for the row of posts with id=1: the API returned 404/ },
  });

  testConfig("skips the first page of an incremental child, whose cursor does not move", {
    resources: [posts, tags({ on_error: "skip" }, incremental)],
    api: [
      ["GET /posts", [{ id: 1 }, { id: 2 }]],
      ["GET /posts/1/tags?since=0", [{ at: 5 }]],
      ["GET /posts/2/tags?since=0", [{ at: 7 }]],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }], tags: [{ at: 5 }, { at: 7 }] },
    state: { tags: { "[1]": 5, "[2]": 7 } },
    later: [
      {
        api: [
          ["GET /posts", [{ id: 1 }, { id: 2 }]],
          ["GET /posts/1/tags?since=5", none],
          ["GET /posts/2/tags?since=7", [{ at: 9 }]],
        ],
        rows: { posts: [{ id: 1 }, { id: 2 }], tags: [{ at: 9 }] },
        state: { tags: { "[1]": 5, "[2]": 9 } },
        warns: { tags: [/1 row of posts was skipped/] },
      },
    ],
  });

  testConfig("skips rows of a child whose requests are concurrent", {
    client: { max_concurrency: 3 },
    resources: [posts, tags({ on_error: "skip", on_missing_parent_field: "skip", parallelized: true })],
    api: [
      ["GET /posts", [...three, { id: null }, { id: 4 }]],
      ["GET /posts/1/tags", tag("a")],
      ["GET /posts/2/tags", tag("b")],
      ["GET /posts/3/tags", tag("c")],
      ["GET /posts/4/tags", tag("d")],
    ],
    anyOrder: true,
    onlyUninterrupted: "prefetched pages of an interrupted invocation are requested again",
    rows: {
      posts: [{ id: 1 }, { id: 2 }, { id: 3 }, { id: null }, { id: 4 }],
      tags: ["a", "b", "c", "d"].flatMap(tag),
    },
    warns: { tags: [/1 row of posts was skipped \(id=null, null as id\)/] },
  });

  test("skips the refused rows of a concurrent child in every order, and keeps all the others in order", async () => {
    const ids = Array.from({ length: 20 }, (_, id) => ({ id }));
    await using api = await startApi(({ url }) => {
      const id = Number(/\d+/.exec(url.pathname)?.[0]);
      if (url.pathname === "/posts") return ids;
      return id % 3 === 0 ? none : tag(String(id));
    });
    const source = sourceOf(api.url, {
      client: { max_concurrency: 4 },
      resources: [posts, tags({ on_error: "skip", parallelized: true, include_from_parent: ["id"] })],
    });
    const { rows, warnings } = await runSource(createWorld(), source, { pages: () => 3 });
    expect(rows.tags?.map(({ _posts_id }) => _posts_id)).toEqual(ids.map(({ id }) => id).filter((id) => id % 3 > 0));
    expect(warnings.tags).toEqual([expect.stringMatching(/^7 rows of posts were skipped/)]);
  });
});

const rowsOf = (...ids: number[]) => ids.map((id) => ({ id, post: 1 }));
const night = (one: unknown, two: unknown, more: object = {}) => ({
  api: { "/posts": [{ id: 1 }, { id: 2 }], "/posts/1/tags": one, "/posts/2/tags": two, ...more },
});
const SQL = "select id from shop.tags order by all";

describe("B.2: the table after a run that skipped rows of the parent", () => {
  const merge = { on_error: "skip", primary_key: "id", write_disposition: "merge", on_missing_rows: "delete" };

  test('keeps missing rows of a merge, with on_missing_rows: "delete" and in a full refresh', async () => {
    const runs = await runDaily(
      { resources: [posts, tags(merge)] },
      [
        night(rowsOf(1, 2), rowsOf(3)),
        night(rowsOf(2), none),
        { ...night(rowsOf(2), none), input: { refresh: "full" } },
        night(rowsOf(2), []),
      ],
      SQL,
    );
    expect(tablesOf(runs).map((rows) => rows.flat().map(Number))).toEqual([[1, 2, 3], [1, 2, 3], [1, 2, 3], [2]]);
    expect(runs[1]?.warnings.tags?.[0]).toMatch(/the table keeps all rows of earlier runs/);
  });

  test("keeps missing rows of a merge whose parent's parent rows were skipped", async () => {
    const comments = {
      name: "comments",
      endpoint: { path: "tags/{resources.tags.id}/comments", paginator: "single_page" as const },
      primary_key: "id",
      write_disposition: "merge" as const,
      on_missing_rows: "delete" as const,
    };
    const of = (id: number) => ({ [`/tags/${id}/comments`]: rowsOf(id * 10) });
    const runs = await runDaily(
      { resources: [posts, tags(merge), comments] },
      [night(rowsOf(1), rowsOf(3), { ...of(1), ...of(3) }), night(rowsOf(1), none, of(1)), night(rowsOf(1), [], of(1))],
      "select id from shop.comments order by all",
    );
    expect(tablesOf(runs).map((rows) => rows.flat().map(Number))).toEqual([[10, 30], [10, 30], [10]]);
  });

  test("has only the rows that were read with replace, and a warning", async () => {
    const runs = await runDaily(
      { resources: [posts, tags({ on_error: "skip", write_disposition: "replace" })] },
      [night(rowsOf(1), rowsOf(3)), night(rowsOf(1), none)],
      SQL,
    );
    expect(tablesOf(runs).map((rows) => rows.flat().map(Number))).toEqual([[1, 3], [1]]);
    expect(runs[1]?.warnings.tags?.[0]).toMatch(/the table has none of their rows, not even those of earlier runs/);
  });
});
