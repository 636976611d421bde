import { describe, expect, test } from "vitest";
import { HERE, reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

type Row = { id: number };

const rowsFrom = (first: number, count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: first + index }));

const posts = (paginator: object | string): Config =>
  ({ resources: [{ name: "posts", endpoint: { data_selector: "data", paginator } }] }) as Config;

/** 230 rows of a server that returns at most 50 per page, whatever the limit. */
const ROWS = rowsFrom(1, 230);
const capped = (extra: (offset: number) => object, end: number) =>
  [0, 50, 100, 150, 200, ...(end > 200 ? [end] : [])].map((offset): [string, object] => [
    `GET /posts?offset=${offset}&limit=100`,
    { data: ROWS.slice(offset, offset + 50), ...extra(offset) },
  ]);

describe("A.1: offset with a limit of 100, of a server that returns at most 50 rows", () => {
  testConfig("reads all rows up to an empty page", {
    ...posts({ type: "offset", limit: 100 }),
    api: capped(() => ({}), 230),
    rows: { posts: ROWS },
    warns: {},
  });

  testConfig("reads all rows of a total", {
    ...posts({ type: "offset", limit: 100, total_path: "total" }),
    api: capped(() => ({ total: 230 }), 200),
    rows: { posts: ROWS },
  });

  testConfig("reads all rows while has_more is true", {
    ...posts({ type: "offset", limit: 100, has_more_path: "has_more" }),
    api: capped((offset) => ({ has_more: offset < 200 }), 200),
    rows: { posts: ROWS },
  });

  testConfig("is an error if the total counts rows that no page has", {
    ...posts({ type: "offset", limit: 100, total_path: "total" }),
    client: { error_handler: { max_retries: 0 } },
    api: [
      ["GET /posts?offset=0&limit=100", { data: rowsFrom(1, 50), total: 230 }],
      ["GET /posts?offset=50&limit=100", { data: [], total: 230 }],
    ],
    fails: { posts: /^ResponseError: .*it has no rows, but total_path total is 230/ },
  });
});

describe("A.1: a data_selector that takes some items of the list, or something in them", () => {
  const flagged = Array.from({ length: 8 }, (_, id) => ({ id, open: id < 2 || id > 6 }));
  const OPEN = flagged.filter(({ open }) => open);
  const select = (data_selector: string, paginator: object): Config =>
    ({ resources: [{ name: "posts", endpoint: { data_selector, paginator } }] }) as Config;

  testConfig("advances an offset by the items, and a page without a match is not empty", {
    ...select("data[?@.open == true]", { type: "offset", limit: 3, total_path: "total" }),
    api: [0, 3, 6].map((offset) => [
      `GET /posts?offset=${offset}&limit=3`,
      { data: flagged.slice(offset, offset + 3), total: 8 },
    ]),
    rows: { posts: OPEN },
    warns: {},
  });

  testConfig("does not end page numbers at a page without a match", {
    ...select("data[?@.open == true]", { type: "page_number", total_path: null }),
    api: [0, 1, 2, 3].map((page) => [`GET /posts?page=${page}`, { data: flagged.slice(page * 3, page * 3 + 3) }]),
    rows: { posts: OPEN },
  });

  testConfig("does not end a cursor with stop_after_empty_page at a page without a match", {
    ...select("data[?@.open == true]", { type: "cursor", cursor_path: "next", stop_after_empty_page: true }),
    api: [
      ["GET /posts", { data: flagged.slice(0, 3), next: "b" }],
      ["GET /posts?cursor=b", { data: flagged.slice(3, 6), next: "c" }],
      ["GET /posts?cursor=c", { data: flagged.slice(6), next: "d" }],
      ["GET /posts?cursor=d", { data: [], next: "e" }],
    ],
    rows: { posts: OPEN },
  });

  testConfig("advances an offset by the groups whose rows are loaded", {
    ...select("groups[*].lines", { type: "offset", limit: 2 }),
    api: [
      ["GET /posts?offset=0&limit=2", { groups: [{ lines: rowsFrom(1, 3) }, { lines: [] }] }],
      ["GET /posts?offset=2&limit=2", { groups: [{ lines: [] }, { lines: [] }] }],
      ["GET /posts?offset=4&limit=2", { groups: [{ lines: rowsFrom(4, 1) }] }],
      ["GET /posts?offset=5&limit=2", { groups: [] }],
    ],
    rows: { posts: rowsFrom(1, 4) },
  });

  testConfig("does not take it for a loop if two pages have equal rows of different items", {
    ...select("data[*].kind", { type: "page_number" }),
    api: [
      ["GET /posts?page=0", { data: [{ id: 1, kind: "a" }] }],
      ["GET /posts?page=1", { data: [{ id: 2, kind: "a" }] }],
      ["GET /posts?page=2", { data: [] }],
    ],
    rows: { posts: [{ value: "a" }, { value: "a" }] },
  });
});

