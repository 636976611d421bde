import { authors, books, genres, openingHours, orders, type Row, reviews, sales, stock, summaries } from "./data.ts";
import { type ApiRequest, type Endpoint, type Handler, type Reply, refusal } from "./endpoint.ts";
import * as guard from "./guards.ts";
import * as pages from "./paging.ts";

/** Maximum number of requests that the busy endpoint accepts per window. */
const MAX_REQUESTS = 8;
/** Length of the window. Milliseconds. */
const REQUEST_WINDOW = 500;
/** Prefix that some APIs put before their JSON so that a browser cannot run it as a script. */
const GUARD_PREFIX = ")]}',\n";

/** Returns all rows in one response. */
const whole =
  (data: unknown): Handler =>
  () => ({ body: { data } });

const json = (body: string): Row | null => {
  try {
    return JSON.parse(body) as Row;
  } catch {
    return null;
  }
};

/** Returns the rows of one parent; 404 for an unknown parent. */
const childrenOf =
  (parents: { id: number }[], rowsOf: (id: number) => Row[]): Handler =>
  ({ id }) =>
    parents.some((parent) => String(parent.id) === id)
      ? { body: { data: rowsOf(Number(id)) } }
      : refusal(404, `unknown id ${id}`);

/** Returns the orders from `updated_since` (inclusive) to `updated_before` (exclusive). */
const ordersBetween = ({ query }: ApiRequest): Row[] => {
  const [since, before] = [query.get("updated_since") ?? "", query.get("updated_before") ?? "~"];
  return orders.filter(({ updated_at }) => updated_at >= since && updated_at < before);
};

/** Returns the books of the given genres. */
const booksOfGenres = (wanted: unknown[]): Row[] => books.filter(({ genre }) => wanted.includes(genre));

const searchByForm: Handler = ({ headers, body }) => {
  if (headers["content-type"] !== "application/x-www-form-urlencoded")
    return refusal(415, "content-type must be application/x-www-form-urlencoded");
  const form = new URLSearchParams(body);
  if (form.get("in_print") !== "true") return refusal(400, "missing required parameter in_print");
  return { body: { hits: booksOfGenres(form.getAll("genre")) } };
};

const searchByJson: Handler = ({ headers, body }) => {
  const search = headers["content-type"] === "application/json" ? json(body) : null;
  if (search === null) return refusal(415, "the request requires a JSON body");
  return pages.byNumberInBody(booksOfGenres((search.genres as unknown[] | undefined) ?? []), search.paging);
};

const QUERY =
  /^query \(\$first: Int!, \$after: String\) \{ books\(first: \$first, after: \$after\) \{ nodes \{ ([\w ]+) \} pageInfo \{ hasNextPage endCursor \} \} \}$/;

/** Supports exactly one query, with any selection of fields. */
const graphql: Handler = ({ body }) => {
  const { query, variables } = (json(body) ?? {}) as {
    query?: unknown;
    variables?: { first?: number; after?: string };
  };
  const [, fields] = QUERY.exec(String(query).replaceAll(/\s+/g, " ").trim()) ?? [];
  if (fields === undefined) return refusal(400, "unsupported query");
  const chosen = books.map((book) =>
    Object.fromEntries(Object.entries(book).filter(([key]) => fields.split(" ").includes(key))),
  );
  const found = pages.connection(chosen, variables?.first ?? 0, variables?.after ?? null);
  return found === null ? refusal(400, "invalid cursor in after") : { body: { data: { books: found } } };
};

const summary: Handler = ({ id }) => {
  const found = summaries.find(({ book_id }) => String(book_id) === id);
  return found === undefined ? refusal(404, `book ${id} has no summary`) : { body: found };
};

/** Returns a status to the first request and the data to every later one. */
const countedStock = (): Handler => {
  let isCounted = false;
  return () => {
    const reply: Reply = { body: isCounted ? { data: stock } : { status: "still counting, retry later" } };
    isCounted = true;
    return reply;
  };
};

/** Limits the rate of requests: above it, the response is 429. */
const busy = (handle: Handler): Handler => {
  let recent: number[] = [];
  return (request) => {
    const now = performance.now();
    recent = [...recent.filter((at) => at > now - REQUEST_WINDOW), now];
    return recent.length > MAX_REQUESTS
      ? { ...refusal(429, "too many requests"), headers: { "retry-after": "1" } }
      : handle(request);
  };
};

