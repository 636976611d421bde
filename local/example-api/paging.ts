/** Kinds of pagination in the example API. Each is strict: a missing parameter is an error. */
import type { Row } from "./data.ts";
import { type ApiRequest, type Handler, refusal } from "./endpoint.ts";

/** Rows per page. */
export const PAGE_SIZE = 5;

/** Returns a parameter as an integer of at least `minimum`; null otherwise. */
const integer = (text: string | null, minimum: number): number | null =>
  text !== null && /^\d+$/.test(text) && Number(text) >= minimum ? Number(text) : null;

const slice = (rows: Row[], page: number, size: number): Row[] => rows.slice((page - 1) * size, page * size);

const pageOf = ({ query }: ApiRequest): number => integer(query.get("page"), 1) ?? 1;

/** Returns the URL of another page. */
const linkTo = ({ url }: ApiRequest, page: number): string => {
  const link = new URL(url);
  link.searchParams.set("page", String(page));
  return link.href;
};

/** Returns an opaque cursor: the index of the next page's first row. */
const cursorAt = (index: number): string => Buffer.from(`row ${index}`).toString("base64url");
const indexOf = (cursor: string): number | null =>
  integer(/^row (\d+)$/.exec(Buffer.from(cursor, "base64url").toString())?.[1] ?? null, 0);

/** `?page=1&page_size=5`: pages count from 1; the response includes the number of pages. */
export const byNumber =
  (rowsFor: (request: ApiRequest) => Row[], size = PAGE_SIZE): Handler =>
  (request) => {
    const rows = rowsFor(request);
    const page = pageOf(request);
    const own = Math.min(integer(request.query.get("page_size"), 1) ?? size, size);
    return { body: { data: slice(rows, page, own), meta: { page, pages: Math.ceil(rows.length / own) } } };
  };

/** `?skip=0&take=5`, both required; the response includes the number of rows. */
export const byOffset =
  (rows: Row[]): Handler =>
  ({ query }) => {
    const [skip, take] = [integer(query.get("skip"), 0), integer(query.get("take"), 1)];
    if (skip === null || take === null) return refusal(400, "missing required parameters skip and take");
    return { body: { items: rows.slice(skip, skip + Math.min(take, PAGE_SIZE)), count: rows.length } };
  };

/** `?after=<cursor>`; the response includes the cursor of the next page, null after the last page. */
export const byCursor =
  (rows: Row[]): Handler =>
  ({ query }) => {
    const after = query.get("after");
    const index = after === null ? 0 : indexOf(after);
    if (index === null) return refusal(400, "invalid cursor in after");
    const next = index + PAGE_SIZE < rows.length ? cursorAt(index + PAGE_SIZE) : null;
    return { body: { data: rows.slice(index, index + PAGE_SIZE), paging: { next } } };
  };

/** `?cursor=<cursor>`; the header `x-next-cursor` has the cursor of the next page, and the body is the list itself. */
export const byHeaderCursor =
  (rows: Row[]): Handler =>
  ({ query }) => {
    const cursor = query.get("cursor");
    const index = cursor === null ? 0 : indexOf(cursor);
    if (index === null) return refusal(400, "invalid cursor in cursor");
    const next = index + PAGE_SIZE;
    return {
      headers: next < rows.length ? { "x-next-cursor": cursorAt(next) } : {},
      body: rows.slice(index, next),
    };
  };

/** The response includes the URL of the next page; null after the last page. */
export const byJsonLink =
  (rows: Row[]): Handler =>
  (request) => {
    const page = pageOf(request);
    const next = page * PAGE_SIZE < rows.length ? linkTo(request, page + 1) : null;
    return { body: { results: slice(rows, page, PAGE_SIZE), links: { self: request.url.href, next } } };
  };

/** The `Link` header has the URL of the next page, and the body is the list itself. */
export const byHeaderLink =
  (rows: Row[]): Handler =>
  (request) => {
    const page = pageOf(request);
    const links = [`<${linkTo(request, 1)}>; rel="first"`];
    if (page * PAGE_SIZE < rows.length) links.push(`<${linkTo(request, page + 1)}>; rel="next"`);
    return { headers: { link: links.join(", ") }, body: slice(rows, page, PAGE_SIZE) };
  };

/** `?after_id=0`, required: the rows after that id, and the id of the last row. */
export const byLastId =
  (rows: { id: number }[]): Handler =>
  ({ query }) => {
    const after = integer(query.get("after_id"), 0);
    if (after === null) return refusal(400, "missing required parameter after_id");
    const remaining = rows.filter(({ id }) => id > after);
    const page = remaining.slice(0, PAGE_SIZE);
    return { body: { books: page, last_id: page.at(-1)?.id ?? after, more: remaining.length > page.length } };
  };

/** Page number and size in the body, `{"paging": {"page": 1, "size": 5}}`, both required. */
export const byNumberInBody = (rows: Row[], paging: unknown): ReturnType<Handler> => {
  const { page, size } = (paging ?? {}) as { page?: unknown; size?: unknown };
  if (!Number.isInteger(page) || !Number.isInteger(size)) {
    return refusal(400, "paging.page and paging.size must be integers");
  }
  return { body: { hits: slice(rows, page as number, size as number), found: rows.length } };
};

/** GraphQL connection: `first` rows `after` a cursor, with the next cursor in `pageInfo`. */
export const connection = (rows: Row[], first: number, after: string | null): Row | null => {
  const index = after === null ? 0 : indexOf(after);
  if (index === null) return null;
  const end = index + Math.min(first, PAGE_SIZE);
  const hasNextPage = end < rows.length;
  return { nodes: rows.slice(index, end), pageInfo: { hasNextPage, endCursor: hasNextPage ? cursorAt(end) : null } };
};
