import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/json/index.ts";
import { nextPage } from "../../lib/pagination/index.ts";
import { offset, pageNumber, walk } from "./paginators.fixture.ts";

const MORE = { state: { page: 1 } };
/** More pages, by a flag that the state remembers. */
const FLAGGED = { state: { page: 1, seen_flag: true } };
const END = { end: true };
const follows = (given: Parameters<typeof pageNumber>[0], rows: number, body: Json) =>
  nextPage(pageNumber(given), { page: 0 }, { body, rows, headers: new Headers() });
const nothingAt = (path: string) => ({
  contradiction: `it has no usable value at ${path}: correct the path, or leave it out of the config`,
});

describe("has_more_path", () => {
  test.each([
    [true, FLAGGED],
    [false, END],
    ["true", FLAGGED],
    ["True", FLAGGED],
    ["FALSE", END],
    ["yes", FLAGGED],
    ["Y", FLAGGED],
    ["t", FLAGGED],
    ["1", FLAGGED],
    ["No", END],
    ["n", END],
    ["F", END],
    ["0", END],
    [1, FLAGGED],
    [0, END],
  ])("reads %j as a flag", (more, next) => {
    expect(follows({ has_more_path: "meta.more" }, 2, { meta: { more } })).toEqual(next);
  });

  test.each([undefined, null, "", "off", "2", "yes!", "constructor", "__proto__", [], {}, [false]])(
    "is a contradiction if the value is %j",
    (more) => {
      const body = { meta: more === undefined ? {} : { more } } as Json;
      expect(follows({ has_more_path: "meta.more" }, 2, body)).toEqual(nothingAt("has_more_path meta.more"));
    },
  );

  test("ends pagination on an empty page, unless it is true, which is a contradiction", () => {
    expect(follows({ has_more_path: "more" }, 0, { more: true })).toEqual({
      contradiction: "it has no rows, but has_more_path more is true",
    });
    expect(follows({ has_more_path: "more" }, 0, { more: false })).toEqual(END);
    expect(follows({ has_more_path: "more" }, 0, {})).toEqual(END);
  });

  test("is ignored unless the config sets the path", () => {
    for (const has_more of [true, false]) expect(follows({}, 2, { has_more })).toEqual(MORE);
    expect(follows({}, 0, { has_more: true })).toEqual(END);
    expect(follows({ has_more_path: null }, 2, { has_more_path: false })).toEqual(MORE);
  });
});

describe("total_path", () => {
  test.each([undefined, null, "", "  ", "many", "1,234", "NaN", "Infinity", -1, "-1", true, [], {}])(
    "does not read %j as a total: a contradiction if the config sets the path, no total if it does not",
    (total) => {
      const body = (total === undefined ? {} : { total }) as Json;
      expect(follows({ total_path: "total" }, 2, body)).toEqual(nothingAt("total_path total"));
      expect(follows({}, 2, body)).toEqual(MORE);
      expect(follows({}, 0, body)).toEqual(END);
    },
  );

  test.each([null, "text", 5, [], [{ total: 1 }]])("finds no total in a body that is %j", (body) => {
    expect(follows({}, 2, body as Json)).toEqual(MORE);
    expect(follows({ total_path: "total" }, 2, body as Json)).toEqual(nothingAt("total_path total"));
  });

  test("does not read an inherited key", () => {
    expect(follows({ total_path: "constructor.length" }, 2, {})).toEqual(nothingAt("total_path constructor.length"));
  });

  test("is reported together with has_more_path if both have no value", () => {
    expect(follows({ total_path: "a", has_more_path: "b" }, 2, {})).toEqual(
      nothingAt("total_path a and has_more_path b"),
    );
  });

  test("is not required on an empty page", () => {
    expect(follows({ total_path: "a", has_more_path: "b" }, 0, {})).toEqual(END);
  });

  test("is required at its default if no other rule can end pagination", () => {
    expect(follows({ stop_after_empty_page: false }, 2, {})).toEqual(nothingAt("total_path total"));
    expect(follows({ stop_after_empty_page: false }, 0, {})).toEqual(nothingAt("total_path total"));
    expect(follows({ stop_after_empty_page: false, maximum_page: 9 }, 2, {})).toEqual(MORE);
    const endless = walk(offset({ stop_after_empty_page: false }), () => ({ body: {}, rows: 0 }));
    expect(endless.how).toEqual(nothingAt("total_path total"));
  });
});

test("single_page sends one request and ignores the response", () => {
  for (const rows of [0, 5]) {
    const { pages, how } = walk({ type: "single_page" }, () => ({ body: { total: 99, has_more: true }, rows }));
    expect(pages).toEqual([{}]);
    expect(how).toEqual(END);
  }
});