describe("A.1: page_number", () => {
  const numbered = { type: "page_number", base_page: 1, limit: 3, limit_param: "size" };

  testConfig("does not end while has_more is true, though the total of pages is reached", {
    ...posts({ ...numbered, total_path: "pages", has_more_path: "more" }),
    api: [
      ["GET /posts?page=1&size=3", { data: rowsFrom(1, 2), pages: 1, more: true }],
      ["GET /posts?page=2&size=3", { data: rowsFrom(3, 1), pages: 1, more: false }],
    ],
    rows: { posts: rowsFrom(1, 3) },
  });

  for (const [title, sizes, warns] of [
    ["warns if all pages have fewer rows than the limit, so that the total of pages may be too low", [2, 2, 2], true],
    ["does not warn if only the last page has fewer rows than the limit", [3, 3, 2], false],
    ["does not warn if the last page has fewer rows than the other pages", [2, 2, 1], false],
  ] as const) {
    testConfig(title, {
      ...posts({ ...numbered, total_path: "pages" }),
      api: sizes.map((size, index) => [
        `GET /posts?page=${index + 1}&size=3`,
        { data: rowsFrom(index * 10, size), pages: 3 },
      ]),
      warns: warns ? { posts: [/^all 3 pages have 2 rows, fewer than limit \(3\): .*Set limit to 2$/] } : {},
    });
  }

  testConfig("does not warn if the total is the number of rows, whatever the size of the last page", {
    ...posts({ ...numbered, stop_after_empty_page: false, last_page_path: "last" }),
    api: [3, 3, 1].map((size, index) => [
      `GET /posts?page=${index + 1}&size=3`,
      { data: rowsFrom(index * 3, size), total: 7, last: index === 2 },
    ]),
    rows: { posts: rowsFrom(0, 7) },
    warns: {},
  });

  testConfig("does not end before the total of pages, though has_more is false", {
    ...posts({ ...numbered, total_path: "pages", has_more_path: "more" }),
    api: [
      ["GET /posts?page=1&size=3", { data: rowsFrom(1, 2), pages: 2, more: false }],
      ["GET /posts?page=2&size=3", { data: rowsFrom(3, 1), pages: 2, more: false }],
    ],
    rows: { posts: rowsFrom(1, 3) },
  });
});

