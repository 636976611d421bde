import fc from "fast-check";
import { expect, test } from "vitest";
import { type ReceivedRequest, reply, startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";
import { sampleSize } from "../size.ts";

/** Pagination of an API, and what its responses report about it. */
interface Api {
  rows: number;
  /** Maximum rows per page, whatever limit is requested. */
  cap: number;
  total: "absent" | "right" | "too high" | "too low";
  flag: "absent" | "has_more" | "last" | "absent at the end";
  /** Response to a page beyond the last one. */
  beyond: "empty" | "404" | "last page again";
}

const LIMIT = 5;
const ALL = (count: number) => Array.from({ length: count }, (_, id) => ({ id }));

/** Returns the pagination properties of a response that ends with these rows. */
const statements = ({ rows, cap, total, flag }: Api, end: number, unit: "rows" | "pages"): object => {
  const size = Math.min(LIMIT, cap);
  const count = unit === "rows" ? rows : Math.ceil(rows / size);
  const difference = { absent: 0, right: 0, "too high": 3, "too low": -1 }[total];
  const hasMore = end < rows;
  return {
    ...(total !== "absent" && { total: Math.max(0, count + difference) }),
    ...(flag === "has_more" && { more: hasMore }),
    ...(flag === "last" && { last: !hasMore }),
    ...(flag === "absent at the end" && hasMore && { more: true }),
  };
};

const pageOf = (api: Api, start: number, unit: "rows" | "pages"): unknown => {
  const size = Math.min(LIMIT, api.cap);
  if (start >= api.rows && start > 0) {
    if (api.beyond === "404") return reply(404, { error: "no such page" });
    if (api.beyond === "last page again") return pageOf({ ...api, beyond: "empty" }, Math.max(0, start - size), unit);
  }
  const end = Math.min(api.rows, start + size);
  return { data: ALL(api.rows).slice(start, end), ...statements(api, end, unit) };
};

const KINDS = {
  offset: {
    paginator: { type: "offset", limit: LIMIT },
    respond: (api: Api, { url }: ReceivedRequest) => pageOf(api, Number(url.searchParams.get("offset")), "rows"),
  },
  page_number: {
    paginator: { type: "page_number", limit: LIMIT, limit_param: "limit" },
    respond: (api: Api, { url }: ReceivedRequest) =>
      pageOf(api, Number(url.searchParams.get("page")) * Math.min(LIMIT, api.cap), "pages"),
  },
  cursor: {
    paginator: { type: "cursor", cursor_path: "next", cursor_param: "after" },
    respond: (api: Api, { url }: ReceivedRequest) => {
      const start = Number(url.searchParams.get("after") ?? 0);
      const end = Math.min(api.rows, start + Math.min(LIMIT, api.cap));
      return {
        data: ALL(api.rows).slice(start, end),
        next: end < api.rows ? end : null,
        ...statements(api, end, "rows"),
      };
    },
  },
} as const;

/** The stop rules of a config that knows its API. */
const rulesOf = (kind: keyof typeof KINDS, { total, flag }: Api, named: boolean): object => ({
  ...(named && total !== "absent" && kind !== "cursor" && { total_path: "total" }),
  ...(flag === "last" && { last_page_path: "last" }),
  ...((flag === "has_more" || flag === "absent at the end") && { has_more_path: "more" }),
});

const apis: fc.Arbitrary<Api> = fc.record({
  rows: fc.integer({ min: 0, max: 23 }),
  cap: fc.integer({ min: 1, max: 7 }),
  total: fc.constantFrom("absent", "right", "too high", "too low"),
  flag: fc.constantFrom("absent", "has_more", "last", "absent at the end"),
  beyond: fc.constantFrom("empty", "404", "last page again"),
});

test("a run over a random API reads every row, or is not done without an error or a warning (the seed is printed on failure)", async () => {
  let respond: (request: ReceivedRequest) => unknown = () => reply(404);
  await using server = await startApi((request) => respond(request));
  let complete = 0;
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<keyof typeof KINDS>("offset", "page_number", "cursor"),
      apis,
      fc.boolean(),
      async (kind, api, named) => {
        respond = (request) => KINDS[kind].respond(api, request);
        const paginator = { ...KINDS[kind].paginator, ...rulesOf(kind, api, named) };
        const config = {
          client: { error_handler: { max_retries: 0 } },
          resources: [{ name: "rows", endpoint: { data_selector: "data", paginator } }],
        } as Config;
        const { failures, warnings, rows } = await runSource(createWorld(), sourceOf(server.url, config));
        runs++;
        if (failures.rows !== undefined) return;
        const ids = new Set(rows.rows?.map(({ id }) => id));
        if (ids.size === api.rows) complete++;
        // No client can know that a total is too low, unless a flag contradicts it.
        else if (api.total !== "too low" || api.flag !== "absent") expect(warnings.rows ?? []).not.toEqual([]);
      },
    ),
    { numRuns: sampleSize({ quick: 150, full: 3000 }) },
  );
  // The property also holds for a client that always fails.
  expect(complete).toBeGreaterThan(runs / 3);
});
