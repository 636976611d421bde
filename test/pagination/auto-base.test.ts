import { describe, expect, test } from "vitest";
import { startApi } from "./run.fixture.ts";

const ROWS_A_PAGE = 2;
/** Returns the rows of the n-th page, from 0. */
const rowsOf = (nth: number, total: number) =>
  nth < 0 || nth >= total ? [] : Array.from({ length: ROWS_A_PAGE }, (_, index) => ({ id: nth * ROWS_A_PAGE + index }));

/** Starts an API that counts its pages from `base`, and returns the first page for a request without a number. */
const countedFrom = (base: number, total: number, extra: (page: number) => object) =>
  startApi(({ searchParams }) => {
    const page = Number(searchParams.get("page") ?? base);
    return { data: rowsOf(page - base, total), ...extra(page) };
  });

const idsOf = (total: number) => Array.from({ length: total * ROWS_A_PAGE }, (_, id) => ({ id }));
/** Returns the requests for these pages, the first one without a number. */
const requests = (...pages: number[]) => ["/rows", ...pages.map((page) => `/rows?page=${page}`)];

describe.each([
  ["in one invocation", 99],
  ["with every page in a new invocation", 1],
])("%s, auto reads every page of a count once", (_, pages) => {
  test.each([1, 2, 5])(
    "from 0, which no response shows, for %i pages: with at most one extra request",
    async (total) => {
      await using api = await countedFrom(0, total, () => ({ total_pages: total }));
      const { rows, requested, error } = await api.load({}, pages);
      expect(error).toBeUndefined();
      // The second page could be the first one with new data, so only a page without rows is the end.
      expect(requested).toEqual(
        total === 1 ? ["/rows"] : requests(...Array.from({ length: total }, (__, index) => index + 1)),
      );
      expect(rows).toEqual(idsOf(total));
    },
  );

  test.each([1, 2, 5])(
    "from 1, which no response shows, for %i pages: with at most one extra request",
    async (total) => {
      await using api = await countedFrom(1, total, () => ({ meta: { pages: String(total) } }));
      const { rows, requested, error } = await api.load({}, pages);
      expect(error).toBeUndefined();
      expect(requested).toEqual(
        total === 1 ? ["/rows"] : requests(...Array.from({ length: total }, (__, index) => index + 1)),
      );
      expect(rows).toEqual(idsOf(total));
    },
  );

  test.each([0, 1])("from %i, which the response shows, with one request each", async (base) => {
    for (const total of [1, 2, 5]) {
      await using api = await countedFrom(base, total, (page) => ({ page, totalPages: total }));
      const { rows, requested, error } = await api.load({}, pages);
      expect(error).toBeUndefined();
      expect(requested).toEqual(requests(...Array.from({ length: total - 1 }, (__, index) => base + index + 1)));
      expect(rows).toEqual(idsOf(total));
    }
  });

  test("with one request if there are no pages", async () => {
    for (const total_pages of [0, 1]) {
      await using api = await startApi(() => ({ data: [], total_pages }));
      expect(await api.load({}, pages)).toEqual({ rows: [], requested: ["/rows"] });
    }
  });

  test("with page=1 among the endpoint's own parameters", async () => {
    await using api = await countedFrom(1, 3, () => ({ pages: 3 }));
    const { rows, requested } = await api.load({ params: { page: 1 } }, pages);
    expect(rows).toEqual(idsOf(3));
    expect(requested).toEqual([1, 1, 2, 3].map((page) => `/rows?page=${page}`));
  });

  test("but fails for equal pages after the second one, instead of correcting the base", async () => {
    await using api = await startApi(({ searchParams }) => {
      const page = Number(searchParams.get("page") ?? 0);
      return { data: rowsOf(Math.min(page, 2), 5), pages: 5 };
    });
    const { rows, error } = await api.load({}, pages);
    expect(error).toMatch(/^RepeatedPageError: shop\.rows, page 4, GET \S+: .*equals the previous one/);
    expect(rows).toEqual(idsOf(3));
  });
});

test("auto keeps its first decision, although a later response looks different", async () => {
  await using api = await startApi(({ searchParams }) => {
    const cursor = searchParams.get("cursor");
    if (cursor === null) return { data: [{ id: 1 }], next_token: "a" };
    if (cursor === "a") return { data: [{ id: 2 }], next_token: "b", next: "/elsewhere", total_pages: 9 };
    return { data: [{ id: 3 }], next_token: null };
  });
  for (const pages of [99, 1]) {
    expect(await api.load({}, pages)).toEqual({
      rows: [1, 2, 3].map((id) => ({ id })),
      requested: ["/rows", "/rows?cursor=a", "/rows?cursor=b"],
    });
  }
});

test("auto follows a key with a dot and a quote, which dlt does not find", async () => {
  const key = "it's.next";
  await using api = await startApi(({ searchParams }) => {
    const page = Number(searchParams.get("p") ?? 1);
    return { data: [{ id: page }], [key]: { "next.page": page < 3 ? `/rows?p=${page + 1}` : null } };
  });
  expect((await api.load({}, 1)).rows).toEqual([1, 2, 3].map((id) => ({ id })));
});