const shelves = [...new Set(genres.map(({ shelf }) => shelf))].map((code) => ({
  code,
  sections: genres
    .filter(({ shelf }) => shelf === code)
    .map(({ genre }) => ({ genre, books: books.filter((book) => book.genre === genre) })),
}));

/** Requires the parameter `language=en`. */
const inEnglish =
  (handle: Handler): Handler =>
  (request) =>
    request.query.get("language") === "en" ? handle(request) : refusal(400, "missing required parameter language=en");

/**
 * Returns every endpoint of the example API, by method and path.
 *
 * @param conceal receives the secrets that the API generates while it runs
 */
export const createEndpoints = (conceal: (text: string) => void): Record<string, Endpoint> => {
  const { tokens, guard: token } = guard.oauth2(conceal);
  const { login, guard: loggedIn } = guard.session(conceal);
  return {
    // Pagination: one kind per endpoint.
    "GET /books/by-page": { handle: pages.byNumber(() => books) },
    "GET /books/by-offset": { handle: pages.byOffset(books) },
    "GET /books/by-cursor": { handle: pages.byCursor(books) },
    "GET /books/by-header-cursor": { handle: pages.byHeaderCursor(books) },
    "GET /books/by-json-link": { handle: pages.byJsonLink(books) },
    "GET /books/by-header-link": { handle: pages.byHeaderLink(books) },
    "GET /books/by-last-id": { handle: pages.byLastId(books) },
    "GET /genres": { handle: () => ({ body: { genres } }) },
    "GET /genres/by-name": {
      handle: () => ({ body: { data: Object.fromEntries(genres.map(({ genre, ...rest }) => [genre, rest])) } }),
    },
    "GET /books/busy": { handle: busy(pages.byNumber(() => books, 1)) },

    // Authentication: one kind per endpoint.
    "GET /books/with-header-key": { guard: guard.keyInHeader, handle: whole(books) },
    "GET /books/with-query-key": { guard: guard.keyInQuery, handle: whole(books) },
    "GET /books/with-cookie": { guard: guard.keyInCookie, handle: whole(books) },
    "GET /books/with-bearer": { guard: guard.bearer, handle: whole(books) },
    "GET /books/with-password": { guard: guard.basic, handle: whole(books) },
    "GET /books/with-oauth2": { guard: token, handle: whole(books) },
    "POST /oauth/token": { handle: tokens },
    "GET /books/with-session": { guard: loggedIn, handle: whole(books) },
    "POST /login": { handle: login },
    "GET /books/with-signature": { guard: guard.signature(conceal), handle: pages.byNumber(() => books) },
    "GET /books/with-tenant": { guard: guard.tenant, handle: whole(books) },
    "GET /sales": { guard: guard.salesOnly, handle: whole(sales) },
    "GET /opening-hours": { guard: guard.noCredentials, handle: whole(openingHours) },

    // Parent and child resources.
    "GET /authors": { handle: whole(authors) },
    "GET /authors/{id}/books": {
      handle: childrenOf(authors, (id) => books.filter(({ author_id }) => author_id === id)),
    },
    "GET /books/{id}/reviews": { handle: childrenOf(books, (id) => reviews.filter(({ book_id }) => book_id === id)) },
    "GET /books/{id}/summary": { handle: summary },

    // Incremental loading.
    "GET /orders": { handle: pages.byNumber(ordersBetween) },

    // Requests with a body.
    "POST /books/search": { handle: searchByJson },
    "POST /books/search-form": { handle: searchByForm },
    "POST /graphql": { handle: graphql },

    // Responses that require response actions or a data selector.
    "GET /stock": { handle: countedStock() },
    "GET /legacy/books": {
      handle: () => ({ headers: { "content-type": "text/plain" }, body: GUARD_PREFIX + JSON.stringify(books) }),
    },
    "GET /books": { handle: whole(books) },
    "GET /shelves": { handle: () => ({ body: { shelves } }) },

    // A parameter that every endpoint requires.
    "GET /v2/authors": { handle: inEnglish(pages.byNumber(() => authors)) },
    "GET /v2/books": { handle: inEnglish(pages.byNumber(() => books)) },
    "GET /v2/genres": { handle: () => ({ body: genres }) },
  };
};
