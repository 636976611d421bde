import { describe, expect, test } from "vitest";
import { type Paginator, registerPaginator } from "../../lib/config/index.ts";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { firstPage, type Next, nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { resolved, walkRequests } from "./paginators.fixture.ts";

/** Paginates by the letters of a word from the options. */
const byLetters = registerPaginator<{ word: string }, { at: number }>("by_letters", {
  first: () => ({ at: 0 }),
  request: ({ word }, { at }) => ({ params: { letter: word[at] ?? "" } }),
  next: ({ word }, { at }) => (at + 1 < word.length ? { state: { at: at + 1 } } : { end: true }),
});

let count = 0;
/** Registers a paginator with these methods, and working ones for the rest. Returns its config. */
const withMethods = (methods: Partial<Record<keyof Paginator<object, Json>, (...args: never[]) => unknown>>) => {
  const name = `bad_${++count}`;
  const paginator = { first: () => ({}), request: () => ({}), next: () => ({ end: true }), ...methods };
  return registerPaginator(name, paginator as unknown as Paginator<object, Json>)({}) as PagePaginator;
};
const next = (config: PagePaginator): Next<Json> => nextPage(config, {}, { body: {}, rows: 0, headers: new Headers() });

test("a registered paginator reads page by page with its options", () => {
  const { requests, how } = walkRequests(resolved(byLetters({ word: "abc" })), () => ({ body: {}, rows: 1 }));
  expect(requests).toEqual(["a", "b", "c"].map((letter) => ({ params: { letter } })));
  expect(how).toEqual({ end: true });
});

test("a registered paginator may return a link or a contradiction", () => {
  expect(next(withMethods({ next: () => ({ link: "/b" }) }))).toEqual({ link: "/b" });
  expect(next(withMethods({ next: () => ({ contradiction: "no" }) }))).toEqual({ contradiction: "no" });
});

test.each<[string, unknown]>([
  ["null, which is reserved for the first page", null],
  ["nothing", undefined],
  ["a date", { at: new Date(0) }],
  ["a BigInt", { at: 1n }],
  ["a map", { seen: new Map() }],
  ["a function", { at: () => 1 }],
  ["NaN", { at: Number.NaN }],
  [
    "an instance",
    new (class Place {
      at = 1;
    })(),
  ],
])("a state that is %s is rejected, because no other invocation could resume from it", (_, state) => {
  expect(() => next(withMethods({ next: () => ({ state }) }))).toThrow(ConfigError);
  expect(() => next(withMethods({ next: () => ({ state }) }))).toThrow(/^next of the paginator bad_\d+ /);
  expect(() => firstPage(withMethods({ first: () => state }))).toThrow(/^first of the paginator bad_\d+ /);
});

test.each<Json>([{}, { a: [1, "x", null, { b: false }] }, 7, "token", [1]])("a state may be %j", (state) => {
  expect(next(withMethods({ next: () => ({ state }) }))).toEqual({ state });
});

test.each<unknown>([undefined, null, {}, [], "end", { link: 5 }, { states: 1 }])(
  "a result of next that is %j is an error",
  (result) => {
    expect(() => next(withMethods({ next: () => result }))).toThrow(
      /returned .*: return \{ state \}, \{ link \}, \{ end: true \}/,
    );
  },
);

describe("an error in a registered paginator", () => {
  test("names the method and the paginator", () => {
    const failing = () => {
      throw new TypeError("no letters");
    };
    expect(() => firstPage(withMethods({ first: failing }))).toThrow(
      /^first of the paginator bad_\d+ threw TypeError: no letters$/,
    );
    expect(() => pageRequest(withMethods({ request: failing }), {})).toThrow(
      /^request of the paginator .* threw TypeError/,
    );
    expect(() => next(withMethods({ next: failing }))).toThrow(
      /^next of the paginator .* threw TypeError: no letters$/,
    );
    expect(() => pageRequest(withMethods({ request: () => undefined }), {})).toThrow(
      /^request of .* returned nothing: return an object$/,
    );
    expect(() =>
      next(
        withMethods({
          next: () => {
            throw "odd";
          },
        }),
      ),
    ).toThrow(/threw 'odd'$/);
  });

  test("passes unchanged if it is an error of restlake", () => {
    const failing = () => {
      throw new ResponseError("mine");
    };
    expect(() => next(withMethods({ next: failing }))).toThrow(ResponseError);
    expect(() => next(withMethods({ next: failing }))).toThrow(/^mine$/);
  });
});

test("an unknown paginator is an error that names it", () => {
  expect(() => firstPage({ type: "by_moon" } as unknown as PagePaginator)).toThrow(/unknown paginator "by_moon"/);
});
