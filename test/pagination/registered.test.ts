import { describe, expect, test } from "vitest";
import { type Paginator, registerPaginator } from "../../lib/config/index.ts";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { firstPage, type Next, nextPage, pageRequest } from "../../lib/pagination/index.ts";
import { resolved, walkRequests } from "./paginators.fixture.ts";

/** Pages by the letters of a word that is in the options. */
const byLetters = registerPaginator<{ word: string }, { at: number }>("by_letters", {
  first: () => ({ at: 0 }),
  request: ({ word }, { at }) => ({ params: { letter: word[at] ?? "" } }),
  next: ({ word }, { at }) => (at + 1 < word.length ? { state: { at: at + 1 } } : { end: true }),
});

let count = 0;
/** A config of a paginator that does this, and all else well. */
const doing = (methods: Partial<Record<keyof Paginator<object, Json>, (...args: never[]) => unknown>>) => {
  const name = `bad_${++count}`;
  const paginator = { first: () => ({}), request: () => ({}), next: () => ({ end: true }), ...methods };
  return registerPaginator(name, paginator as unknown as Paginator<object, Json>)({}) as PagePaginator;
};
const next = (config: PagePaginator): Next<Json> => nextPage(config, {}, { body: {}, rows: 0, headers: new Headers() });

test("a registered paginator goes from page to page with its options", () => {
  const { requests, how } = walkRequests(resolved(byLetters({ word: "abc" })), () => ({ body: {}, rows: 1 }));
  expect(requests).toEqual(["a", "b", "c"].map((letter) => ({ params: { letter } })));
  expect(how).toEqual({ end: true });
});

test("it may go on by a link, and say that an answer contradicts itself", () => {
  expect(next(doing({ next: () => ({ link: "/b" }) }))).toEqual({ link: "/b" });
  expect(next(doing({ next: () => ({ contradiction: "no" }) }))).toEqual({ contradiction: "no" });
});

test.each<[string, unknown]>([
  ["null, which stands for the first page", null],
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
])("a state that is %s is refused: a later invocation could not go on from it", (_, state) => {
  expect(() => next(doing({ next: () => ({ state }) }))).toThrow(ConfigError);
  expect(() => next(doing({ next: () => ({ state }) }))).toThrow(/^next of the paginator bad_\d+ /);
  expect(() => firstPage(doing({ first: () => state }))).toThrow(/^first of the paginator bad_\d+ /);
});

test.each<Json>([{}, { a: [1, "x", null, { b: false }] }, 7, "token", [1]])("%j is a state", (state) => {
  expect(next(doing({ next: () => ({ state }) }))).toEqual({ state });
});

test.each<unknown>([undefined, null, {}, [], "end", { link: 5 }, { states: 1 }])(
  "%j says nothing about what comes next",
  (what) => {
    expect(() => next(doing({ next: () => what }))).toThrow(
      /returned .*: return \{ state \}, \{ link \}, \{ end: true \}/,
    );
  },
);

describe("what is thrown in it", () => {
  test("is one message with its name", () => {
    const failing = () => {
      throw new TypeError("no letters");
    };
    expect(() => firstPage(doing({ first: failing }))).toThrow(
      /^first of the paginator bad_\d+ threw TypeError: no letters$/,
    );
    expect(() => pageRequest(doing({ request: failing }), {})).toThrow(/^request of the paginator .* threw TypeError/);
    expect(() => next(doing({ next: failing }))).toThrow(/^next of the paginator .* threw TypeError: no letters$/);
    expect(() => pageRequest(doing({ request: () => undefined }), {})).toThrow(
      /^request of .* returned nothing: return an object$/,
    );
    expect(() =>
      next(
        doing({
          next: () => {
            throw "odd";
          },
        }),
      ),
    ).toThrow(/threw 'odd'$/);
  });

  test("is left as it is when it is an error of ours", () => {
    const failing = () => {
      throw new ResponseError("mine");
    };
    expect(() => next(doing({ next: failing }))).toThrow(ResponseError);
    expect(() => next(doing({ next: failing }))).toThrow(/^mine$/);
  });
});

test("a name that nobody registered is an error that names it", () => {
  expect(() => firstPage({ type: "by_moon" } as unknown as PagePaginator)).toThrow(/no paginator named "by_moon"/);
});
