import { authors, books, genres, openingHours, orders, type Row, reviews, sales, stock, summaries } from "./data.ts";
import { type Answering, type Asked, type Endpoint, type Reply, refusal } from "./endpoint.ts";
import * as guard from "./guards.ts";
import * as pages from "./paging.ts";

/** The busy endpoint takes so many requests ... */
export const MOST_REQUESTS = 8;
/** ... within this time. Milliseconds. */
export const WITHIN = 500;
/** What stands before the JSON of an API that fears for its cookies. */
const GUARD_PREFIX = ")]}',\n";

/** All rows in one answer. */
const whole =
  (data: unknown): Answering =>
  () => ({ body: { data } });

const json = (body: string): Row | null => {
  try {
    return JSON.parse(body) as Row;
  } catch {
    return null;
  }
};

const of =
  (known: { id: number }[], rowsOf: (id: number) => Row[]): Answering =>
  ({ id }) =>
    known.some((one) => String(one.id) === id)
      ? { body: { data: rowsOf(Number(id)) } }
      : refusal(404, `there is no ${id}`);

/** Orders from `updated_since` on, up to and without `updated_before`. */
const ordersBetween = ({ query }: Asked): Row[] => {
  const [since, before] = [query.get("updated_since") ?? "", query.get("updated_before") ?? "~"];
  return orders.filter(({ updated_at }) => updated_at >= since && updated_at < before);
};

/** Books of some genres, as a form or a JSON body asks for them. */
const ofGenres = (wanted: unknown[]): Row[] => books.filter(({ genre }) => wanted.includes(genre));

const searchByForm: Answering = ({ headers, body }) => {
  if (headers["content-type"] !== "application/x-www-form-urlencoded") return refusal(415, "a form is needed");
  const form = new URLSearchParams(body);
  if (form.get("in_print") !== "true") return refusal(400, "in_print is needed");
  return { body: { hits: ofGenres(form.getAll("genre")) } };
};

const searchByJson: Answering = ({ headers, body }) => {
  const asked = headers["content-type"] === "application/json" ? json(body) : null;
  if (asked === null) return refusal(415, "a JSON body is needed");
  return pages.byNumberInBody(ofGenres((asked.genres as unknown[] | undefined) ?? []), asked.paging);
};

const QUERY =
  /^query \(\$first: Int!, \$after: String\) \{ books\(first: \$first, after: \$after\) \{ nodes \{ ([\w ]+) \} pageInfo \{ hasNextPage endCursor \} \} \}$/;

/** Knows one query, of whatever fields, and that one to the letter. */
const graphql: Answering = ({ body }) => {
  const { query, variables } = (json(body) ?? {}) as {
    query?: unknown;
    variables?: { first?: number; after?: string };
  };
  const [, fields] = QUERY.exec(String(query).replaceAll(/\s+/g, " ").trim()) ?? [];
  if (fields === undefined) return refusal(400, "this query is not understood here");
  const chosen = books.map((book) =>
    Object.fromEntries(Object.entries(book).filter(([key]) => fields.split(" ").includes(key))),
  );
  const found = pages.connection(chosen, variables?.first ?? 0, variables?.after ?? null);
  return found === null ? refusal(400, "after is no cursor of ours") : { body: { data: { books: found } } };
};

const summary: Answering = ({ id }) => {
  const found = summaries.find(({ book_id }) => String(book_id) === id);
  return found === undefined ? refusal(404, `book ${id} has no summary`) : { body: found };
};

/** Counts the first time it is asked, and is ready the second time. */
const countedStock = (): Answering => {
  let isCounted = false;
  return () => {
    const reply: Reply = { body: isCounted ? { data: stock } : { status: "still counting, ask again" } };
    isCounted = true;
    return reply;
  };
};

/** Refuses who asks too often. */
const busy = (answer: Answering): Answering => {
  let asked: number[] = [];
  return (request) => {
    const now = performance.now();
    asked = [...asked.filter((at) => at > now - WITHIN), now];
    return asked.length > MOST_REQUESTS
      ? { ...refusal(429, "too many requests"), headers: { "retry-after": "1" } }
      : answer(request);
  };
};

