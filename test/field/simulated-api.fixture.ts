import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { HERE, Reply, type Respond, reply } from "../configs/conversation.fixture.ts";

/** Paginators that the simulator has an API for. */
export const PAGINATORS = [
  ...(["page_number", "offset", "cursor", "json_link", "header_link", "header_cursor", "auto"] as const),
];
/** Rows per page that the config requests. */
export const LIMIT = 5;

/** An API: how it pages, what its responses say about that, and what changes while it is read. */
export interface Api {
  paginator: (typeof PAGINATORS)[number];
  /** Pages that the API understands; the same as `paginator`, except that `auto` is for any of them. */
  pages: "page_number" | "offset" | "cursor" | "json_link" | "header_link" | "header_cursor" | "next_header" | "none";
  /** Number of rows before any change. */
  rows: number;
  /** Maximum rows of a page, whatever limit is requested. */
  cap: number;
  /** Whether the limit of the request counts; otherwise every page has `cap` rows. */
  appliesLimit: boolean;
  /** `short`: some pages have fewer rows than the others. `filtered`: some rows are removed from a page after it was cut. */
  gaps: "none" | "short" | "filtered";
  /** `of the page`: it counts the rows of the page only. */
  total: "absent" | "right" | "too high" | "too low" | "of the page";
  totalPath: "total" | "meta.total_count";
  /** Whether the config names the path of the total. */
  namesTotal: boolean;
  /** Whether a total of page_number that the config does not name counts rows. */
  countsRows: boolean;
  flag: "absent" | "more" | "last";
  /** Whether the config names the path of the flag. */
  namesFlag: boolean;
  flagValues: "boolean" | "text" | "number";
  /** `absent at the end`: the last page has no flag. `early`: it ends one page too early. `never`: every page announces more. */
  flagEnd: "right" | "absent at the end" | "early" | "never";
  /** Response to a page after the last one. */
  beyond: "empty" | "404" | "422" | "last page again" | "first page again";
  /** How cursors and links of the last page end. `early`: on the page before it. */
  end: "null" | "absent" | "empty text" | "empty page" | "repeats" | "early";
  /** `keyset` continues after the last row. `scroll` keeps the place in the server, and its cursor is always the same. */
  cursor: "position" | "keyset" | "scroll";
  /** Number of the first page. */
  base: 0 | 1;
  /** Whether each response of page_number has the number of its page. */
  reportsPage: boolean;
  change: "none" | "insert first" | "insert middle" | "insert last" | "delete" | "rotate forward" | "rotate back";
  /** Number of requests before the change. */
  after: number;
  /** A response that is right when it is requested again. */
  flaky: "none" | "no rows once" | "404 once" | "503 once";
  flakyAt: number;
}

/** Returns the usual value in most APIs, so that many of them deviate in one way only: one fault may hide another. */
const mostly = <Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });

const pagesOf = (paginator: Api["paginator"]): fc.Arbitrary<Api["pages"]> =>
  paginator === "auto"
    ? fc.constantFrom("page_number", "offset", "cursor", "json_link", "header_link", "next_header", "none")
    : fc.constant(paginator);

/** They have the most rules for where they end. */
const COUNTED = ["page_number", "offset"] as const;

/** Any API. */
export const apis: fc.Arbitrary<Api> = fc.constantFrom(...PAGINATORS, ...COUNTED, ...COUNTED).chain((paginator) =>
  fc.record<Api>({
    paginator: fc.constant(paginator),
    pages: pagesOf(paginator),
    rows: fc.integer({ min: 0, max: 23 }),
    cap: fc.integer({ min: 1, max: 7 }),
    appliesLimit: mostly(true, false),
    gaps: mostly("none", "short", "filtered"),
    total: fc.constantFrom("absent", "absent", "right", "right", "too high", "too low", "of the page"),
    totalPath: fc.constantFrom("total", "meta.total_count"),
    namesTotal: mostly(true, false),
    countsRows: fc.boolean(),
    flag: fc.constantFrom("absent", "more", "last"),
    namesFlag: mostly(true, false),
    flagValues: fc.constantFrom("boolean", "text", "number"),
    flagEnd: mostly("right", "absent at the end", "early", "never"),
    beyond: fc.constantFrom("empty", "empty", "404", "422", "last page again", "first page again"),
    end: mostly("null", "absent", "empty text", "empty page", "repeats", "early"),
    cursor: fc.constantFrom("position", "keyset", "scroll"),
    base: fc.constantFrom(0, 1),
    reportsPage: fc.boolean(),
    change: mostly("none", "insert first", "insert middle", "insert last", "delete", "rotate forward", "rotate back"),
    after: fc.integer({ min: 1, max: 4 }),
    flaky: mostly("none", "no rows once", "404 once", "503 once"),
    flakyAt: fc.integer({ min: 0, max: 5 }),
  }),
);

const idsOf = (count: number): number[] => Array.from({ length: count }, (_, index) => 10 * index);

