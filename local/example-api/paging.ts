/** The ways in which the example API cuts a list into pages. Each is strict: what it needs has to be there. */
import type { Row } from "./data.ts";
import { type Answering, type Asked, refusal } from "./endpoint.ts";

/** Rows a page. */
export const SIZE = 5;

/** The whole number of a parameter; null when it is none. */
const whole = (text: string | null, least: number): number | null =>
  text !== null && /^\d+$/.test(text) && Number(text) >= least ? Number(text) : null;

const slice = (rows: Row[], page: number, size: number): Row[] => rows.slice((page - 1) * size, page * size);

const pageOf = ({ query }: Asked): number => whole(query.get("page"), 1) ?? 1;

/** The API's own URL of another page. */
const linkTo = ({ url }: Asked, page: number): string => {
  const link = new URL(url);
  link.searchParams.set("page", String(page));
  return link.href;
};

/** An opaque cursor: the place of the next page's first row. */
const cursorAt = (place: number): string => Buffer.from(`row ${place}`).toString("base64url");
const placeOf = (cursor: string): number | null =>
  whole(/^row (\d+)$/.exec(Buffer.from(cursor, "base64url").toString())?.[1] ?? null, 0);

/** `?page=1&page_size=5`: the pages are counted from 1, and the answer says how many there are. */
export const byNumber =
  (rowsFor: (asked: Asked) => Row[], size = SIZE): Answering =>
  (asked) => {
    const rows = rowsFor(asked);
    const page = pageOf(asked);
    const own = Math.min(whole(asked.query.get("page_size"), 1) ?? size, size);
    return { body: { data: slice(rows, page, own), meta: { page, pages: Math.ceil(rows.length / own) } } };
  };

/** `?skip=0&take=5`, both needed; the answer says how many rows there are. */
export const byOffset =
  (rows: Row[]): Answering =>
  ({ query }) => {
    const [skip, take] = [whole(query.get("skip"), 0), whole(query.get("take"), 1)];
    if (skip === null || take === null) return refusal(400, "skip and take are needed");
    return { body: { items: rows.slice(skip, skip + Math.min(take, SIZE)), count: rows.length } };
  };

/** `?after=<cursor>`; the answer names the next page's cursor, null behind the last one. */
export const byCursor =
  (rows: Row[]): Answering =>
  ({ query }) => {
    const after = query.get("after");
    const place = after === null ? 0 : placeOf(after);
    if (place === null) return refusal(400, "after is no cursor of ours");
    const next = place + SIZE < rows.length ? cursorAt(place + SIZE) : null;
    return { body: { data: rows.slice(place, place + SIZE), paging: { next } } };
  };

/** `?cursor=<cursor>`; the cursor of the next page is in the header `x-next-cursor`, and the body is just the list. */
export const byHeaderCursor =
  (rows: Row[]): Answering =>
  ({ query }) => {
    const cursor = query.get("cursor");
    const place = cursor === null ? 0 : placeOf(cursor);
    if (place === null) return refusal(400, "cursor is no cursor of ours");
    const next = place + SIZE;
    return {
      headers: next < rows.length ? { "x-next-cursor": cursorAt(next) } : {},
      body: rows.slice(place, next),
    };
  };

/** The answer holds the URL of the next page; null behind the last one. */
export const byJsonLink =
  (rows: Row[]): Answering =>
  (asked) => {
    const page = pageOf(asked);
    const next = page * SIZE < rows.length ? linkTo(asked, page + 1) : null;
    return { body: { results: slice(rows, page, SIZE), links: { self: asked.url.href, next } } };
  };

/** The `Link` header holds the URL of the next page, and the body is just the list. */
export const byHeaderLink =
  (rows: Row[]): Answering =>
  (asked) => {
    const page = pageOf(asked);
    const links = [`<${linkTo(asked, 1)}>; rel="first"`];
    if (page * SIZE < rows.length) links.push(`<${linkTo(asked, page + 1)}>; rel="next"`);
    return { headers: { link: links.join(", ") }, body: slice(rows, page, SIZE) };
  };

/** `?after_id=0`, needed: the rows behind that id, and the id of the last one. */
export const byLastId =
  (rows: { id: number }[]): Answering =>
  ({ query }) => {
    const after = whole(query.get("after_id"), 0);
    if (after === null) return refusal(400, "after_id is needed");
    const left = rows.filter(({ id }) => id > after);
    const page = left.slice(0, SIZE);
    return { body: { books: page, last_id: page.at(-1)?.id ?? after, more: left.length > page.length } };
  };

/** Rows by a number in the body, `{"paging": {"page": 1, "size": 5}}`, both needed. */
export const byNumberInBody = (rows: Row[], paging: unknown): ReturnType<Answering> => {
  const { page, size } = (paging ?? {}) as { page?: unknown; size?: unknown };
  if (!Number.isInteger(page) || !Number.isInteger(size)) {
    return refusal(400, "paging.page and paging.size are needed, as numbers");
  }
  return { body: { hits: slice(rows, page as number, size as number), found: rows.length } };
};

/** GraphQL's usual way: `first` rows `after` a cursor, and what comes next in `pageInfo`. */
export const connection = (rows: Row[], first: number, after: string | null): Row | null => {
  const place = after === null ? 0 : placeOf(after);
  if (place === null) return null;
  const end = place + Math.min(first, SIZE);
  const hasNextPage = end < rows.length;
  return { nodes: rows.slice(place, end), pageInfo: { hasNextPage, endCursor: hasNextPage ? cursorAt(end) : null } };
};
