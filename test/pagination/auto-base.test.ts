import { describe, expect, test } from "vitest";
import { startApi } from "./run.fixture.ts";

const ROWS_A_PAGE = 2;
/** Of a page that is the n-th one, from 0. */
const rowsOf = (nth: number, total: number) =>
  nth < 0 || nth >= total ? [] : Array.from({ length: ROWS_A_PAGE }, (_, index) => ({ id: nth * ROWS_A_PAGE + index }));

/** An API that counts its pages from `base`, and answers with the first one to a request without a number. */
const countedFrom = (base: number, total: number, says: (page: number) => object) =>
  startApi(({ searchParams }) => {
    const page = Number(searchParams.get("page") ?? base);
    return { data: rowsOf(page - base, total), ...says(page) };
  });

const idsOf = (total: number) => Array.from({ length: total * ROWS_A_PAGE }, (_, id) => ({ id }));
/** The requests for these pages, the first one without a number. */
const requests = (...pages: number[]) => ["/rows", ...pages.map((page) => `/rows?page=${page}`)];

describe.each([
  ["in one invocation", 99],
  ["cut behind every page", 1],
])("%s, auto reads every page of a count once", (_, pages) => {
  test.each([1, 2, 5])("from 0, with nothing that says so, %i pages: at most one request more", async (total) => {
    await using api = await countedFrom(0, total, () => ({ total_pages: total }));
    const { rows, asked, error } = await api.load({}, pages);
    expect(error).toBeUndefined();
    // The second page may have been the first one, changed meanwhile: only a page without rows is the end.
    expect(asked).toEqual(
      total === 1 ? ["/rows"] : requests(...Array.from({ length: total }, (__, index) => index + 1)),
    );
    expect(rows).toEqual(idsOf(total));
  });

  test.each([1, 2, 5])("from 1, with nothing that says so, %i pages: at most one request more", async (total) => {
    await using api = await countedFrom(1, total, () => ({ meta: { pages: String(total) } }));
    const { rows, asked, error } = await api.load({}, pages);
    expect(error).toBeUndefined();
    expect(asked).toEqual(
      total === 1 ? ["/rows"] : requests(...Array.from({ length: total }, (__, index) => index + 1)),
    );
    expect(rows).toEqual(idsOf(total));
  });

  test.each([0, 1])("from %i, and the answer says so: one request each", async (base) => {
    for (const total of [1, 2, 5]) {
      await using api = await countedFrom(base, total, (page) => ({ page, totalPages: total }));
      const { rows, asked, error } = await api.load({}, pages);
      expect(error).toBeUndefined();
      expect(asked).toEqual(requests(...Array.from({ length: total - 1 }, (__, index) => base + index + 1)));
      expect(rows).toEqual(idsOf(total));
    }
  });

  test("no pages at all are one request", async () => {
    for (const total_pages of [0, 1]) {
      await using api = await startApi(() => ({ data: [], total_pages }));
      expect(await api.load({}, pages)).toEqual({ rows: [], asked: ["/rows"] });
    }
  });

  test("with the endpoint's own page=1 in the way", async () => {
    await using api = await countedFrom(1, 3, () => ({ pages: 3 }));
    const { rows, asked } = await api.load({ params: { page: 1 } }, pages);
    expect(rows).toEqual(idsOf(3));
    expect(asked).toEqual([1, 1, 2, 3].map((page) => `/rows?page=${page}`));
  });

  test("of equal pages behind the second one is an error, and no correction of the base", async () => {
    await using api = await startApi(({ searchParams }) => {
      const page = Number(searchParams.get("page") ?? 0);
      return { data: rowsOf(Math.min(page, 2), 5), pages: 5 };
    });
    const { rows, error } = await api.load({}, pages);
    expect(error).toMatch(/^RepeatedPageError: shop\.rows, page 4: .*equals the previous one/);
    expect(rows).toEqual(idsOf(3));
  });
});

test("auto keeps its first decision: a later answer that looks otherwise changes nothing", async () => {
  await using api = await startApi(({ searchParams }) => {
    const cursor = searchParams.get("cursor");
    if (cursor === null) return { data: [{ id: 1 }], next_token: "a" };
    if (cursor === "a") return { data: [{ id: 2 }], next_token: "b", next: "/elsewhere", total_pages: 9 };
    return { data: [{ id: 3 }], next_token: null };
  });
  for (const pages of [99, 1]) {
    expect(await api.load({}, pages)).toEqual({
      rows: [1, 2, 3].map((id) => ({ id })),
      asked: ["/rows", "/rows?cursor=a", "/rows?cursor=b"],
    });
  }
});

test("auto finds its way under a key with a dot and a quote in it, which dlt loses", async () => {
  const key = "it's.next";
  await using api = await startApi(({ searchParams }) => {
    const page = Number(searchParams.get("p") ?? 1);
    return { data: [{ id: page }], [key]: { "next.page": page < 3 ? `/rows?p=${page + 1}` : null } };
  });
  expect((await api.load({}, 1)).rows).toEqual([1, 2, 3].map((id) => ({ id })));
});
