import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { validateSource } from "../../lib/config/schema/validate.ts";
import { jsonLines, restlake } from "../cli/command.fixture.ts";
import { filesBelow } from "../cli/lake.fixture.ts";
import { reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "restlake-messages-"));

afterAll(() => rmSync(folder, { recursive: true }));

const rows = [{ id: 1 }, { id: 2 }];
const posts = (endpoint: object = {}, more: object = {}) => ({
  name: "posts",
  endpoint: { paginator: "single_page" as const, ...endpoint },
  ...more,
});
/** A pattern that matches a string literally. */
const literally = (text: string): RegExp => new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"));

/** Tests the error of one response, which is requested once. */
const testError = (title: string, response: unknown, error: RegExp, ...[endpoint, more]: [object?, object?]) =>
  testConfig(title, {
    resources: [posts(endpoint, more)],
    api: [["GET /posts", response]],
    fails: { posts: error },
  });

testConfig("C: a 204 has no rows, and is not an error about JSON", {
  resources: [posts({ data_selector: "data" })],
  api: [["GET /posts", reply(204)]],
  rows: { posts: [] },
});

testConfig("C: JSON Lines are read line by line", {
  resources: [posts()],
  api: [["GET /posts", reply(200, '{"id":1}\n{"id":2}\n')]],
  rows: { posts: rows },
});

