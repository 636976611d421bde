import { reply } from "../../configs/conversation.fixture.ts";
import type { ApiRequest } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";

/** Returns rows `{ id, name }` with ids from first to last. */
export const rows = (first: number, last: number): { id: number; name: string }[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    id: first + index,
    name: `row ${first + index}`,
  }));

/** Returns the rows of one page of `size`, counted from 0, of rows 1 to `last`. */
export const pageOf = (page: number, size: number, last: number) =>
  rows(page * size + 1, Math.min((page + 1) * size, last));

/** Returns a config with one resource `posts`, whose paginator is given. */
export const posts = (paginator: unknown, endpoint: object = {}): Pick<Comparison, "resources"> => ({
  resources: [{ name: "posts", endpoint: { path: "posts", paginator, ...endpoint } }],
});

/** An API with numbered pages of 2 rows, 5 rows in all. */
export const numbered =
  (base: number, extra: (page: number) => object = () => ({}), name = "page") =>
  ({ query }: ApiRequest) => {
    const page = Number(query[name] ?? base) - base;
    return { items: pageOf(page, 2, 5), ...extra(page) };
  };

/** An API with a cursor in the query; the cursor after page n is `c<n>`. */
export const cursors =
  (extra: (next: string | null) => object, name = "cursor") =>
  ({ query }: ApiRequest) => {
    const page = Number((query[name] ?? "c0").slice(1));
    return { items: pageOf(page, 2, 5), ...extra(page < 2 ? `c${page + 1}` : null) };
  };

/** Pages that are linked by a `Link` header. */
export const headerLinked =
  (relation: string, url: (page: number) => string) =>
  ({ query }: ApiRequest) => {
    const page = Number(query.page ?? 1);
    const link = page < 3 ? { link: `<${url(page + 1)}>; rel="${relation}", <${url(1)}>; rel="first"` } : {};
    return reply(200, pageOf(page - 1, 2, 5), link as Record<string, string>);
  };
