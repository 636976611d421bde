import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IncompleteError, ResponseError } from "../../lib/errors/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { parseJson } from "../../lib/json/parse.ts";
import { at } from "../../lib/json/path.ts";
import { type Decision, decide } from "../../lib/pagination/auto.ts";
import { nextPage } from "../../lib/pagination/index.ts";

const decided = (body: Json, headers: Record<string, string> = {}): Decision =>
  decide({ body, rows: 1, headers: new Headers(headers) });
/** Describes a decision: its type and the path that it found. */
const found = (body: Json, headers: Record<string, string> = {}): string => {
  const { paginator } = decided(body, headers) as { paginator: Record<string, unknown> };
  const { type, next_url_path, cursor_path, total_path } = paginator;
  return [type, next_url_path ?? cursor_path ?? total_path].filter((part) => part !== undefined).join(" ");
};

describe("auto prefers", () => {
  const all = { next: "/b", total_pages: 2, next_cursor: "c" };
  const LINK = { link: '</b>; rel="next"' };

  test("a Link header with rel=next to everything else", () => {
    expect(found(all, LINK)).toBe("header_link");
  });

  test("the body to a Link header without rel=next", () => {
    expect(found(all, { link: '</a>; rel="prev"' })).toBe("json_link next");
  });

  test("an error to guessing if the Link header is invalid", () => {
    expect(() => found({}, { link: "</b" })).toThrow(ResponseError);
  });

  test("a URL under next to a count of pages", () => {
    expect(found({ total_pages: 2, next: "/b" })).toBe("json_link next");
  });

  test("a count of pages to a cursor", () => {
    expect(found({ next: "c", total_pages: 2 })).toBe("page_number total_pages");
  });

  test("a cursor to a single page, which is what remains", () => {
    expect(found({ next: "c" })).toBe("cursor next");
    expect(found({ data: [], total: 1, has_next: false })).toBe("single_page");
    for (const body of [null, 5, "next", [], [{ next: "/b" }]]) expect(found(body)).toBe("single_page");
  });
});

describe("a key that begins with next:", () => {
  test.each(["next", "Next", "NEXT_URL", "nextPage", "next-page", "next_appointment", "nextPageToken"])(
    "%s counts",
    (key) => {
      expect(found({ [key]: "https://api.test/b" })).toBe(`json_link ${key}`);
      expect(found({ [key]: "token" })).toBe(`cursor ${key}`);
    },
  );

  test.each(["@odata.nextLink", "__next"])("%s counts", (key) => {
    expect(found({ [key]: "https://api.test/b" })).toMatch(/^json_link /);
  });

  test.each(["page_next", "has_next", "nex", "continued"])("%s does not count", (key) => {
    expect(found({ [key]: "https://api.test/b" })).toBe("single_page");
  });

  test("it is found at any depth", () => {
    expect(found({ a: { b: { c: { d: { e: { next: "/b" } } } } } })).toBe("json_link a.b.c.d.e.next");
  });

  test("the first one in document order decides alone", () => {
    expect(found({ meta: { next_id: "x" }, next: "/b" })).toBe("cursor meta.next_id");
    expect(found({ next_id: "x", next: "/b" })).toBe("cursor next_id");
    expect(found({ next: "/b", meta: { next_id: "x" } })).toBe("json_link next");
  });

  test("lists are not searched", () => {
    expect(found({ data: [{ next: "/b" }], links: [{ rel: "next", next_url: "/c" }] })).toBe("single_page");
  });

  test("null and lists do not count, and the search continues", () => {
    expect(found({ next: null, next_url: "/p2" })).toBe("json_link next_url");
    expect(found({ next: ["/a"], next_url: "/p2" })).toBe("json_link next_url");
  });

  test.each<Json>(["", 0, false])("%j counts as a cursor that ends the resource", (value) => {
    const body = { next: value, next_url: "/p2" };
    expect(found(body)).toBe("cursor next");
    expect(nextPage(decided(body).paginator, { cursor: null }, { body, rows: 1, headers: new Headers() })).toEqual({
      end: true,
    });
  });

  test.each<[Json, string]>([
    ["http://a/b", "json_link"],
    ["httpfoo", "json_link"],
    ["/", "json_link"],
    ["//host/b", "json_link"],
    ["HTTP://a/b", "cursor"],
    ["ftp://a", "cursor"],
    ["p2?z=1", "cursor"],
    [2, "cursor"],
    [2.5, "cursor"],
    [true, "cursor"],
    [9007199254740993n, "cursor"],
  ])("with the value %s it is a %s", (value, type) => {
    expect(found({ next: value })).toBe(`${type} next`);
  });
});