const shelves = [...new Set(genres.map(({ shelf }) => shelf))].map((code) => ({
  code,
  sections: genres
    .filter(({ shelf }) => shelf === code)
    .map(({ genre }) => ({ genre, books: books.filter((book) => book.genre === genre) })),
}));

/** Answers in one language, which has to be named. */
const inEnglish =
  (answer: Answering): Answering =>
  (asked) =>
    asked.query.get("language") === "en" ? answer(asked) : refusal(400, "language=en is needed");

/**
 * Every endpoint of the example API, by method and path.
 *
 * @param conceal is told of texts that are secret and made while it runs.
 */
export const createEndpoints = (conceal: (text: string) => void): Record<string, Endpoint> => {
  const { tokens, guard: token } = guard.oauth2(conceal);
  return {
    // One way to go from page to page each.
    "GET /books/by-page": { answer: pages.byNumber(() => books) },
    "GET /books/by-offset": { answer: pages.byOffset(books) },
    "GET /books/by-cursor": { answer: pages.byCursor(books) },
    "GET /books/by-header-cursor": { answer: pages.byHeaderCursor(books) },
    "GET /books/by-json-link": { answer: pages.byJsonLink(books) },
    "GET /books/by-header-link": { answer: pages.byHeaderLink(books) },
    "GET /books/by-last-id": { answer: pages.byLastId(books) },
    "GET /genres": { answer: () => ({ body: { genres } }) },
    "GET /books/busy": { answer: busy(pages.byNumber(() => books, 1)) },

    // One kind of credentials each.
    "GET /books/with-header-key": { guard: guard.keyInHeader, answer: whole(books) },
    "GET /books/with-query-key": { guard: guard.keyInQuery, answer: whole(books) },
    "GET /books/with-cookie": { guard: guard.keyInCookie, answer: whole(books) },
    "GET /books/with-bearer": { guard: guard.bearer, answer: whole(books) },
    "GET /books/with-password": { guard: guard.basic, answer: whole(books) },
    "GET /books/with-oauth2": { guard: token, answer: whole(books) },
    "POST /oauth/token": { answer: tokens },
    "GET /books/with-signature": { guard: guard.signature(conceal), answer: pages.byNumber(() => books) },
    "GET /books/with-tenant": { guard: guard.tenant, answer: whole(books) },
    "GET /sales": { guard: guard.salesOnly, answer: whole(sales) },
    "GET /opening-hours": { guard: guard.nobodysKey, answer: whole(openingHours) },

    // Parents and children.
    "GET /authors": { answer: whole(authors) },
    "GET /authors/{id}/books": { answer: of(authors, (id) => books.filter(({ author_id }) => author_id === id)) },
    "GET /books/{id}/reviews": { answer: of(books, (id) => reviews.filter(({ book_id }) => book_id === id)) },
    "GET /books/{id}/summary": { answer: summary },

    // What changed since.
    "GET /orders": { answer: pages.byNumber(ordersBetween) },

    // Bodies.
    "POST /books/search": { answer: searchByJson },
    "POST /books/search-form": { answer: searchByForm },
    "POST /graphql": { answer: graphql },

    // Answers that are not what they seem, or not where one looks.
    "GET /stock": { answer: countedStock() },
    "GET /legacy/books": {
      answer: () => ({ headers: { "content-type": "text/plain" }, body: GUARD_PREFIX + JSON.stringify(books) }),
    },
    "GET /books": { answer: whole(books) },
    "GET /shelves": { answer: () => ({ body: { shelves } }) },

    // One house style for all.
    "GET /v2/authors": { answer: inEnglish(pages.byNumber(() => authors)) },
    "GET /v2/books": { answer: inEnglish(pages.byNumber(() => books)) },
    "GET /v2/genres": { answer: () => ({ body: genres }) },
  };
};