/** Returns the ids of the API's list in its order, after a number of requests. */
const listAfter = ({ rows, change, after }: Api, requests: number): number[] => {
  const ids = idsOf(rows);
  if (requests < after) return ids;
  const middle = Math.floor(rows / 2);
  switch (change) {
    case "insert first":
      return [-10, ...ids];
    case "insert middle":
      return ids.toSpliced(middle, 0, 10 * middle - 5);
    case "insert last":
      return [...ids, 10 * rows];
    case "delete":
      return ids.slice(1);
    case "rotate forward":
      return [...ids.slice(1), ...ids.slice(0, 1)];
    case "rotate back":
      return [...ids.slice(-1), ...ids.slice(0, -1)];
    default:
      return ids;
  }
};

/** Whether the API returns a row: a filter removes some. */
const isVisible = ({ gaps }: Api, id: number): boolean => gaps !== "filtered" || Math.abs(id / 10) % 4 !== 2;

/** Returns the ids of the rows that the API has before and after the change: a complete run has each of them once. */
export const lastingIds = (api: Api): number[] => {
  const later = new Set(listAfter(api, Number.POSITIVE_INFINITY));
  return listAfter(api, 0).filter((id) => later.has(id) && isVisible(api, id));
};

/** Rows of a page by position, where the limit of the config counts. */
export const sizeOf = ({ cap, appliesLimit }: Api): number => (appliesLimit ? Math.min(LIMIT, cap) : cap);

const sizeAt = (api: Api, start: number): number =>
  api.gaps === "short" && start % 3 === 2 ? Math.max(1, sizeOf(api) - 2) : sizeOf(api);

/** Returns the positions at which pages begin. */
const startsOf = (api: Api, length: number): number[] => {
  const starts = [0];
  for (let next = sizeAt(api, 0); next < length; next += sizeAt(api, next)) starts.push(next);
  return starts;
};

/** Returns the number of pages of the list before any change; one for an empty list. */
export const pageCount = (api: Api): number => startsOf(api, api.rows).length;

/** A page: from `start` to before `end` of a list. */
interface Page {
  list: number[];
  start: number;
  end: number;
}

const pageFrom = (api: Api, list: number[], start: number): Page => ({
  list,
  start,
  end: Math.min(list.length, start + sizeAt(api, start)),
});

/** Returns a value under a path of one or two keys. */
const under = (path: string, value: unknown): Record<string, unknown> => {
  const [key = "", inner] = path.split(".");
  return { [key]: inner === undefined ? value : { [inner]: value } };
};

/** Whether the total counts pages: where the config of page_number names it, and where `auto` finds it. */
export const countsPages = ({ pages, paginator, totalPath, namesTotal, countsRows }: Api): boolean =>
  pages === "page_number" && totalPath === "total" && (paginator === "auto" || namesTotal || !countsRows);

const totalOf = (api: Api, page: Page): object => {
  const { total, totalPath, paginator } = api;
  if (total === "absent") return {};
  if (total === "of the page") return under(totalPath, rowsOf(api, page).length);
  const { list } = page;
  const inPages = countsPages(api);
  const count = inPages ? startsOf(api, list.length).length : list.filter((id) => isVisible(api, id)).length;
  const reported = Math.max(0, count + { right: 0, "too high": 3, "too low": -1 }[total]);
  return under(paginator === "auto" && inPages ? "total_pages" : totalPath, reported);
};

/** Values of flags that mean true and false. */
const FLAG_VALUES = { boolean: [true, false], text: ["true", "false"], number: [1, 0] } as const;

const flagOf = (api: Api, { list, end }: Page): object => {
  const { flag, flagEnd, flagValues } = api;
  const isEnd = flagEnd === "early" ? end + sizeAt(api, end) >= list.length : end >= list.length;
  if (flag === "absent" || (flagEnd === "absent at the end" && isEnd)) return {};
  const hasMore = flagEnd === "never" || !isEnd;
  const [yes, no] = FLAG_VALUES[flagValues];
  return flag === "more" ? { has_more: hasMore ? yes : no } : { is_last: hasMore ? no : yes };
};

/** Returns the pointer to the page after a page: its cursor, or the value in its link. null: none, null, an empty text. */
const pointerAfter = (api: Api, { list, start, end }: Page): string | null => {
  const isKeyset = api.pages === "cursor" && api.cursor === "keyset";
  const pointer = isKeyset ? `k${list[end - 1] ?? list.at(-1) ?? 0}` : `p${end}`;
  if (api.end === "repeats") return start >= list.length ? `${isKeyset ? pointer : `p${start}`}` : pointer;
  if (api.end === "empty page") return start >= list.length ? null : pointer;
  const isLast = api.end === "early" ? end + sizeAt(api, end) >= list.length : end >= list.length;
  return isLast ? null : pointer;
};

const rowsOf = (api: Api, { list, start, end }: Page): object[] =>
  list
    .slice(start, end)
    .filter((id) => isVisible(api, id))
    .map((id) => ({ id }));

