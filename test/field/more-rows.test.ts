import { describe } from "vitest";
import { reply, testConfig } from "../configs/case.fixture.ts";

const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => ({ id: from + index }));

describe("A.2: auto ends in an IncompleteError", () => {
  const stops = (name: string, body: unknown, found: RegExp, headers: Record<string, string> = {}) =>
    testConfig(name, {
      resources: ["posts"],
      api: [["GET /posts", reply(200, body, headers)]],
      fails: {
        posts: new RegExp(`^IncompleteError: .*the API has more pages than auto can read \\(${found.source}\\)`),
      },
    });

  stops("for a total next to a nested list", { data: { list: rows(1, 3), total: 9 } }, /data\.total is 9, .*/);
  stops(
    "for a total in an object about the page, next to a nested list",
    { result: { list: rows(1, 3), page: { total: 9 } } },
    /result\.page\.total is 9, .*/,
  );
  stops("for numFound", { response: { numFound: 9, docs: rows(1, 3) } }, /response\.numFound is 9, .*/);
  stops(
    "for the total of a search, which is an object",
    { hits: { total: { value: 9, relation: "eq" }, hits: rows(1, 3) } },
    /hits\.total\.value is 9, .*/,
  );
  stops("for totalElements", { content: rows(1, 3), page: { totalElements: 9 } }, /page\.totalElements is 9, .*/);
  stops("for done: false", { totalSize: 3, done: false, records: rows(1, 3) }, /done is false/);
  testConfig("but not for values about something else, or about this page only", {
    resources: ["posts"],
    api: [
      [
        "GET /posts",
        reply(
          200,
          { data: rows(1, 3), total: 3, pageCount: 1, last_page: 1, next: {}, order: { total: 9, done: false } },
          { "x-total-count": "3", "x-next-page": "", "x-total-pages": "1", "x-nextjs-cache": "HIT" },
        ),
      ],
    ],
    rows: { posts: rows(1, 3) },
    warns: {},
  });
});

describe("A.2: a list of links is not the list of the rows", () => {
  const links = [
    { relation: "self", url: "/a" },
    { relation: "next", url: "/b" },
  ];

  testConfig("whose link to the next page is evidence", {
    resources: ["posts"],
    api: [["GET /posts", { link: links, entry: rows(1, 2) }]],
    fails: { posts: /IncompleteError: .*link has a link to the next page/ },
  });

  testConfig("before the rows", {
    resources: ["posts"],
    api: [["GET /posts", { link: links.slice(0, 1), entry: rows(1, 2) }]],
    rows: { posts: rows(1, 2) },
  });

  testConfig("unless the config names it", {
    resources: [{ name: "posts", endpoint: { data_selector: "link", paginator: "single_page" } }],
    api: [["GET /posts", { link: links }]],
    rows: { posts: links },
  });
});

describe("A.2: auto warns of a single page that is as long", () => {
  const warns = { posts: [/^the only page has exactly 3 rows, .* single_page to accept this page$/] };

  testConfig("as the page size in the request", {
    resources: [{ name: "posts", endpoint: { params: { per_page: 3 } } }],
    api: [["GET /posts?per_page=3", rows(1, 3)]],
    rows: { posts: rows(1, 3) },
    warns,
  });

  testConfig("as the page size in the response", {
    resources: ["posts"],
    api: [["GET /posts", { data: rows(1, 3), paging: { pageSize: 3 } }]],
    rows: { posts: rows(1, 3) },
    warns,
  });
});
