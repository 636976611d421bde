import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reply, startApi } from "../configs/conversation.fixture.ts";
import { UNREACHABLE } from "../ports.ts";
import { check, folder, KEY, TOKEN, write } from "./check.fixture.ts";
import type { Ended } from "./command.fixture.ts";

describe("check --live", () => {
  const row = (id: number) => ({ id, name: `row ${id}`, meta: { at: "2026-01-02T03:04:05Z" } });
  const page = (own: object = {}) => ({ type: "page_number", base_page: 1, ...own });
  const hung = Promise.withResolvers<unknown>();

  /** Responses of the API, by method and path with its query. */
  const RESPONSES: Record<string, unknown> = {
    "GET /paged?page=1": { data: [row(1), row(2)], meta: { pages: 3 } },
    "GET /paged?page=2": { data: [row(3)], meta: { pages: 3 } },
    "GET /found": { meta: { next_page: "/found?after=2" }, list: { items: [row(1)], tags: [] } },
    "GET /found?after=2": { list: { items: [] } },
    "GET /guessed": { data: [row(1)], total_pages: 2 },
    "GET /guessed?page=1": { data: [row(1)], total_pages: 2 },
    "GET /parents": [{ id: "a/b", lang: "de" }, { id: "c" }],
    "GET /parents/a%2Fb/children": { data: [{ no: 7 }] },
    "POST /grandchildren": { data: [] },
    "GET /barren": { data: [] },
    "GET /gone": reply(404, { error: "no such thing" }),
    "GET /away": reply(404, "gone"),
    "GET /refused": reply(401, { error: "who are you" }),
    "GET /busy": reply(429, { error: "slow down" }, { "retry-after": "30" }),
    "GET /page.html": reply(200, "<html>Log in</html>", { "content-type": "text/html" }),
    "GET /torn": reply(200, '{"data": [{"id": 1'),
    "GET /elsewhere": { data: [row(1)], next: "https://other.invalid/page/2" },
    "GET /wrong?page=1": { result: { entries: [row(1), row(2), row(3)] }, count: 3 },
    "GET /same?page=0": { data: [row(1)] },
    "GET /same?page=1": { data: [row(1)] },
    "GET /contradicts?page=1": { data: [], meta: { pages: 4 } },
    "GET /counts?page=1": { data: [], total: 12 },
    "GET /older": { data: [row(1), { ...row(2), meta: { at: "2025-01-01T00:00:00Z" } }] },
    "GET /not-yet": { status: "come back" },
    "GET /tells": reply(500, { error: `the key ${KEY} is not good` }),
    "GET /slow": hung.promise,
    "GET /threw": [row(1)],
    "GET /stepped": [{ id: "17", name: "a" }],
    "GET /counted": { data: [{ id: 1 }, { id: 2 }], total_count: 45, paging: { next: "b" } },
    "GET /mistyped": [{ seen: 1700000000 }, { seen: "soon" }],
  };

  const CONFIG = {
    name: "live",
    client: { base_url: "HERE", auth: { type: "api_key", name: "x-api-key", api_key: { secret: "api_key" } } },
    resources: [
      { name: "paged", endpoint: { data_selector: "data", paginator: page({ total_path: "meta.pages" }) } },
      "found",
      {
        name: "guessed",
        columns: { id: { data_type: "text" }, note: { data_type: "json" } },
        endpoint: { path: "guessed" },
      },
      { name: "parents", endpoint: "parents" },
      {
        name: "children",
        include_from_parent: ["lang"],
        endpoint: { path: "parents/{resources.parents.id}/children", data_selector: "data" },
      },
      {
        name: "grandchildren",
        endpoint: {
          method: "POST",
          json: { of: "{resources.children.no}", token: { secret: "token" } },
          paginator: "single_page",
          data_selector: "data",
        },
      },
      { name: "greatgrandchildren", endpoint: { path: "x/{resources.grandchildren.id}" } },
      { name: "barren", endpoint: { data_selector: "data" } },
      { name: "heirs", endpoint: { path: "heirs/{resources.barren.id}/all" } },
      { name: "gone", endpoint: "gone" },
      { name: "orphans", endpoint: { path: "orphans/{resources.gone.id}/all" } },
      { name: "away", endpoint: { response_actions: [{ status_code: 404, action: "ignore" }] } },
      { name: "refused", endpoint: "refused" },
      { name: "busy", endpoint: "busy" },
      { name: "html", endpoint: "page.html" },
      { name: "torn", endpoint: "torn" },
      { name: "elsewhere", endpoint: "elsewhere" },
      { name: "wrong", endpoint: { data_selector: "results", paginator: page() } },
      { name: "same", endpoint: { data_selector: "data", paginator: "page_number" } },
      { name: "contradicts", endpoint: { data_selector: "data", paginator: page({ total_path: "meta.pages" }) } },
      { name: "counts", endpoint: { data_selector: "data", paginator: page() } },
      {
        name: "older",
        endpoint: {
          data_selector: "data",
          incremental: { cursor_path: "meta.at", initial_value: "2026-01-01T00:00:00Z" },
        },
      },
      { name: "not_yet", endpoint: { path: "not-yet", response_actions: [{ content: "come back", action: "retry" }] } },
      { name: "tells", endpoint: "tells" },
      { name: "nowhere", endpoint: "NOBODY/nowhere" },
      {
        name: "thief",
        endpoint: {
          auth: {
            type: "oauth2_client_credentials",
            access_token_url: "http://169.254.169.254/token",
            client_id: "me",
            client_secret: { secret: "token" },
          },
        },
      },
    ],
  };

  let api: Awaited<ReturnType<typeof startApi>>;
  let ended: Ended;
  const before: string[] = [];

  beforeAll(async () => {
    api = await startApi(
      ({ text, url }) => RESPONSES[`${text.split(" ")[0]} ${url.pathname}${url.search}`] ?? reply(418),
    );
    const config = JSON.parse(
      JSON.stringify(CONFIG).replaceAll("HERE", api.url).replaceAll("NOBODY", UNREACHABLE),
    ) as typeof CONFIG;
    write("live.json", config);
    const seen = { data_type: "timestamp" };
    const mistyped = { name: "mistyped", columns: { seen }, endpoint: { path: "mistyped", paginator: "single_page" } };
    const counted = { path: "counted", data_selector: "data", paginator: { type: "cursor", cursor_path: "next" } };
    write("counted.json", { ...config, resources: [{ name: "counted", endpoint: counted }] });
    write("mistyped.json", { ...config, resources: [mistyped] });
    const processing_steps = [{ remove: ["nmae"] }, { filter: "@.id != 17" }];
    write("stepped.json", { ...config, resources: [{ name: "stepped", endpoint: "stepped", processing_steps }] });
    write("fine.json", { ...config, resources: CONFIG.resources.slice(0, 2) });
    write("slow.json", { ...config, resources: [{ name: "slow", endpoint: "slow" }] });
    write("empty.json", { ...config, resources: CONFIG.resources.slice(7, 9) });
    write("limited.json", {
      ...config,
      client: { ...config.client, rate_limit: { requests: 1, per: 3600 } },
      resources: CONFIG.resources.slice(0, 2),
    });
    write(
      "threw.ts",
      `export const source = { config: { name: "live", client: { base_url: "${api.url}" }, resources: [{ name: "threw", processing_steps: [{ map: (row) => row.nothing.at }] }] }, settings: {} };`,
    );
    write("careless-live.json", {
      ...config,
      resources: [{ name: "paged", endpoint: { path: `paged/${KEY}`, auth: null } }],
    });
    before.push(...readdirSync(folder, { recursive: true }).map(String));
    ended = await check(["live.json", "--live", "--secret", `api_key=${KEY}`], { RESTLAKE_SECRET_TOKEN: TOKEN });
  });

  afterAll(async () => {
    hung.resolve({});
    await api[Symbol.asyncDispose]();
  });

  const HOST = "http://127.0.0.1:PORT";

  /** Returns the lines about a resource, without indentation. */
  const linesAbout = (resource: string): string[] => {
    const block = ended.out.split("\n\n").find((text) => new RegExp(`^(ok|!!|--) ${resource}\n`).test(text)) ?? "";
    return block.split("\n").map((line) => line.replace(/^ {2}/, ""));
  };

  test("prints request, status, rows, columns and pages, and requests the second page as well", () => {
    expect(linesAbout("paged")).toEqual([
      "ok paged",
      `request     GET ${HOST}/paged?page=1`,
      "status      200 in N ms",
      "rows        2 at data",
      "columns     id bigint, name text, meta__at timestamp",
      "pages       page_number: base_page 1, page_param page, total_path meta.pages",
      `next        GET ${HOST}/paged?page=2`,
      "status      200 in N ms",
      "rows        1, more pages follow",
    ]);
  });

  test("prints the detected selector and paginator", () => {
    expect(linesAbout("found").slice(3)).toEqual([
      "rows        1 at list.items (detected)",
      "columns     id bigint, name text, meta__at timestamp",
      "pages       json_link: next_url_path meta.next_page (detected)",
      `next        GET ${HOST}/found?after=2`,
      "status      200 in N ms",
      "rows        0, last page",
    ]);
  });

  test("detects that page numbers start at 1; declared columns keep their type", () => {
    expect(linesAbout("guessed").slice(4)).toEqual([
      "columns     id text, note json, name text, meta__at timestamp",
      "pages       page_number: base_page 0, page_param page, total_path total_pages (detected)",
      `next        GET ${HOST}/guessed?page=1`,
      "status      200 in N ms",
      "rows        the first page again: page numbers start at 1",
    ]);
  });

  test("requests children and grandchildren with the first row of their parent", () => {
    expect(linesAbout("children").slice(0, 5)).toEqual([
      "ok children",
      `request     GET ${HOST}/parents/a%2Fb/children`,
      "status      200 in N ms",
      "rows        1 at data",
      "columns     no bigint, _parents_lang text",
    ]);
    expect(linesAbout("grandchildren")).toEqual([
      "ok grandchildren",
      `request     POST ${HOST}/grandchildren`,
      '            json {"of":7,"token":"***"}',
      "status      200 in N ms",
      "rows        0 at data",
      "columns     none yet",
      "pages       single_page",
      "next        none: this is the last page",
    ]);
    expect(api.requests).toContainEqual(expect.stringContaining(`json {"of":7,"token":"${TOKEN}"}`));
  });

  test("skips a child whose parent has no rows, or failed", () => {
    expect(linesAbout("barren")[0]).toBe("ok barren");
    expect(linesAbout("heirs")).toEqual(["-- heirs", "skipped     no row of its parent barren"]);
    expect(linesAbout("orphans")).toEqual(["-- orphans", "skipped     no row of its parent gone"]);
    expect(linesAbout("greatgrandchildren")[0]).toBe("-- greatgrandchildren");
  });

  test.for<[string, string, (string | RegExp)[]]>([
    [
      "a 401 that stays after the secret was reloaded",
      "refused",
      ["status      401 in N ms", /^error {7}AuthError: the API returned 401\b.*secret/],
    ],
    [
      "a 404",
      "gone",
      ["status      404 in N ms", 'error       HttpError: the API returned 404: {"error":"no such thing"}'],
    ],
    [
      "a 429 with its Retry-After",
      "busy",
      [
        "status      429 in N ms",
        'error       ThrottledError: the API returned 429: {"error":"slow down"}',
        "retry       after 30 s (Retry-After)",
      ],
    ],
    [
      "an HTML page",
      "html",
      ["status      200 in N ms", /^error {7}ResponseError: the response is not JSON \(text\/html, it begins with/],
    ],
    [
      "JSON that ends in the middle",
      "torn",
      ["status      200 in N ms", /^error {7}ResponseError: the response is incomplete JSON/],
    ],
    [
      "a response that a response action retries",
      "not_yet",
      [
        "status      200 in N ms",
        'error       HttpError: the API returned 200: {"status":"come back"}',
        "retry       a response action retries this response",
      ],
    ],
    [
      "an error message that contains a secret",
      "tells",
      ["status      500 in N ms", 'error       HttpError: the API returned 500: {"error":"the key *** is not good"}'],
    ],
    [
      "an API that cannot be reached",
      "nowhere",
      ["status      no response", /^error {7}HttpError: the API cannot be reached \(ECONNREFUSED\): check base_url /],
    ],
    [
      "a selector that matches nothing, with the path of rows in the response",
      "wrong",
      [
        "status      200 in N ms",
        /^error {7}SelectorError: data_selector "results" matches nothing \(.*\bresult, count\b/,
        "instead     3 rows at result.entries",
      ],
    ],
    [
      "a response that contradicts itself",
      "contradicts",
      [
        "status      200 in N ms",
        /^error {7}ResponseError: the response does not fit the paginator: .*meta\.pages is 4: total_path is/,
      ],
    ],
  ])("reports %s", ([, resource, lines]) => {
    const [head, request, ...rest] = linesAbout(resource);
    expect(head).toBe(`!! ${resource}`);
    expect(request).toMatch(/^request {5}GET http/);
    expect(rest).toEqual(lines.map((line) => (typeof line === "string" ? line : expect.stringMatching(line))));
    // A run would retry and resume; a check does neither.
    expect(rest.join()).not.toMatch(/after \d+ retries|resumes/);
  });

  test("reports an API that does not respond within --request-timeout", async () => {
    const { out } = await check(["slow.json", "--live", "--secret", `api_key=${KEY}`, "--request-timeout", "0.2"]);
    const lines = ["!! slow", `  request     GET ${HOST}/slow`, "  status      no response"];
    expect(out).toContain(`${lines.join("\n")}\n  error       TimeoutError: no response within 0.2 s: `);
  });

  test("reports a second page that equals the first one, and a next page on another host", () => {
    expect(linesAbout("same").slice(-3)).toEqual([
      `next        GET ${HOST}/same?page=1`,
      "status      200 in N ms",
      expect.stringMatching(/^error {7}RepeatedPageError: this page equals the first one: .*base_page: 1/),
    ]);
    expect(linesAbout("same")[0]).toBe("!! same");
    expect(linesAbout("elsewhere").at(-1)).toMatch(
      /^error {7}ResponseError: the response points to another origin, https:\/\/other\.invalid /,
    );
  });

  test("sends no secret to a metadata service", () => {
    expect(linesAbout("thief")).toEqual([
      "!! thief",
      expect.stringMatching(
        /^error {7}ConfigError: access_token_url http:\/\/169\.254\.169\.254 is a link-local address/,
      ),
    ]);
  });

  test("accepts an ignored response, prints a note about a doubtful one, and counts the rows after the filter", () => {
    expect(linesAbout("away")).toEqual([
      "ok away",
      `request     GET ${HOST}/away`,
      "status      404 in N ms, ignored by a response action",
    ]);
    expect(linesAbout("counts")[0]).toBe("ok counts");
    expect(linesAbout("counts").at(-2)).toMatch(/^note {8}it has no rows, but total_path total is 12: /);
    expect(linesAbout("older")[3]).toBe("rows        2 at data, 1 after processing steps and incremental filter");
  });

  test("warns about values that do not fit the declared type of their column", async () => {
    const { code, out } = await check(["mistyped.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(code).toBe(0);
    expect(out.replaceAll(/\s+/g, " ")).toContain(
      "columns seen timestamp, seen__v_text text note values of seen do not fit its declared type timestamp (they are in seen__v_text, and null in seen): declare another data_type in columns",
    );
  });

  test("warns about a total above the rows that were read, and about a cursor under another name", async () => {
    const { code, out } = await check(["counted.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(code).toBe(0);
    const text = out.replaceAll(/\s+/g, " ");
    expect(text).toContain("note only one page was read (the response has no cursor_path next, but paging.next leads");
    expect(text).toMatch(/note .* the total of the API .*\(2 read, the API reports 45\)/);
  });

  test("sends no request twice, except once after it has reloaded a rejected secret", () => {
    const lines = api.requests.map((text) => text.split("\n")[0]);
    expect(lines.filter((line) => line === "GET /busy")).toHaveLength(1);
    expect(lines.filter((line) => line === "GET /tells")).toHaveLength(1);
    expect(lines.filter((line) => line === "GET /refused")).toHaveLength(2);
  });

  test("exits with 1 if a resource failed, with 0 if none did, and prints the counts", async () => {
    expect({ code: ended.code, err: ended.err }).toEqual({ code: 1, err: "" });
    expect(ended.out).toMatch(/\n\n10 ok, 13 failed, 3 skipped\n$/);
    const fine = await check(["fine.json", "--live"], { RESTLAKE_SECRET_API_KEY: KEY });
    expect(fine).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/\n\n2 ok, 0 failed\n$/) });
    const empty = await check(["empty.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(empty).toMatchObject({ code: 0, out: expect.stringMatching(/\n\n1 ok, 0 failed, 1 skipped\n$/) });
  });

  test("reads secrets from the environment; --secret takes precedence", async () => {
    api.requests.length = 0;
    const args = ["fine.json", "--live", "--resource", "found"];
    await check(args, { RESTLAKE_SECRET_API_KEY: KEY });
    await check([...args, "--secret", `api_key=${TOKEN}`], { RESTLAKE_SECRET_API_KEY: KEY });
    const keys = api.requests.map((text) => /x-api-key: (.*)/.exec(text)?.[1]);
    expect(keys).toEqual([KEY, KEY, TOKEN, TOKEN]);
  });

  test("masks a secret that the config contains in plain text, even if no auth uses it", async () => {
    const { out } = await check(["careless-live.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(out).toContain(`  request     GET ${HOST}/paged/***\n`);
  });

  test("respects the rate limit of all resources together, and prints what it skipped", async () => {
    api.requests.length = 0;
    const { code, out } = await check(["limited.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(api.requests).toHaveLength(1);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok paged\n/);
    expect(out).toMatch(
      /^ {2}next .*\n {2}status .*\n {2}skipped {5}rate_limit allows no request for \d+ s\n\n-- found\n/m,
    );
    expect(out).toMatch(/\n1 ok, 0 failed, 1 skipped\n$/);
  });

  test("reports an error of a user callback like any other error", async () => {
    const { code, out } = await check(["threw.ts", "--live"]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^ {2}error {7}ConfigError: processing_steps\[0\]\.map threw TypeError: Cannot read properties of undefined/m,
    );
  });

  test("notes fields of processing steps that no row has, and filters that compare other types", async () => {
    const { code, out } = await check(["stepped.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(code).toBe(0);
    const notes = out.split("\n").filter((line) => line.startsWith("  note"));
    expect(notes).toEqual([
      expect.stringContaining("processing_steps[0].remove: no row of this page has nmae"),
      expect.stringContaining("processing_steps[1].filter: @.id is a string in rows, and is compared with a number"),
    ]);
  });

  test("writes no files", () => {
    expect(readdirSync(folder, { recursive: true }).map(String).sort()).toEqual(before.sort());
  });
});
