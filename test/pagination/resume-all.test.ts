import { expect, test } from "vitest";
import { registerPaginator } from "../../lib/config/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { decide } from "../../lib/pagination/auto.ts";
import type { PageRequest } from "../../lib/pagination/index.ts";
import { type FakeResponse, resolved, walkRequests } from "./paginators.fixture.ts";

/** Rows of a page. The last page may have fewer. */
const SIZE = 3;

/** A kind of pagination, from the side of the API. */
interface Kind {
  paginator: unknown;
  /** Returns the requested page, from 0. */
  pageOf(request: PageRequest): number;
  /** Returns the content of a response in addition to its rows. */
  extra(page: number, last: boolean): { body?: Record<string, Json>; headers?: Record<string, string> };
  /** Whether an empty page is requested at the end. */
  requestsEmptyPage?: boolean;
}

const param =
  (name: string, base = 0, step = 1) =>
  ({ params = {} }: PageRequest) =>
    Math.ceil((Number(params[name]) - base) / step);
const inBody =
  (name: string, base = 0, step = 1) =>
  ({ body = {} }: PageRequest) =>
    Math.ceil((Number(body[name]) - base) / step);
const nothing = () => ({});
const linked = ({ url }: PageRequest) => (url === undefined ? 0 : Number(url.split("p=")[1]));
const count = (rows: number) => Math.ceil(rows / SIZE);

/** Every stop rule of the counted paginators, alone and with the others. */
const RULES: [string, object, (page: number, last: boolean, rows: number) => Record<string, Json>, boolean][] = [
  ["an empty page", {}, nothing, true],
  ["a named total", { total_path: "n" }, (_page, _last, rows) => ({ n: rows }), false],
  ["a total as string", { total_path: "m.n" }, (_page, _last, rows) => ({ m: { n: String(rows) } }), false],
  ["the default total", { stop_after_empty_page: false }, (_page, _last, rows) => ({ total: rows }), false],
  ["has_more", { has_more_path: "more" }, (_page, last) => ({ more: !last }), false],
  ["has_more as string", { has_more_path: "more" }, (_page, last) => ({ more: last ? "No" : "yes" }), false],
  ["all of them", { total_path: "n", has_more_path: "more" }, (_page, last, rows) => ({ n: rows, more: !last }), false],
];

const CURSORS: [string, (page: number) => Json][] = [
  ["a string", (page) => `c${page}`],
  ["the string 0", (page) => String(page - 1)],
  ["a number", (page) => page],
  ["an integer beyond 2^53", (page) => 9007199254740992n + BigInt(page)],
  ["a list", (page) => [page, "x"]],
];
const cursorPage =
  (cursors: (page: number) => Json, of: (request: PageRequest) => unknown) => (request: PageRequest) => {
    const requested = of(request);
    if (requested === undefined) return 0;
    const text = (value: unknown) => (Array.isArray(value) ? value.map(String).join() : String(value));
    return (
      Array.from({ length: 9 }, (_, page) => page + 1).find((page) => text(cursors(page)) === text(requested)) ?? -1
    );
  };

const byToken = registerPaginator<object, { token: string } | { start: true }>("resumed_by_token", {
  first: () => ({ start: true }),
  request: (_options, state) => ("token" in state ? { params: { token: state.token } } : {}),
  next: (_options, _state, { body }) => {
    const { token } = body as { token?: string };
    return token === undefined ? { end: true } : { state: { token } };
  },
});

