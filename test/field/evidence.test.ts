import { describe, expect, test } from "vitest";
import { HERE, reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

const rows = (...ids: number[]) => ids.map((id) => ({ id }));
const posts = (paginator: object | string, endpoint: object = {}): Config =>
  ({ resources: [{ name: "posts", endpoint: { data_selector: "data", paginator, ...endpoint } }] }) as Config;
const IGNORE_404 = { response_actions: [{ status_code: 404, action: "ignore" }] };
const NOT_FOUND = reply(404, { error: "no such page" });

describe("evidence of missing or doubled rows", () => {
  testConfig(
    "A.10: a total that falls between two pages is a warning: a deleted row moves another one to a page before",
    {
      ...posts({ type: "offset", limit: 2, total_path: "total" }),
      api: [
        ["GET /posts?offset=0&limit=2", { data: rows(1, 2), total: 4 }],
        // Row 1 is deleted, and row 3 is now on the first page.
        ["GET /posts?offset=2&limit=2", { data: rows(4), total: 3 }],
      ],
      rows: { posts: rows(1, 2, 4) },
      warns: { posts: [/^the total of the API fell from 4 to 3 between two pages: rows were deleted/] },
    },
  );

  testConfig("A.2: a flag of more that the config does not name is a warning where a paginator ends", {
    ...posts({ type: "cursor", cursor_path: "wrong.path", cursor_param: "after" }),
    api: [["GET /posts", { data: rows(1, 2), next: "b", has_more: true }]],
    rows: { posts: rows(1, 2) },
    warns: {
      posts: [
        /^the paginator ends at a page that announces more \(has_more is true\), .* write .*has_more_path: "has_more"$/,
      ],
    },
  });

  testConfig("A.7: a flag of the last page that is false is a warning where a paginator ends, but not a number", {
    ...posts({ type: "json_link", next_url_path: "next" }),
    api: [["GET /posts", { data: rows(1, 2), last_page: 0, page: { isLast: "false" } }]],
    warns: { posts: [/announces more \(page\.isLast is "false"\)/] },
  });

  testConfig("A.2: no flag is a warning at the end that the config sets", {
    ...posts({ type: "page_number", maximum_page: 1 }),
    api: [["GET /posts?page=0", { data: rows(1, 2), has_more: true }]],
    warns: {},
  });

  testConfig("A.1: a page with more rows than limit is a warning, because the next one repeats some", {
    ...posts({ type: "offset", limit: 2 }),
    api: [
      ["GET /posts?offset=0&limit=2", { data: rows(1, 2, 3) }],
      ["GET /posts?offset=2&limit=2", { data: rows(3) }],
      ["GET /posts?offset=3&limit=2", { data: [] }],
    ],
    rows: { posts: rows(1, 2, 3, 3) },
    warns: { posts: [/^a page has 3 rows, more than limit \(2\), and the next page repeats some/] },
  });

  testConfig("A.1: more rows than limit are not a warning where one item has several", {
    ...posts({ type: "offset", limit: 2 }, { data_selector: "data[*].lines[*]" }),
    api: [
      ["GET /posts?offset=0&limit=2", { data: [{ lines: rows(1, 2) }, { lines: rows(3) }] }],
      ["GET /posts?offset=2&limit=2", { data: [] }],
    ],
    warns: {},
  });

  testConfig("A.9: an ignored page that a total of the config announced is a warning", {
    ...posts({ type: "page_number", total_path: "pages" }, IGNORE_404),
    api: [
      ["GET /posts?page=0", { data: rows(1, 2), pages: 3 }],
      ["GET /posts?page=1", NOT_FOUND],
    ],
    rows: { posts: rows(1, 2) },
    warns: { posts: [/^response_actions ignores a page that total_path pages announced/] },
  });

  testConfig("A.9: an ignored page before the end of a total of rows is a warning with both numbers", {
    ...posts({ type: "offset", limit: 2 }, IGNORE_404),
    api: [
      ["GET /posts?offset=0&limit=2", { data: rows(1, 2), total: 5 }],
      ["GET /posts?offset=2&limit=2", NOT_FOUND],
    ],
    warns: { posts: [/^the number of rows differs from the total of the API \(2 read, the API reports 5\)/] },
  });
});

describe("no evidence, and no warning, is", () => {
  testConfig("A.1: a total of rows next to page numbers, once all of them are read", {
    ...posts({ type: "page_number" }),
    api: [
      ["GET /posts?page=0", { data: rows(1, 2), total: 3 }],
      ["GET /posts?page=1", { data: rows(3), total: 3 }],
      ["GET /posts?page=2", { data: [], total: 3 }],
    ].map(([request, body]) => [request as string, body]),
    rows: { posts: rows(1, 2, 3) },
    warns: {},
  });
});

describe("a page without rows that leads to itself is the end", () => {
  testConfig("A.5: by its cursor in a header", {
    ...posts({ type: "header_cursor", cursor_key: "x-next", cursor_param: "after" }),
    api: [
      ["GET /posts", reply(200, { data: rows(1) }, { "x-next": "b" })],
      ["GET /posts?after=b", reply(200, { data: [] }, { "x-next": "b" })],
    ],
    rows: { posts: rows(1) },
  });

  testConfig("A.5: by its link", {
    ...posts("json_link"),
    api: [
      ["GET /posts", { data: rows(1), next: `${HERE}/posts?p=2` }],
      ["GET /posts?p=2", { data: [], next: `${HERE}/posts?p=2` }],
    ],
    rows: { posts: rows(1) },
  });

  testConfig("A.5: but not if a flag announces more", {
    ...posts("json_link"),
    api: [
      ["GET /posts", { data: rows(1), next: `${HERE}/posts?p=2` }],
      ["GET /posts?p=2", { data: [], next: `${HERE}/posts?p=2`, has_more: true }],
    ],
    fails: { posts: /^RepeatedPageError: .*leads back to a page that was read before/ },
  });
});

describe("an API that starts over after its last page", () => {
  testConfig("A.9: is a RepeatedPageError, instead of a run without an end", {
    ...posts({ type: "page_number" }),
    api: [0, 1, 2, 3].map((page) => [`GET /posts?page=${page}`, { data: rows((page % 3) * 2, (page % 3) * 2 + 1) }]),
    fails: {
      posts:
        /^RepeatedPageError: .*page 4.*this page equals an earlier one, so the API starts over after its last page/,
    },
  });
});

describe("an API that starts over", () => {
  testConfig("A.9: at a later page is a RepeatedPageError, instead of a run without an end", {
    ...posts({ type: "page_number" }),
    api: [0, 1, 2, 1, 2].map((part, page) => [`GET /posts?page=${page}`, { data: rows(part * 2, part * 2 + 1) }]),
    fails: { posts: /^RepeatedPageError: .*this page equals an earlier one, so the API starts over/ },
  });
});

describe("an API that starts over before a total that is too high", () => {
  testConfig("A.9: is a RepeatedPageError, instead of the first rows twice", {
    ...posts({ type: "offset", limit: 2, total_path: "total" }),
    api: [0, 1, 2, 3].map((page) => [
      `GET /posts?offset=${page * 2}&limit=2`,
      { data: rows((page % 3) * 2, (page % 3) * 2 + 1), total: 8 },
    ]),
    fails: {
      posts: /^RepeatedPageError: .*page 4.*starts over after its last page. Correct the paginator's total_path/,
    },
  });
});

describe("a scroll API, which keeps the place of the client", () => {
  const scroll = (last: object) =>
    posts({ type: "cursor", cursor_path: "scroll", cursor_param: "scroll", stop_after_empty_page: true, ...last });

  test("A.4: that is stopped during a request loses its page, and the resumed run warns of it", async () => {
    let controller = new AbortController();
    let place = 0;
    await using api = await startApi(({ url }, number) => {
      place = url.searchParams.has("scroll") ? place + 1 : 0;
      if (number === 1) controller.abort();
      return { scroll: "s", data: place < 4 ? rows(place) : [] };
    });
    const run = await runSource(createWorld(), sourceOf(api.url, scroll({})), {
      stop() {
        controller = new AbortController();
        return controller.signal;
      },
    });
    expect(run.failures).toEqual({});
    expect(run.rows.posts).toEqual(rows(0, 2, 3));
    expect(run.warnings.posts).toEqual([
      expect.stringMatching(/^the API repeats its cursor, .* The run was resumed: /),
    ]);
  });
});
