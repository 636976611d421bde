import { describe, expect, test } from "vitest";
import type { Json } from "../../lib/json/index.ts";
import { nextPage } from "../../lib/pagination/index.ts";
import { offset, pageNumber, walk } from "./paginators.fixture.ts";

const MORE = { state: { page: 1 } };
const END = { end: true };
const follows = (given: Parameters<typeof pageNumber>[0], rows: number, body: Json) =>
  nextPage(pageNumber(given), { page: 0 }, { body, rows, headers: new Headers() });
const nothingAt = (path: string) => ({ contradiction: `it has nothing usable at ${path}` });

describe("has_more_path", () => {
  test.each([
    [true, MORE],
    [false, END],
    ["true", MORE],
    ["True", MORE],
    ["FALSE", END],
    ["yes", MORE],
    ["Y", MORE],
    ["t", MORE],
    ["1", MORE],
    ["No", END],
    ["n", END],
    ["F", END],
    ["0", END],
    [1, MORE],
    [0, END],
  ])("%j", (more, next) => {
    expect(follows({ has_more_path: "meta.more" }, 2, { meta: { more } })).toEqual(next);
  });

  test.each([undefined, null, "", "off", "2", "yes!", "constructor", "__proto__", [], {}, [false]])(
    "%j says neither",
    (more) => {
      const body = { meta: more === undefined ? {} : { more } } as Json;
      expect(follows({ has_more_path: "meta.more" }, 2, body)).toEqual(nothingAt("has_more_path meta.more"));
    },
  );

  test("true beside an empty page is a contradiction, false and nothing are the end", () => {
    expect(follows({ has_more_path: "more" }, 0, { more: true })).toEqual({
      contradiction: "it has no rows, yet more says there are more",
    });
    expect(follows({ has_more_path: "more" }, 0, { more: false })).toEqual(END);
    expect(follows({ has_more_path: "more" }, 0, {})).toEqual(END);
  });

  test("is not looked for unless the config names it", () => {
    for (const has_more of [true, false]) expect(follows({}, 2, { has_more })).toEqual(MORE);
    expect(follows({}, 0, { has_more: true })).toEqual(END);
    expect(follows({ has_more_path: null }, 2, { has_more_path: false })).toEqual(MORE);
  });
});

describe("total_path", () => {
  test.each([undefined, null, "", "  ", "many", "1,234", "NaN", "Infinity", -1, "-1", true, [], {}])(
    "%j is no total: a contradiction where the config names the path, nothing where it does not",
    (total) => {
      const body = (total === undefined ? {} : { total }) as Json;
      expect(follows({ total_path: "total" }, 2, body)).toEqual(nothingAt("total_path total"));
      expect(follows({}, 2, body)).toEqual(MORE);
      expect(follows({}, 0, body)).toEqual(END);
    },
  );

  test.each([null, "text", 5, [], [{ total: 1 }]])("a body that is %j has none", (body) => {
    expect(follows({}, 2, body as Json)).toEqual(MORE);
    expect(follows({ total_path: "total" }, 2, body as Json)).toEqual(nothingAt("total_path total"));
  });

  test("an inherited key is none", () => {
    expect(follows({ total_path: "constructor.length" }, 2, {})).toEqual(nothingAt("total_path constructor.length"));
  });

  test("both paths missing are named in one message", () => {
    expect(follows({ total_path: "a", has_more_path: "b" }, 2, {})).toEqual(
      nothingAt("total_path a and has_more_path b"),
    );
  });

  test("an empty page ends it, whatever a named path lacks", () => {
    expect(follows({ total_path: "a", has_more_path: "b" }, 0, {})).toEqual(END);
  });

  test("the default one is needed where nothing else would ever stop", () => {
    expect(follows({ stop_after_empty_page: false }, 2, {})).toEqual(nothingAt("total_path total"));
    expect(follows({ stop_after_empty_page: false }, 0, {})).toEqual(nothingAt("total_path total"));
    expect(follows({ stop_after_empty_page: false, maximum_page: 9 }, 2, {})).toEqual(MORE);
    const endless = walk(offset({ stop_after_empty_page: false }), () => ({ body: {}, rows: 0 }));
    expect(endless.how).toEqual(nothingAt("total_path total"));
  });
});

test("single_page asks once, for nothing, and looks at nothing", () => {
  for (const rows of [0, 5]) {
    const { pages, how } = walk({ type: "single_page" }, () => ({ body: { total: 99, has_more: true }, rows }));
    expect(pages).toEqual([{}]);
    expect(how).toEqual(END);
  }
});