describe("an object under next:", () => {
  test.each<[Json, string]>([
    [{ href: "/b" }, "json_link next.href"],
    [{ url: "/b" }, "json_link next.url"],
    [{ URL: "/b" }, "json_link next.URL"],
    [{ title: "x", href: "/b" }, "json_link next.href"],
    [{ hreflang: "en", href: "/b" }, "cursor next.hreflang"],
    [{ href: null, url: "/b" }, "json_link next.url"],
    [{ href: ["/a"], url_template: "/b" }, "json_link next.url_template"],
    [{ link: "/b" }, "json_link next.link"],
    [{ page: { next: "/b" } }, "json_link next.page.next"],
    [{ nextUrl: "/b" }, "json_link next.nextUrl"],
  ])("%j leads to %s", (next, expected) => {
    expect(found({ next })).toBe(expected);
  });

  test("without a known key the search continues after it", () => {
    expect(found({ next: { a: 1 }, next_url: "/b" })).toBe("json_link next_url");
  });
});

describe("a count of pages:", () => {
  test.each(["total_pages", "pages", "totalpages", "totalPages", "TOTAL_PAGES", "Pages"])("%s counts", (key) => {
    expect(found({ meta: { [key]: 3 } })).toBe(`page_number meta.${key}`);
  });

  test.each(["total-pages", "page-size"])("%s does not count", (key) => {
    expect(found({ [key]: 3 })).toBe("single_page");
  });

  test.each(["page_count", "num_pages", "pages_total", "last_page"])(
    "%s is evidence that auto cannot follow",
    (key) => {
      expect(() => found({ [key]: 3 })).toThrow(IncompleteError);
      expect(found({ [key]: 1 })).toBe("single_page");
    },
  );

  test.each<Json>([3, "2", 2.0, " 4 ", 0])("%j is a count", (count) => {
    expect(found({ pages: count })).toBe("page_number pages");
  });

  test.each<Json>(["x", "2.5", 2.5, "", true, -1, "-1"])(
    "%j is not a count, so a cursor or a single page is chosen",
    (count) => {
      expect(found({ pages: count })).toBe("single_page");
      expect(found({ pages: count, next: "c" })).toBe("cursor next");
    },
  );

  test("the first scalar decides alone; null, lists and objects are skipped", () => {
    expect(found({ pages: "x", total_pages: 3 })).toBe("single_page");
    expect(found({ pages: [1, 2], total_pages: 3 })).toBe("page_number total_pages");
    expect(found({ pages: null, meta: { total_pages: 3 } })).toBe("page_number meta.total_pages");
    expect(found({ pages: { pages: 3 } })).toBe("page_number pages.pages");
    expect(found({ data: [{ pages: 3 }] })).toBe("single_page");
  });
});

describe("the number of the first page", () => {
  const base = (body: Json) => {
    const { paginator, is_base_guessed } = decided(body);
    return is_base_guessed === true ? "guessed" : (paginator as { base_page?: number }).base_page;
  };

  test.each([
    "page",
    "current_page",
    "currentPage",
    "current-page",
    "pageNumber",
    "page_number",
    "number",
    "pageIndex",
  ])("is read from %s next to the count", (key) => {
    for (const first of [0, 1]) {
      expect(base({ meta: { [key]: first, total_pages: 3 } })).toBe(first);
      expect(base({ [key]: String(first), pages: 3 })).toBe(first);
    }
  });

  test("is guessed to be 0 if the response does not contain it", () => {
    expect(decided({ pages: 3 })).toMatchObject({ paginator: { base_page: 0 }, is_base_guessed: true });
    for (const page of [2, true, null, "first", [1], -1]) expect(base({ page, pages: 3 })).toBe("guessed");
    expect(base({ page: 1, meta: { pages: 3 } })).toBe("guessed");
    expect(base({ page_size: 1, pages: 3 })).toBe("guessed");
  });
});

describe("a decision applies to every later response", () => {
  test.each([
    "next.page",
    "next page",
    "next'page",
    'next"page',
    "next\\page",
    "next[0]",
    "next*",
    "next/ü😀",
    "next\n",
  ])("with a key such as %j, which dlt does not find", (key) => {
    const { paginator } = decided({ meta: { [key]: "/b" } });
    expect(nextPage(paginator, {}, { body: { meta: { [key]: "/c" } }, rows: 1, headers: new Headers() })).toEqual({
      link: "/c",
    });
  });

  test("with any keys in the path", () => {
    const outer = fc.array(fc.string({ unit: "binary" }), { maxLength: 4 });
    fc.assert(
      fc.property(outer, fc.string({ unit: "binary" }), (keys, end) => {
        // The dot keeps the outer keys from matching themselves.
        const body = [...keys.map((key) => `.${key}`), `next${end}`].reduceRight<Json>(
          (inner, key) => parseJson(`{${JSON.stringify(key)}: ${JSON.stringify(inner)}}`),
          "/b",
        );
        const { paginator } = decided(body) as { paginator: { type: string; next_url_path: string } };
        expect(paginator.type).toBe("json_link");
        expect(at(body, paginator.next_url_path)).toBe("/b");
      }),
    );
  });

  test("because it is plain JSON", () => {
    const bodies: Json[] = [{ next: "/b" }, { pages: 3 }, { pages: 3, page: 1 }, { next: 9007199254740993n }, {}];
    for (const body of bodies) {
      const decision = decided(body);
      expect(JSON.parse(JSON.stringify(decision))).toEqual(decision);
    }
  });
});