const kindsOf = (rows: number): [string, Kind][] => {
  const all: [string, Kind][] = [
    ["single_page", { paginator: "single_page", pageOf: () => 0, extra: nothing }],
    [
      "a registered paginator",
      {
        paginator: byToken({}),
        pageOf: ({ params = {} }) => Number(params.token ?? 0),
        extra: (page, last) => (last ? {} : { body: { token: String(page + 1) } }),
      },
    ],
  ];
  for (const [rule, options, bodyOf, requestsEmptyPage] of RULES) {
    for (const base of [0, 1]) {
      const extra = (page: number, last: boolean) => ({ body: bodyOf(page, last, count(rows)) });
      const pages = { type: "page_number", base_page: base, ...options };
      all.push(
        [
          `page_number from ${base}, ${rule}`,
          { paginator: pages, pageOf: param("page", base), extra, requestsEmptyPage },
        ],
        [
          `page_number from ${base} in the body, ${rule}`,
          { paginator: { ...pages, page_body_path: "p" }, pageOf: inBody("p", base), extra, requestsEmptyPage },
        ],
      );
    }
    const extra = (page: number, last: boolean) => ({ body: bodyOf(page, last, rows) });
    const offsets = { type: "offset", limit: SIZE, ...options };
    all.push(
      [`offset, ${rule}`, { paginator: offsets, pageOf: param("offset", 0, SIZE), extra, requestsEmptyPage }],
      [
        `offset in the body, ${rule}`,
        {
          paginator: { ...offsets, offset_body_path: "from" },
          pageOf: inBody("from", 0, SIZE),
          extra,
          requestsEmptyPage,
        },
      ],
    );
  }
  for (const [form, cursorOf] of CURSORS) {
    const ends: [string, object, Record<string, Json>][] = [
      ["no cursor", {}, {}],
      ["null", {}, { next: null }],
      ["an empty string", {}, { next: "" }],
      ["0", {}, { next: 0 }],
      ["has_more false", { has_more_path: "more" }, { more: false, next: "onwards" }],
    ];
    for (const [end, options, atTheEnd] of ends) {
      const extra = (page: number, last: boolean) => ({
        body: last ? atTheEnd : { next: cursorOf(page + 1), more: true },
      });
      const paginator = { type: "cursor", cursor_path: "next", ...options };
      all.push(
        [
          `cursor that is ${form}, ends by ${end}`,
          { paginator, pageOf: cursorPage(cursorOf, ({ params = {} }) => params.cursor), extra },
        ],
        [
          `cursor in the body that is ${form}, ends by ${end}`,
          {
            paginator: { ...paginator, cursor_body_path: "after" },
            pageOf: cursorPage(cursorOf, ({ body = {} }) => body.after),
            extra,
          },
        ],
      );
    }
  }
  for (const end of [{}, { next: null }, { next: "" }, { next: false }] as Record<string, Json>[]) {
    const extra = (page: number, last: boolean) => ({ body: last ? end : { next: `/rows?p=${page + 1}` } });
    all.push([`json_link, ends by ${JSON.stringify(end)}`, { paginator: "json_link", pageOf: linked, extra }]);
  }
  for (const end of [{}, { next: "" }] as Record<string, string>[]) {
    const extra = (page: number, last: boolean) => ({ headers: last ? end : { next: `${page + 1}` } });
    const pageOf = ({ params = {} }: PageRequest) => Number(params.cursor ?? 0);
    all.push([`header_cursor, ends by ${JSON.stringify(end)}`, { paginator: "header_cursor", pageOf, extra }]);
  }
  for (const end of [{}, { link: '</rows?p=0>; rel="first"' }] as Record<string, string>[]) {
    const extra = (page: number, last: boolean) => ({
      headers: last ? end : { link: `</rows?p=${page + 1}>; rel="next"` },
    });
    all.push([`header_link, ends by ${JSON.stringify(end)}`, { paginator: "header_link", pageOf: linked, extra }]);
  }
  return all;
};

const rowsOf = (rows: number, page: number): number[] =>
  Array.from({ length: SIZE }, (_, index) => page * SIZE + index).filter((row) => row < rows);

const apiOf = (rows: number, { pageOf, extra }: Kind, requested: number[] = []) => {
  return (request: PageRequest): FakeResponse => {
    const page = pageOf(request);
    requested.push(page);
    const data = rowsOf(rows, page);
    const { body = {}, headers } = extra(page, (page + 1) * SIZE >= rows);
    return { body: { data, ...body }, rows: data.length, ...(headers !== undefined && { headers }) };
  };
};

const NAMES = kindsOf(1).map(([name]) => name);

test.each(NAMES)("%s reads every page once and in order, and resumes the same after any page", (name) => {
  for (const rows of [0, 1, 3, 4, 13]) {
    const [, kind] = kindsOf(rows).find(([candidate]) => candidate === name)!;
    const config = resolved(kind.paginator);
    const requested: number[] = [];
    const uncut = walkRequests(config, apiOf(rows, kind, requested));
    expect(uncut.how).toEqual({ end: true });
    const pages = name === "single_page" ? 1 : Math.max(1, count(rows)) + (kind.requestsEmptyPage && rows > 0 ? 1 : 0);
    expect(requested).toEqual(Array.from({ length: pages }, (_, page) => page));
    for (const [index, state] of uncut.states.entries()) {
      const stored = JSON.parse(JSON.stringify(state)) as Json;
      expect(stored).toEqual(state);
      expect(walkRequests(config, apiOf(rows, kind), stored)).toEqual({
        requests: uncut.requests.slice(index),
        states: uncut.states.slice(index),
        how: uncut.how,
      });
    }
  }
});

test("auto resumes with the paginator it chose, after any page", () => {
  const responses: [
    string,
    (page: number, last: boolean) => Omit<FakeResponse, "rows">,
    (request: PageRequest) => number,
  ][] = [
    ["json_link", (page, last) => ({ body: { next: last ? null : `/rows?p=${page + 1}` } }), linked],
    [
      "header_link",
      (page, last) => ({ body: {}, ...(!last && { headers: { link: `</rows?p=${page + 1}>; rel=next` } }) }),
      linked,
    ],
    ["page_number", (page) => ({ body: { meta: { page, total_pages: "4" } } }), param("page")],
    [
      "cursor",
      (page, last) => ({ body: { meta: { "next.token": last ? "" : `${page + 1}` } } }),
      ({ params = {} }) => Number(params.cursor ?? 0),
    ],
  ];
  for (const [type, respond, pageOf] of responses) {
    const requested: number[] = [];
    const api = (request: PageRequest): FakeResponse => {
      const page = pageOf(request);
      requested.push(page);
      return { rows: 1, ...respond(page, page === 3) };
    };
    const first = respond(0, false);
    const { paginator } = JSON.parse(
      JSON.stringify(decide({ body: first.body, rows: 1, headers: new Headers(first.headers) })),
    );
    expect(paginator.type).toBe(type);
    const uncut = walkRequests(paginator, api);
    expect(requested).toEqual([0, 1, 2, 3]);
    for (const [index, state] of uncut.states.entries()) {
      const rest = walkRequests(paginator, api, JSON.parse(JSON.stringify(state)));
      expect(rest.requests).toEqual(uncut.requests.slice(index));
    }
  }
});