describe("A.2: auto reads", () => {
  testConfig("an API that repeats offset and limit next to a total", {
    resources: ["issues"],
    api: [
      ["GET /issues", { issues: rowsFrom(1, 25), total_count: 60, offset: 0, limit: 25 }],
      ["GET /issues?offset=25&limit=25", { issues: rowsFrom(26, 25), total_count: 60, offset: 25, limit: 25 }],
      ["GET /issues?offset=50&limit=25", { issues: rowsFrom(51, 10), total_count: 60, offset: 50, limit: 25 }],
    ],
    rows: { issues: rowsFrom(1, 60) },
    warns: {},
  });

  testConfig("600 rows in pages of 25, by offset and limit next to a total", {
    resources: ["issues"],
    api: Array.from({ length: 24 }, (_, page) => [
      page === 0 ? "GET /issues" : `GET /issues?offset=${page * 25}&limit=25`,
      { issues: rowsFrom(page * 25 + 1, 25), total_count: 600, offset: page * 25, limit: 25 },
    ]),
    rows: { issues: rowsFrom(1, 600) },
    warns: {},
  });

  testConfig("@odata.nextLink", {
    resources: ["posts"],
    api: [
      ["GET /posts", { "@odata.nextLink": `${HERE}/posts?$skip=1`, value: rowsFrom(1, 1) }],
      ["GET /posts?$skip=1", { value: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("__next", {
    resources: ["posts"],
    api: [
      ["GET /posts", { d: { results: rowsFrom(1, 1), __next: `${HERE}/posts?p=2` } }],
      ["GET /posts?p=2", { d: { results: rowsFrom(2, 1) } }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("links.next.href", {
    resources: ["posts"],
    api: [
      ["GET /posts", { data: rowsFrom(1, 1), links: { next: { href: "/posts?p=2" } } }],
      ["GET /posts?p=2", { data: rowsFrom(2, 1), links: {} }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("paging.next", {
    resources: ["posts"],
    api: [
      ["GET /posts", { data: rowsFrom(1, 1), paging: { next: `${HERE}/posts?p=2` } }],
      ["GET /posts?p=2", { data: rowsFrom(2, 1), paging: {} }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("a URL in a header whose name contains next", {
    resources: ["posts"],
    api: [
      ["GET /posts", reply(200, rowsFrom(1, 1), { "Next-Page": `${HERE}/posts?p=2` })],
      ["GET /posts?p=2", rowsFrom(2, 1)],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("__next at the top", {
    resources: ["posts"],
    api: [
      ["GET /posts", { __next: `${HERE}/posts?p=2`, value: rowsFrom(1, 1) }],
      ["GET /posts?p=2", { value: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("paging.next.link", {
    resources: ["posts"],
    api: [
      ["GET /posts", { results: rowsFrom(1, 1), paging: { next: { after: "1", link: `${HERE}/posts?after=1` } } }],
      ["GET /posts?after=1", { results: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("a link that is a query only", {
    resources: ["posts"],
    api: [
      ["GET /posts", { data: rowsFrom(1, 1), links: { next: "?p=2" } }],
      ["GET /posts?p=2", { data: rowsFrom(2, 1), links: { next: null } }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });
});

describe("A.2: auto ends in an IncompleteError that names the evidence, the paginator to write, and single_page", () => {
  const fails = (found: string, suggestion: string) => ({
    posts: new RegExp(
      `^IncompleteError: shop\\.posts, page 1, GET \\S+: the API has more pages than auto can read \\(${found}\\): write .*${suggestion}.*, or paginator: single_page to accept the first page only$`,
    ),
  });

  testConfig("for hasNextPage", {
    resources: ["posts"],
    api: [
      [
        "GET /posts",
        { data: { orders: { nodes: rowsFrom(1, 2), pageInfo: { hasNextPage: true, endCursor: "abc" } } } },
      ],
    ],
    fails: fails(
      "data\\.orders\\.pageInfo\\.hasNextPage is true",
      '{ type: "cursor", cursor_path: "data.orders.pageInfo.endCursor", cursor_body_path: "variables.after", has_more_path: .*hasNextPage"',
    ),
  });

  testConfig("for a continue object", {
    resources: ["posts"],
    api: [["GET /posts", { continue: { gapcontinue: "P" }, query: { pages: rowsFrom(1, 2) } }]],
    fails: fails('continue is \\{"gapcontinue":"P"\\}', 'cursor_path: "continue\\.gapcontinue"'),
  });

  testConfig("for has_more with a cursor", {
    resources: ["posts"],
    api: [["GET /posts", { data: rowsFrom(1, 2), has_more: true, paging: { cursors: { after: "b" } } }]],
    fails: fails(
      "has_more is true",
      'cursor_path: "paging.cursors.after", cursor_param: "...", has_more_path: "has_more"',
    ),
  });

  for (const [title, body, found, suggestion] of [
    ["a cursor of which auto does not know the name", { cursor: "b" }, 'cursor is "b"', 'cursor_path: "cursor"'],
    [
      "an object next",
      { paging: { next: { after: 7 } } },
      "paging\\.next is .*7.*",
      'cursor_path: "paging.next.after"',
    ],
    ["a number of the last page", { current_page: 1, last_page: 24 }, "last_page is 24", 'total_path: "last_page"'],
    [
      "a count of pages",
      { meta: { pageCount: 3 } },
      "meta.pageCount is 3",
      'base_page: 1, total_path: "meta.pageCount"',
    ],
    ["done: false", { done: false }, "done is false", 'last_page_path: "done"'],
    [
      "a list of links",
      { link: [{ relation: "self" }, { relation: "next", url: "/posts?p=2" }] },
      "link has a link to the next page",
      "next_url_path: \"link\\[\\?@.relation == 'next'\\].url\"",
    ],
  ] as const) {
    testConfig(`for ${title}`, {
      resources: ["posts"],
      api: [["GET /posts", { data: rowsFrom(1, 2), ...body }]],
      fails: fails(found, suggestion),
    });
  }

  for (const [name, value, found, suggestion] of [
    ["X-Total-Count", "600", "x-total-count is 600, and the page has 2 rows", "offset"],
    ["Content-Range", "items 0-1/600", "content-range is items 0-1/600, and the page has 2 rows", "offset"],
    ["X-Next-Page", "2", "x-next-page is 2", 'cursor_key: "x-next-page", cursor_param: "page"'],
    ["X-Next-Cursor", "abc", "x-next-cursor is abc", 'type: "header_cursor", cursor_key: "x-next-cursor"'],
    ["x-ms-continuationtoken", "abc", "x-ms-continuationtoken is abc", "header_cursor"],
    ["X-WP-TotalPages", "3", "x-wp-totalpages is 3", 'type: "page_number"'],
  ] as const) {
    testConfig(`for the header ${name}`, {
      resources: ["posts"],
      api: [["GET /posts", reply(200, rowsFrom(1, 2), { [name]: value })]],
      fails: fails(`the header ${found}`, suggestion),
    });
  }

  testConfig("for a flag of the last page that is false", {
    resources: ["posts"],
    api: [["GET /posts", { data: rowsFrom(1, 2), isLast: false }]],
    fails: fails("isLast is false", 'last_page_path: "isLast"'),
  });

  testConfig("for a total above the number of rows", {
    resources: ["posts"],
    api: [["GET /posts", { data: rowsFrom(1, 2), meta: { total: 40 } }]],
    fails: fails("meta\\.total is 40, and the page has 2 rows", "offset"),
  });

  testConfig("but single_page accepts the first page", {
    resources: [{ name: "posts", endpoint: { paginator: "single_page" } }],
    api: [["GET /posts", { data: rowsFrom(1, 2), has_more: true }]],
    rows: { posts: rowsFrom(1, 2) },
    warns: {},
  });
});

describe("A.2: auto warns", () => {
  for (const count of [10, 20, 25, 30, 50, 100, 200, 250, 500, 1000]) {
    testConfig(`of a single page of exactly ${count} rows`, {
      resources: ["posts"],
      api: [["GET /posts", { data: rowsFrom(1, count) }]],
      rows: { posts: rowsFrom(1, count) },
      warns: { posts: [new RegExp(`^the only page has exactly ${count} rows, .* single_page to accept this page$`)] },
    });
  }

  for (const [title, body, headers] of [
    ["of another number of rows", rowsFrom(1, 99)],
    ["whose flag of more pages is false", { data: rowsFrom(1, 100), has_more: false }],
    [
      "whose flag says that it is the last one, next to a cursor",
      { data: rowsFrom(1, 100), isLast: true, cursor: "b" },
    ],
    [
      "of GraphQL that is the last one",
      { data: { p: rowsFrom(1, 9), pageInfo: { hasNextPage: false, endCursor: "b" } } },
    ],
    ["with an empty next", { data: rowsFrom(1, 100), next: null }],
    ["of all rows of a total", { data: rowsFrom(1, 100), total: 100 }],
    [
      "of a header with all rows",
      rowsFrom(1, 7),
      { "X-Total-Count": "7", "X-Next-Page": "", "X-RateLimit-Total": "99" },
    ],
    ["with objects about the cursor that are empty", { data: rowsFrom(1, 9), cursor: { next: null }, page_count: 1 }],
  ] as const) {
    testConfig(`of no single page ${title}`, {
      resources: ["posts"],
      api: [["GET /posts", reply(200, body, headers)]],
      warns: {},
    });
  }
});

describe("A.2: a config that looks for the next page in the wrong place", () => {
  const WARNING = /^only one page was read \(the response has no (\S+ ?\S*), but \S+ leads to a next page\): correct/;
  const cases: [string, object | string, object][] = [
    ["a cursor under another name", { type: "cursor", cursor_path: "paging.cursor" }, { paging: { next: "b" } }],
    ["a link under another name", { type: "json_link", next_url_path: "next" }, { links: { next: "/posts?page=2" } }],
    ["no header", { type: "header_cursor" }, { next_cursor: "b" }],
    ["no Link header", "header_link", { next: "/posts?page=2" }],
  ];
  for (const [name, paginator, extra] of cases) {
    testConfig(`and meets ${name} is a warning that names both`, {
      ...posts(paginator),
      api: [["GET /posts", { data: rowsFrom(1, 2), ...extra }]],
      rows: { posts: rowsFrom(1, 2) },
      warns: { posts: [WARNING] },
    });
  }

  testConfig("has no warning on the last page of an API that leaves the link out there", {
    ...posts({ type: "json_link", next_url_path: "paging.next" }),
    api: [["GET /posts", { data: rowsFrom(1, 2), paging: { cursors: { before: "a", after: "b" } } }]],
    rows: { posts: rowsFrom(1, 2) },
    warns: {},
  });
});

describe("A.3: auto does not follow a response without a list", () => {
  testConfig("with a URL, a date or a count whose key looks like pagination", {
    resources: [{ name: "account", endpoint: "account" }],
    api: [["GET /account", { id: 1, next_action_url: "/pay", next_billing_date: "2026-01-01", pages: 3 }]],
    rows: { account: [{ id: 1, next_action_url: "/pay", next_billing_date: "2026-01-01", pages: 3 }] },
  });
});

for (const [title, row] of [
  ["a URL of the same origin", { id: 1, next_action_url: `${HERE}/pay` }],
  ["a date", { id: 1, next_billing_date: "2026-01-01" }],
  ["a count", { id: 1, pages: 3 }],
  ["a cursor and a flag", { id: 1, next_cursor: "b", has_more: true }],
] as const) {
  testConfig(`A.3: auto does not follow a single object with ${title} alone`, {
    resources: ["account"],
    api: [["GET /account", row]],
    warns: {},
  });
}

describe("A.4: a scroll API that repeats its cursor", () => {
  const scroll = (end: object) => ({ type: "cursor", cursor_path: "scroll", cursor_param: "scroll", ...end });

  testConfig("is read to its empty page", {
    ...posts(scroll({ stop_after_empty_page: true })),
    api: [
      ["GET /posts", { scroll: "s", data: rowsFrom(1, 2) }],
      ["GET /posts?scroll=s", { scroll: "s", data: rowsFrom(3, 2) }],
      ["GET /posts?scroll=s", { scroll: "s", data: rowsFrom(5, 1) }],
      ["GET /posts?scroll=s", { scroll: "s", data: [] }],
    ],
    rows: { posts: rowsFrom(1, 5) },
  });

  testConfig("is read until its flag is false", {
    ...posts(scroll({ has_more_path: "more" })),
    api: [
      ["GET /posts", { scroll: "s", more: true, data: rowsFrom(1, 2) }],
      ["GET /posts?scroll=s", { scroll: "s", more: true, data: rowsFrom(3, 2) }],
      ["GET /posts?scroll=s", { scroll: "s", more: false, data: rowsFrom(5, 1) }],
    ],
    rows: { posts: rowsFrom(1, 5) },
  });

  testConfig("is an error if it repeats its rows as well", {
    ...posts(scroll({ stop_after_empty_page: true })),
    api: [
      ["GET /posts", { scroll: "s", data: rowsFrom(1, 2) }],
      ["GET /posts?scroll=s", { scroll: "s", data: rowsFrom(1, 2) }],
    ],
    fails: { posts: /^RepeatedPageError/ },
  });
});

describe("A.5: a last page without rows", () => {
  testConfig("ends pagination if it repeats the cursor that was sent", {
    ...posts({ type: "cursor", cursor_path: "next", cursor_param: "after" }),
    api: [
      ["GET /posts", { next: "b", data: rowsFrom(1, 2) }],
      ["GET /posts?after=b", { next: "b", data: [] }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });
});

test("A.6: header_link goes through 100 consecutive empty pages at most, by default", async () => {
  const nextOf = (page: number) => ({ link: `<${HERE}/posts?p=${page + 1}>; rel="next"` });
  for (const empty of [99, 100]) {
    await using api = await startApi(({ url }) => {
      const page = Number(url.searchParams.get("p") ?? 0);
      return reply(
        200,
        { data: page === 0 || page > empty ? rowsFrom(page, 1) : [] },
        page > empty ? {} : nextOf(page),
      );
    });
    const { rows, failures } = await runSource(createWorld(), sourceOf(api.url, posts("header_link")));
    if (empty < 100) expect(rows.posts).toEqual([{ id: 0 }, { id: empty + 1 }]);
    else
      expect(failures.posts).toMatch(
        /^IncompleteError: .*100 consecutive pages had no rows, .*max_empty_pages \(100\)$/,
      );
  }
});

describe("A.6: header_link", () => {
  const link = (page: number, results?: string) => ({
    link: `<${HERE}/posts?p=${page}>; rel="next"${results === undefined ? "" : `; results="${results}"`}`,
  });

  testConfig('ends at results="false"', {
    ...posts("header_link"),
    api: [
      ["GET /posts", reply(200, { data: rowsFrom(1, 1) }, link(2, "true"))],
      ["GET /posts?p=2", reply(200, { data: rowsFrom(2, 1) }, link(3, "false"))],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("is an IncompleteError after max_empty_pages consecutive pages without rows", {
    ...posts("header_link"),
    settings: { max_empty_pages: 3 },
    api: [
      ["GET /posts", reply(200, { data: rowsFrom(1, 1) }, link(2))],
      ["GET /posts?p=2", reply(200, { data: [] }, link(3))],
      ["GET /posts?p=3", reply(200, { data: [] }, link(4))],
      ["GET /posts?p=4", reply(200, { data: [] }, link(5))],
    ],
    fails: {
      posts:
        /^IncompleteError: shop\.posts, page 4, GET \S+: 3 consecutive pages had no rows, .*max_empty_pages \(3\)$/,
    },
  });

  testConfig("goes through fewer empty pages, and counts them again after a page with rows", {
    ...posts("header_link"),
    settings: { max_empty_pages: 2 },
    api: [
      ["GET /posts", reply(200, { data: [] }, link(2))],
      ["GET /posts?p=2", reply(200, { data: rowsFrom(1, 1) }, link(3))],
      ["GET /posts?p=3", reply(200, { data: [] }, link(4))],
      ["GET /posts?p=4", reply(200, { data: rowsFrom(2, 1) })],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });
});

describe("A.7: last_page_path", () => {
  testConfig("ends a cursor at end_of_stream", {
    ...posts({ type: "cursor", cursor_path: "next", cursor_param: "c", last_page_path: "end_of_stream" }),
    api: [
      ["GET /posts", { next: "b", end_of_stream: false, data: rowsFrom(1, 1) }],
      ["GET /posts?c=b", { next: "b", end_of_stream: true, data: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("ends an offset at isLast", {
    ...posts({ type: "offset", limit: 1, last_page_path: "isLast" }),
    api: [
      ["GET /posts?offset=0&limit=1", { isLast: false, data: rowsFrom(1, 1) }],
      ["GET /posts?offset=1&limit=1", { isLast: true, data: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("ends page numbers at last", {
    ...posts({ type: "page_number", last_page_path: "last" }),
    api: [
      ["GET /posts?page=0", { last: false, data: rowsFrom(1, 1) }],
      ["GET /posts?page=1", { last: true, data: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });
});

for (const flag of ["end_of_stream", "isLast", "last", "done"]) {
  for (const [no, yes] of [
    [false, true],
    ["false", "true"],
  ]) {
    testConfig(`A.7: last_page_path ends cursor and offset at ${flag}: ${JSON.stringify(yes)}`, {
      resources: [
        { type: "cursor", cursor_path: "next", cursor_param: "c", last_page_path: flag } as const,
        { type: "offset", limit: 1, last_page_path: flag } as const,
      ].map((paginator) => ({ name: paginator.type, endpoint: { data_selector: "data", paginator } })),
      api: [
        ["GET /cursor", { next: "b", [flag]: no, data: rowsFrom(1, 1) }],
        ["GET /cursor?c=b", { next: "c", [flag]: yes, data: rowsFrom(2, 1) }],
        ["GET /offset?offset=0&limit=1", { [flag]: no, data: rowsFrom(1, 1) }],
        ["GET /offset?offset=1&limit=1", { [flag]: yes, data: rowsFrom(2, 1) }],
      ],
      rows: { cursor: rowsFrom(1, 2), offset: rowsFrom(1, 2) },
      warns: {},
    });
  }
}

describe("A.8: a has_more flag that is absent", () => {
  testConfig("means false after an earlier page had it", {
    ...posts({ type: "offset", limit: 1, has_more_path: "more" }),
    api: [
      ["GET /posts?offset=0&limit=1", { more: true, data: rowsFrom(1, 1) }],
      ["GET /posts?offset=1&limit=1", { data: rowsFrom(2, 1) }],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });

  testConfig("is an error if no page had it", {
    ...posts({ type: "offset", limit: 1, has_more_path: "more" }),
    client: { error_handler: { max_retries: 0 } },
    api: [["GET /posts?offset=0&limit=1", { data: rowsFrom(1, 1) }]],
    fails: { posts: /^ResponseError: .*it has no usable value at has_more_path more/ },
  });
});

for (const status of [404, 422]) {
  const beyond = reply(status, { error: "no such page" });
  const kinds = [
    ["page_number", { type: "page_number", limit: 2, limit_param: "limit" }, (page: number) => `page=${page}&limit=2`],
    ["offset", { type: "offset", limit: 2 }, (page: number) => `offset=${[0, 2, 3][page]}&limit=2`],
  ] as const;
  for (const [kind, paginator, query] of kinds) {
    const pages: [string, unknown][] = [
      [`GET /posts?${query(0)}`, { data: rowsFrom(1, 2) }],
      [`GET /posts?${query(1)}`, { data: rowsFrom(3, 1) }],
    ];

    testConfig(`A.9: ${status} beyond the last page is not requested with stop_after_short_page of ${kind}`, {
      ...posts({ ...paginator, stop_after_short_page: true }),
      api: pages,
      rows: { posts: rowsFrom(1, 3) },
      warns: {},
    });

    testConfig(`A.9: ${status} beyond the last page ends ${kind} by a response action`, {
      resources: [
        {
          name: "posts",
          endpoint: {
            data_selector: "data",
            paginator,
            response_actions: [{ status_code: status, action: "ignore" }],
          },
        },
      ],
      api: [...pages, [`GET /posts?${query(2)}`, beyond]],
      rows: { posts: rowsFrom(1, 3) },
      warns: {},
    });

    testConfig(`A.9: ${status} beyond the last page is otherwise an error of ${kind}`, {
      ...posts(paginator),
      api: [...pages, [`GET /posts?${query(2)}`, beyond]],
      fails: { posts: new RegExp(`^HttpError: .*the API returned ${status}`) },
    });
  }
}

testConfig("A.9: stop_after_short_page saves a request per row of the parent", {
  resources: [
    { name: "posts", endpoint: { paginator: "single_page" } },
    {
      name: "tags",
      endpoint: {
        path: "posts/{resources.posts.id}/tags",
        data_selector: "data",
        paginator: { type: "offset", limit: 5, stop_after_short_page: true },
      },
    },
  ],
  api: [
    ["GET /posts", rowsFrom(1, 3)],
    ...[1, 2, 3].map((id): [string, object] => [`GET /posts/${id}/tags?offset=0&limit=5`, { data: rowsFrom(id, 1) }]),
  ],
  rows: { posts: rowsFrom(1, 3), tags: rowsFrom(1, 3) },
});

describe("A.9: a page beyond the last one that is an error", () => {
  testConfig("is not requested with stop_after_short_page", {
    ...posts({ type: "page_number", limit: 2, limit_param: "size", stop_after_short_page: true }),
    api: [
      ["GET /posts?page=0&size=2", { data: rowsFrom(1, 2) }],
      ["GET /posts?page=1&size=2", { data: rowsFrom(3, 1) }],
    ],
    rows: { posts: rowsFrom(1, 3) },
  });

  testConfig("ends pagination by a response action for its status", {
    resources: [
      {
        name: "posts",
        endpoint: {
          data_selector: "data",
          paginator: { type: "page_number" },
          response_actions: [{ status_code: 422, action: "ignore" }],
        },
      },
    ],
    api: [
      ["GET /posts?page=0", { data: rowsFrom(1, 2) }],
      ["GET /posts?page=1", reply(422, { error: "no such page" })],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });
});

describe("E.8: an API that has a count of pages and ignores page numbers", () => {
  testConfig("is read once, with a warning", {
    resources: ["posts"],
    api: [
      ["GET /posts", { data: rowsFrom(1, 2), total_pages: 3 }],
      ["GET /posts?page=1", { data: rowsFrom(1, 2), total_pages: 3 }],
      ["GET /posts?page=2", { data: rowsFrom(1, 2), total_pages: 3 }],
    ],
    rows: { posts: rowsFrom(1, 2) },
    warns: { posts: [/returns the same page for every page number/] },
  });
});

describe("B.6: header_link with a header", () => {
  testConfig("follows the URL that the header contains", {
    ...posts({ type: "header_link", header: "X-Following" }),
    api: [
      ["GET /posts", reply(200, { data: rowsFrom(1, 1) }, { "X-Following": `${HERE}/posts?p=2` })],
      ["GET /posts?p=2", reply(200, { data: rowsFrom(2, 1) })],
    ],
    rows: { posts: rowsFrom(1, 2) },
  });
});