const pointerIn = (api: Api, pointer: string | null): object => {
  const value = pointer ?? { "empty text": "", absent: undefined }[api.end as "absent"] ?? null;
  const isLeftOut = pointer === null && api.end === "absent";
  if (isLeftOut) return {};
  if (api.pages === "json_link") return { next: pointer === null ? value : `${HERE}/rows?at=${pointer}` };
  return { next_cursor: api.end === "empty text" && pointer === null ? "" : value };
};

/** Returns headers with the pointer, for APIs that have it there. */
const headersWith = (api: Api, pointer: string | null): Record<string, string> => {
  const isMarked = pointer === null && api.end === "empty text";
  if (pointer === null && !isMarked) return {};
  const url = `${HERE}/rows?at=${pointer ?? "none"}`;
  if (api.pages === "header_link") return { link: `<${url}>; rel="next"${isMarked ? '; results="false"' : ""}` };
  if (api.pages === "next_header") return { "next-page": isMarked ? "" : url };
  return { "x-next": pointer ?? "" };
};

/** Returns the response with a page. */
const respondWith = (api: Api, page: Page, isEmptied: boolean): Reply => {
  const data = isEmptied ? [] : rowsOf(api, page);
  const body = { ...totalOf(api, page), ...flagOf(api, page), data };
  const pointer = pointerAfter(api, page);
  switch (api.pages) {
    case "page_number": {
      const number = startsOf(api, page.list.length).indexOf(page.start) + api.base;
      return reply(200, { ...body, ...(api.reportsPage && { page: number }) });
    }
    case "offset":
      return reply(200, { ...body, ...(api.paginator === "auto" && { offset: page.start, limit: sizeOf(api) }) });
    case "cursor":
      if (api.cursor === "scroll") return reply(200, { ...body, next_cursor: "scroll" });
      return reply(200, { ...body, ...pointerIn(api, pointer) });
    case "json_link":
      return reply(200, { ...body, ...pointerIn(api, pointer) });
    case "none":
      return reply(200, body);
    default:
      return reply(200, body, headersWith(api, pointer));
  }
};

/** Returns the start of the page that a request is for. */
const startOf = (api: Api, list: number[], params: URLSearchParams): number => {
  const starts = startsOf(api, list.length);
  if (api.pages === "page_number") {
    const index = Number(params.get("page") ?? api.base) - api.base;
    // A page before the first one is the first one.
    return starts[Math.max(0, index)] ?? list.length + index;
  }
  if (api.pages === "offset") return Number(params.get("offset") ?? 0);
  const pointer = params.get("at") ?? params.get("cursor") ?? "p0";
  const number = Number(pointer.slice(1));
  if (pointer.startsWith("p")) return number;
  const following = list.findIndex((id) => id > number);
  return following === -1 ? list.length : following;
};

/** Starts a simulated API: returns its responses in order, and forgets nothing in between. */
export const simulate = (api: Api): Respond => {
  let requests = 0;
  let place = 0;
  let isFlaky = api.flaky !== "none";
  return async ({ url }) => {
    const list = listAfter(api, requests);
    const number = requests++;
    // Responses of concurrent requests arrive in any order.
    for (let turn = 0; turn < (number * 7) % 3; turn++) await setImmediate();
    const isScroll = api.pages === "cursor" && api.cursor === "scroll";
    const isNow = isFlaky && number >= api.flakyAt;
    if (isNow) isFlaky = false;
    if (isNow && api.flaky !== "no rows once") return reply(Number(api.flaky.slice(0, 3)), { error: "try again" });
    if (isScroll && !url.searchParams.has("at") && !url.searchParams.has("cursor")) place = 0;
    let start = isScroll ? place : startOf(api, list, url.searchParams);
    if (isScroll && !isNow) place = Math.min(list.length, start + sizeAt(api, start));
    const isCounted = api.pages === "page_number" || api.pages === "offset";
    if (isCounted && start >= list.length && start > 0) {
      if (api.beyond === "404" || api.beyond === "422") return reply(Number(api.beyond), { error: "no such page" });
      if (api.beyond === "last page again") start = startsOf(api, list.length).at(-1) ?? 0;
      if (api.beyond === "first page again") start = 0;
    }
    return respondWith(api, pageFrom(api, list, start), isNow);
  };
};

/** Returns a fetch that reaches the API without a socket. */
export const fetchFrom =
  (respond: Respond): typeof fetch =>
  async (input, init) => {
    const url = new URL(String(input));
    const answer = await respond({ text: `GET ${url.pathname}${url.search}`, url, body: "" }, 0);
    init?.signal?.throwIfAborted();
    const { status, body, headers } = answer instanceof Reply ? answer : reply(200, answer);
    const text = (value: string) => value.replaceAll(HERE, url.origin);
    return new Response(text(JSON.stringify(body)), {
      status,
      headers: {
        "content-type": "application/json",
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, text(value)])),
      },
    });
  };