testError(
  "C: JSON Lines where JSON is expected are an error that names response_format",
  reply(200, '{"id":1}\n{"id":2}\n'),
  /^ResponseError: .*is not JSON at character 10: {\. It seems to be JSON Lines: set response_format: jsonl$/,
  { response_format: "json" },
);

testError(
  "C: JSON Lines of lists, which are not detected, are an error that names response_format",
  reply(200, "[1]\r\n[2]"),
  /is not JSON at character 6: \[\. It seems to be JSON Lines: set response_format: jsonl$/,
);

// The list of requests shows that each of these is sent once.
for (const [body, error] of [
  ['[{"amount":  NaN}]', "is not JSON at character 14: NaN"],
  ['[{"amount": -Infinity}]', "is not JSON at character 13: -Infinity"],
  ['[{"id": 1},]', "is not JSON at character 12: ]"],
  ['{"data": [{"id": 1,}]}', "is not JSON at character 20: }"],
  ['[{"id": 1}] garbage', "is not JSON at character 13: garbage"],
]) {
  testError(
    `C: a complete body that is not JSON is not retried, and the message has the place: ${body}`,
    reply(200, body),
    new RegExp(`^ResponseError: .*${literally(error as string).source}$`),
  );
}

testConfig("C: a PHP warning before the JSON is quoted without secrets, and is not retried", {
  client: { auth: { type: "bearer", token: { secret: "token" } } },
  secrets: { token: "token-0123456789" },
  resources: [posts()],
  api: [
    [
      "GET /posts",
      { headers: { authorization: "Bearer token-0123456789" } },
      reply(200, '<br />\n<b>Warning</b>: key token-0123456789 is old in /srv/api.php\n[{"id":1}]'),
    ],
  ],
  fails: {
    posts: literally(
      'is not JSON (application/json, it begins with "<br /> <b>Warning</b>: key *** is old in /srv/api.php [{\\"id\\":1}]")',
    ),
  },
});

describe("C: an error envelope is quoted with its text,", () => {
  for (const [body, text] of [
    [{ error: { code: 17, message: "quota exceeded" } }, "quota exceeded, 17"],
    [{ errors: [{ detail: "bad filter" }, { detail: "bad sort" }] }, "bad filter; bad sort"],
    [{ ok: false, error: "invalid_auth" }, "invalid_auth"],
    [{ code: 500, message: "down for maintenance" }, "down for maintenance, 500"],
    [{ statusCode: "403", msg: "no access" }, "no access"],
  ] as const) {
    for (const data_selector of [null, "items"]) {
      testError(
        `with data_selector ${data_selector}: ${JSON.stringify(body)}`,
        body,
        literally(`the response is an error, although its status is 200 ("${text}")`),
        { data_selector },
      );
    }
  }

  testError(
    "also if only the missing rows show that it is one",
    { message: "down for maintenance", until: "noon" },
    /^SelectorError: .*: the API returned "down for maintenance" instead of rows: data_selector "items" matches nothing \(the response is an object with the keys message, until\)/,
    { data_selector: "items" },
  );

  testConfig("and without secrets", {
    client: { auth: { type: "bearer", token: { secret: "token" } } },
    secrets: { token: "token-0123456789" },
    resources: [posts({ data_selector: "items" })],
    api: [
      [
        "GET /posts",
        { headers: { authorization: "Bearer token-0123456789" } },
        { message: `${"x".repeat(190)}token-0123456789` },
      ],
    ],
    fails: { posts: /the API returned "x{190}\*\*\*" instead of rows/ },
  });

  testConfig("but a row that has a status and a message is a row", {
    resources: [posts()],
    api: [["GET /posts", { id: 7, status: 404, message: "not found", url: "/a" }]],
    rows: { posts: [{ id: 7, status: 404, message: "not found", url: "/a" }] },
  });
});

testConfig("C: null among rows is a warning that names the selector which skips it", {
  resources: [posts({ data_selector: "data" })],
  api: [["GET /posts", { data: [{ id: 1 }, null] }]],
  rows: { posts: [{ id: 1 }, { id: null }] },
  warns: { posts: [literally('data_selector "data[?@ != null]" skips it')] },
});

for (const data_selector of [null, "data"]) {
  testError(
    `C: null among rows with a primary key is an error that names the selector which skips it, with data_selector ${data_selector}`,
    { data: [{ id: 1 }, null] },
    /^SchemaContractError: .*the list at "data" has null among its rows, but column id must not be null \(nullable: false, or part of primary_key\): data_selector "data\[\?@ != null\]" skips it$/,
    { data_selector },
    { primary_key: "id" },
  );
}

testConfig("C: the selector that the message about null names skips it", {
  resources: [posts({ data_selector: "data[?@ != null]" }, { primary_key: "id" })],
  api: [["GET /posts", { data: [{ id: 1 }, null, { id: 2 }] }]],
  rows: { posts: rows },
  warns: {},
});

testError(
  "C: a row whose values are all null is an error that does not blame null among the rows",
  [{ id: 1 }, { id: null }],
  /the row with number 2 of its page has no values, and column id must not be null .*: filter out such rows in processing_steps$/,
  {},
  { primary_key: "id" },
);

test.each([
  { params: { filter: { status: "open" } } },
  { params: { filter: { type: "term", value: 1 } } },
  { params: { filter: [{ status: "open" }] } },
  { method: "POST", data: { filter: { status: "open" } } },
])("C: an object as a parameter is an error that says to write JSON text: %j", (endpoint) => {
  const config = {
    name: "shop",
    client: { base_url: "https://api.shop.dev" },
    resources: [{ name: "posts", endpoint }],
  };
  expect(() => validateSource("shop.json", { config, settings: {} })).toThrow(
    /^shop\.json: resources\[0\]\.endpoint\.(params|data)\.filter(\[0\])?: expected [^:]*, got object: write it as JSON text$/,
  );
});

testConfig("C: JSON text as a parameter is sent as it is", {
  resources: [posts({ params: { filter: '{"status":{"in":["open"]}}' } })],
  api: [[`GET /posts?${new URLSearchParams({ filter: '{"status":{"in":["open"]}}' })}`, rows]],
  rows: { posts: rows },
});

for (const [primary_key, suggestion] of [
  ["post_idd", "did you mean post_id?"],
  ["postid", "did you mean post_id?"],
  ["meta.key", "did you mean meta__key?"],
  ["uuid", "correct the name in the config, or fix the data at the source."],
]) {
  testError(
    `C: a misspelt primary_key is an error with the nearest column: ${primary_key}`,
    [{ postId: 1, meta: { key: 5 }, note: null }],
    literally(
      `which must not be null (nullable: false, or part of primary_key): ${suggestion} Its columns: post_id, meta__key`,
    ),
    {},
    { primary_key },
  );
}

for (const [max_retries, text] of [
  [0, '{"error":"down"}'],
  [1, '{"error":"down"} (after 1 retry)'],
  [2, '{"error":"down"} (after 2 retries)'],
] as const) {
  testConfig(`C: an error after ${max_retries} retries counts them in correct grammar`, {
    client: { error_handler: { max_retries } },
    resources: [posts()],
    api: Array.from({ length: max_retries + 1 }, () => ["GET /posts", reply(500, { error: "down" })] as const).map(
      ([request, response]) => [request, response],
    ),
    fails: { posts: new RegExp(`returned 500: ${literally(text).source}$`) },
  });
}

describe("C: a page that repeats", () => {
  const pages = (paginator: object) => posts({ paginator: { type: "page_number", total_path: null, ...paginator } });

  testConfig("as the first one suggests base_page: 1 if the config has 0", {
    resources: [pages({})],
    api: [
      ["GET /posts?page=0", rows],
      ["GET /posts?page=1", rows],
    ],
    fails: { posts: /^RepeatedPageError: .*this page equals the first one: .* Set base_page: 1 in the paginator/ },
  });

  for (const paginator of [{ base_page: 1 }, { base_page: 0, page: 1 }]) {
    testConfig(`does not suggest base_page: 1 where page 1 was the first: ${JSON.stringify(paginator)}`, {
      resources: [pages(paginator)],
      api: [
        ["GET /posts?page=1", rows],
        ["GET /posts?page=2", rows],
      ],
      fails: {
        posts:
          /^RepeatedPageError: .*: page 2 equals page 1: the API seems to ignore "page", the page number\. Set page_param/,
      },
    });
  }

  testConfig("names the parameter that the API ignores", {
    resources: [pages({ base_page: 1, page_param: "p" })],
    api: [
      ["GET /posts?p=1", rows],
      ["GET /posts?p=2", rows],
    ],
    fails: { posts: /the API seems to ignore "p", the page number/ },
  });

  testConfig("later does not suggest that the API ignores the page number", {
    resources: [pages({ base_page: 1 })],
    api: [
      ["GET /posts?page=1", rows],
      ["GET /posts?page=2", [{ id: 3 }]],
      ["GET /posts?page=3", [{ id: 3 }]],
    ],
    fails: {
      posts:
        /page 3 equals page 2: the API seems to repeat its last page\. Set total_path, has_more_path or maximum_page/,
    },
  });

  testConfig("of a second row of the parent has the same message as that of the first row", {
    resources: [
      posts(),
      {
        name: "tags",
        endpoint: { path: "posts/{resources.posts.id}/tags", paginator: { type: "page_number", total_path: null } },
      },
    ],
    api: [
      ["GET /posts", rows],
      ["GET /posts/1/tags?page=0", []],
      ["GET /posts/2/tags?page=0", [{ tag: "a" }]],
      ["GET /posts/2/tags?page=1", [{ tag: "a" }]],
    ],
    fails: { tags: /^RepeatedPageError: .*Set base_page: 1/ },
  });
});

/** Runs check --live and then a sync of the same config, in separate processes, and returns what they print. */
const checkAndSync = async (name: string, resources: object[], responses: Record<string, unknown>) => {
  await using api = await startApi(({ url }) => responses[`${url.pathname}${url.search}`] ?? reply(404));
  const client = { base_url: api.url, error_handler: { max_retries: 0 }, paginator: "single_page" };
  const config = JSON.stringify({ name, client, resources }).replaceAll('"LATER ID"', "(row) => row.id > 1");
  writeFileSync(join(folder, `${name}.js`), `export const source = { config: ${config}, settings: {} };`);
  const checked = await restlake(["check", `${name}.js`, "--live"], folder);
  const synced = await restlake(["sync", `${name}.js`, "--out", name, "--json"], folder);
  const table = await restlake(["sync", `${name}.js`, "--out", `${name}-table`], folder);
  const lake = join(folder, name);
  const [report] = filesBelow(lake).filter((file) => /\/reports\/.*\.json$/.test(file) && !/latest|index/.test(file));
  return {
    checked,
    synced,
    table,
    summary: jsonLines(synced.out).at(-1) as { resources: Record<string, unknown>[] },
    report: JSON.parse(readFileSync(report as string, "utf8")) as { resources: Record<string, unknown>[] },
  };
};

const errorsOf = (resources: Record<string, unknown>[]): Record<string, string> =>
  Object.fromEntries(
    resources.map(({ resource, error }) => {
      const text = typeof error === "object" && error !== null ? Object.values(error).join(": ") : String(error);
      return [String(resource), /must not be null|no such step/.exec(text)?.[0] ?? text];
    }),
  );

test("C: check --live fails on every row that a run refuses, on the first and the second page", async () => {
  const key = { primary_key: "id" };
  const paged = { type: "page_number", base_page: 1, total_path: "pages" };
  const { checked, synced, summary } = await checkAndSync(
    "refusing",
    [
      { name: "nulls", ...key, endpoint: { data_selector: "data" } },
      { name: "misspelt", primary_key: "idd" },
      { name: "declared", columns: { note: { nullable: false } } },
      { name: "second", ...key, endpoint: { paginator: paged, data_selector: "data" } },
      { name: "skipping", ...key, endpoint: { data_selector: "data[?@ != null]" } },
      { name: "unselected", ...key, selected: false, endpoint: { data_selector: "data" } },
      { name: "children", endpoint: "children/{resources.unselected.id}" },
      { name: "filtered", ...key, endpoint: { data_selector: "data" }, processing_steps: [{ filter: "LATER ID" }] },
    ],
    {
      "/nulls": { data: [{ id: 1 }, null] },
      "/misspelt": [{ id: 1 }],
      "/declared": [{ id: 1, note: null }],
      "/second?page=1": { data: [{ id: 1 }], pages: 2 },
      "/second?page=2": { data: [{ id: 2 }, { id: null, name: "x" }], pages: 2 },
      "/skipping": { data: [{ id: 1 }, null] },
      "/unselected": { data: [{ id: 1 }] },
      "/children/1": [{ id: 1 }],
      "/filtered": { data: [{ id: 2 }, null] },
    },
  );
  const failed = (pattern: RegExp) => [...checked.out.matchAll(pattern)].map((match) => match[1]);
  const refused = ["nulls", "misspelt", "declared", "second"];
  expect(failed(/^!! (.*)$/gm)).toEqual(refused);
  expect(failed(/^ok (.*)$/gm)).toEqual(["skipping", "unselected", "children", "filtered"]);
  expect([checked.code, synced.code]).toEqual([1, 1]);
  const errors = errorsOf(summary.resources.filter(({ status }) => status === "failed"));
  expect(errors).toEqual(Object.fromEntries(refused.map((name) => [name, "must not be null"])));
  expect(checked.out.replaceAll(/\s+/g, " ")).toContain('data_selector "data[?@ != null]" skips it');
});

test("C: check --live, summary, --json and report agree on rows", async () => {
  const { checked, synced, table, summary, report } = await checkAndSync(
    "agreeing",
    [
      { name: "plain", endpoint: "plain" },
      { name: "filtered", processing_steps: [{ filter: "LATER ID" }], endpoint: "filtered" },
      {
        name: "newer",
        endpoint: { path: "newer", incremental: { cursor_path: "at", initial_value: "2026-01-01T00:00:00Z" } },
      },
      { name: "nulls", endpoint: { path: "nulls", data_selector: "data" } },
      { name: "single", endpoint: "single" },
      { name: "scalars", endpoint: { path: "scalars", data_selector: "ids" } },
      { name: "empty", endpoint: { path: "empty", data_selector: "data" } },
    ],
    {
      "/plain": { data: [{ id: 1 }, { id: 2 }, { id: 3 }] },
      "/filtered": [{ id: 1 }, { id: 2 }, { id: 3 }],
      "/newer": [{ at: "2026-01-02T00:00:00Z" }, { at: "2025-01-02T00:00:00Z" }],
      "/nulls": { data: [{ id: 1 }, null] },
      "/single": { id: 1, name: "x" },
      "/scalars": { ids: [1, 2] },
      "/empty": { data: [] },
    },
  );
  expect([checked.code, synced.code, table.code]).toEqual([0, 0, 0]);
  /** Rows in the responses, and rows that are loaded. */
  const expected = {
    plain: [3, 3],
    filtered: [3, 2],
    newer: [2, 1],
    nulls: [2, 2],
    single: [1, 1],
    scalars: [2, 2],
    empty: [0, 0],
  };
  const fromCheck = [...checked.out.matchAll(/^ok (\w+)\n(?:.*\n)*?^ {2}rows +(\d+) at [^,\n]*(?:, (\d+) after)?/gm)];
  expect(Object.fromEntries(fromCheck.map(([, name, read, kept]) => [name, [read, kept ?? read].map(Number)]))).toEqual(
    expected,
  );
  const counts = (resources: Record<string, unknown>[]) =>
    Object.fromEntries(resources.map(({ resource, read_rows, rows: loaded }) => [resource, [read_rows, loaded]]));
  expect(counts(summary.resources)).toEqual(expected);
  expect(counts(report.resources)).toEqual(expected);
  const printed = [...table.out.matchAll(/^agreeing\.(\w+) +done +(\d+)/gm)].map(([, name, loaded]) => [name, loaded]);
  expect(Object.fromEntries(printed)).toEqual(
    Object.fromEntries(Object.entries(expected).map(([name, [, loaded]]) => [name, String(loaded)])),
  );
});
