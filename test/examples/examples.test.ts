import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { planLines } from "../../cli/check/plan.ts";
import { EXAMPLES_FOLDER, listExamples } from "../../cli/example/catalogue.ts";
import { type ExampleRun, runExample } from "../../cli/example/run-example.ts";
import { errorLines } from "../../cli/summary.ts";
import { readSource } from "../../infra/sources.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import * as shop from "../../local/example-api/data.ts";
import { openLake } from "../../local/lake/index.ts";
import { readTable, type StoredRow } from "../cli/lake.fixture.ts";

const FILES = readdirSync(EXAMPLES_FOLDER).filter((file) => file !== "README.md");
const folder = mkdtempSync(join(tmpdir(), "restlake-examples-"));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Expected result of an example: the rows of each table, computed from the data of the API. */
interface Expected {
  tables: Record<string, shop.Row[]>;
  /** Whether requests may arrive in any order, because some are sent at the same time. */
  anyOrder?: boolean;
  /** Requests in order, if the rows alone do not show that the example works. */
  requests?: string[];
  /** Tables with Parquet parts. Their rows are read with a query. */
  parquet?: string[];
  /** Expected result of a second run. */
  again?: { tables: Record<string, shop.Row[]>; requests: string[] };
}

const { authors, books, genres, openingHours, orders, reviews, sales, stock, summaries } = shop;
const onlyBooks: Expected = { tables: { books } };
const only = (...keys: string[]) =>
  books.map((book) => Object.fromEntries(Object.entries(book).filter(([key]) => keys.includes(key))));

const SINCE = "2026-01-01T00:00:00Z";
const LAST = "2026-02-11T18:40:00Z";
const newOrders = orders.filter(({ updated_at }) => updated_at >= SINCE);
const orderRequests = [`200 GET /orders?updated_since=${SINCE}`, `200 GET /orders?updated_since=${SINCE}&page=2`];
const incremental: Expected = {
  tables: { orders: newOrders },
  requests: orderRequests,
  again: { tables: { orders: [] }, requests: [`200 GET /orders?updated_since=${LAST}`] },
};

/** Books in the order of their authors. */
const booksByAuthor = authors.flatMap((author) =>
  books.filter(({ author_id }) => author_id === author.id).map((book) => ({ ...book, _authors_name: author.name })),
);

const windows = [
  { author_id: 1, street: "Harbour Street" },
  { author_id: 3, street: "Mill Lane" },
];
const booksInWindows = windows.flatMap(({ author_id, street }) =>
  books.filter((book) => book.author_id === author_id).map((book) => ({ ...book, _shop_windows_street: street })),
);

const EXPECTED: Record<string, Expected> = {
  "auto.yaml": { tables: { linked_in_body: books, linked_in_header: books, numbered: books } },
  "page-number.yaml": {
    ...onlyBooks,
    requests: [1, 2, 3].map((page) => `200 GET /books/by-page?page=${page}&page_size=5`),
  },
  "offset.json": { ...onlyBooks, requests: [0, 5, 10].map((skip) => `200 GET /books/by-offset?skip=${skip}&take=5`) },
  "cursor.yaml": onlyBooks,
  "header-cursor.json": onlyBooks,
  "json-link.yaml": onlyBooks,
  "header-link.json": onlyBooks,
  "single-page.yaml": { tables: { genres }, requests: ["200 GET /genres"] },
  "custom-paginator.ts": { ...onlyBooks, requests: [0, 5, 10].map((id) => `200 GET /books/by-last-id?after_id=${id}`) },

  "api-key-header.json": onlyBooks,
  "api-key-query.yaml": { ...onlyBooks, requests: ["200 GET /books/with-query-key?key=***"] },
  "api-key-cookie.yaml": onlyBooks,
  "bearer.json": onlyBooks,
  "http-basic.yaml": onlyBooks,
  "session-token.yaml": { ...onlyBooks, requests: ["200 POST /login", "200 GET /books/with-session"] },
  "oauth2-client-credentials.yaml": { ...onlyBooks, requests: ["200 POST /oauth/token", "200 GET /books/with-oauth2"] },
  "custom-auth.ts": onlyBooks,
  "registered-auth.ts": onlyBooks,
  "auth-per-endpoint.yaml": { tables: { books, sales, opening_hours: openingHours } },

  "children.yaml": {
    tables: {
      authors,
      books: booksByAuthor,
      reviews: booksByAuthor.flatMap(({ id, title, genre }) =>
        reviews
          .filter(({ book_id }) => book_id === id)
          .map((review) => ({ ...review, _books_title: title, _books_genre: genre })),
      ),
    },
    requests: [
      "200 GET /authors",
      ...authors.map(({ id }) => `200 GET /authors/${id}/books`),
      ...booksByAuthor.map(({ id }) => `200 GET /books/${id}/reviews`),
    ],
  },
  "children-resolve.json": { tables: { books: booksByAuthor.map(({ _authors_name, ...book }) => book) } },
  "static-rows.yaml": {
    tables: { shop_windows: windows, books: booksInWindows },
    requests: windows.map(({ author_id }) => `200 GET /authors/${author_id}/books`),
  },

  "incremental.yaml": incremental,
  "incremental-param.json": incremental,
  "incremental-lag.yaml": {
    ...incremental,
    again: {
      tables: { orders: orders.filter(({ updated_at }) => updated_at >= "2026-02-09T18:40:00Z") },
      requests: ["200 GET /orders?updated_since=2026-02-09T18:40:00Z"],
    },
  },
  "backfill.json": {
    tables: { orders: newOrders.filter(({ updated_at }) => updated_at < "2026-02-01T00:00:00Z") },
    requests: [`200 GET /orders?updated_since=${SINCE}&updated_before=2026-02-01T00:00:00Z`],
    again: {
      tables: { orders: newOrders.filter(({ updated_at }) => updated_at < "2026-02-01T00:00:00Z") },
      requests: [`200 GET /orders?updated_since=${SINCE}&updated_before=2026-02-01T00:00:00Z`],
    },
  },

  "post-json.json": { tables: { books: books.filter(({ genre }) => ["crime", "nature"].includes(genre)) } },
  "graphql.yaml": { tables: { books: only("id", "title", "published_on") } },
  "form-data.yaml": { tables: { books: books.filter(({ genre }) => ["crime", "travel"].includes(genre)) } },

  "response-actions.yaml": {
    tables: { summaries, stock },
    requests: [
      "200 GET /books",
      ...books.map(({ id }) =>
        summaries.some(({ book_id }) => book_id === id)
          ? `200 GET /books/${id}/summary`
          : `404 GET /books/${id}/summary`,
      ),
      "200 GET /stock",
      "200 GET /stock",
    ],
  },
  "response-functions.ts": onlyBooks,
  "data-selector.yaml": {
    // By shelf: A, then B with two genres, then C.
    tables: {
      books: ["travel", "crime", "novel", "nature"].flatMap((name) => books.filter(({ genre }) => genre === name)),
      sections: ["travel", "crime", "novel", "nature"].map((name) => ({
        genre: name,
        books: books.filter(({ genre }) => genre === name),
      })),
    },
  },
  "keyed-records.yaml": { tables: { genres } },
  "declared-steps.yaml": {
    tables: {
      editions: books
        .filter(({ published_on, genre }) => published_on !== null && genre !== "crime")
        .map(({ id, title, genre, published_on, prices }) => ({
          ...{ id, title, genre, day: published_on, prices: prices.map(({ format }) => ({ name: format })) },
          ...{ first_price: prices[0]?.price, source: "bookshop" },
        })),
    },
  },
  "processing-steps.ts": {
    tables: {
      editions: books
        .filter(({ published_on }) => published_on !== null)
        .flatMap(({ published_on, prices, ...book }) =>
          prices.map((price) => ({ ...book, year: Number(published_on?.split("-")[0]), ...price })),
        ),
    },
  },

  "parquet.yaml": { tables: { books, genres }, parquet: ["books"] },

  "resource-defaults.yaml": {
    tables: { v2_authors: authors, books, genres },
    requests: [
      "200 GET /v2/authors?language=en&page=1",
      ...[1, 2, 3].map((page) => `200 GET /v2/books?language=en&page_size=4&page=${page}`),
      "200 GET /v2/genres",
    ],
  },
  // The endpoint rejects more than 8 requests within half a second.
  "rate-limit.json": {
    ...onlyBooks,
    requests: books.map((_, index) => `200 GET /books/busy?page=${index + 1}`),
    anyOrder: true,
  },
};

/** Returns the stored form of a row: lists as JSON strings, times in UTC with milliseconds. */
const stored = (row: shop.Row): StoredRow =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => {
      if (Array.isArray(value)) return [key, JSON.stringify(value)];
      const time = typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:]+Z$/.test(value);
      return [key, time ? value.replace("T", " ").replace("Z", ".000") : value];
    }),
  );

const out = (file: string) => join(folder, file);

const go = async (file: string): Promise<ExampleRun> => {
  const source = await readSource(file, join(EXAMPLES_FOLDER, file));
  const ran = await runExample(source, { out: out(file), stop: new AbortController().signal });
  expect({ status: ran.execution.status, errors: errorLines([ran.summary]) }).toEqual({
    status: "succeeded",
    errors: [],
  });
  return ran;
};

/** Returns the rows that a run (counted from 0) loaded into each table, without system columns. */
const rowsIn = (file: string, source: string, run: number, except: string[] = []): Record<string, StoredRow[]> =>
  Object.fromEntries(
    readdirSync(join(out(file), "s3/lake/manifests", source))
      .filter((table) => !except.includes(table))
      .map((table) => [
        table,
        (readTable(out(file), source, table)[run]?.rows ?? []).map(({ _run_id, _seq, _extracted_at, ...row }) => row),
      ]),
  );

/** Returns the rows that `npm run query` reads from tables with Parquet parts, in loading order. */
const queriedRows = async (file: string, source: string, tables: string[]): Promise<Record<string, StoredRow[]>> => {
  using lake = await openLake(out(file));
  const read = async (table: string) => {
    const { names, chunks } = await lake.query(
      `select * exclude (_run_id, _seq, _extracted_at) from ${source}.${table} order by _seq`,
    );
    const rows: StoredRow[] = [];
    for await (const chunk of chunks) {
      const value = (cell: unknown) => (typeof cell === "bigint" ? Number(cell) : cell);
      rows.push(...chunk.map((row) => Object.fromEntries(row.map((cell, index) => [names[index], value(cell)]))));
    }
    return rows;
  };
  return Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await read(table)])));
};

const storedTables = (tables: Record<string, shop.Row[]>) =>
  Object.fromEntries(Object.entries(tables).map(([table, rows]) => [table, rows.map(stored)]));

const linesOf = ({ requests }: ExampleRun) => requests.map(({ status, method, path }) => `${status} ${method} ${path}`);

test.for(FILES)("%s runs, and loads exactly the rows of the API", async (file) => {
  const expected = EXPECTED[file];
  if (expected === undefined) throw new Error(`add the expected rows of ${file} to this test`);
  const ran = await go(file);
  const { name } = ran.source;
  const { parquet = [] } = expected;
  const queried = await queriedRows(file, name, parquet);
  expect({ ...rowsIn(file, name, 0, parquet), ...queried }).toEqual(storedTables(expected.tables));
  // Prefetched requests may overtake others.
  const requests = expected.anyOrder ? linesOf(ran).toSorted() : linesOf(ran);
  expect(requests).toEqual(
    expected.anyOrder
      ? expected.requests?.toSorted()
      : (expected.requests ?? ran.requests.map(() => expect.stringMatching(/^200 /))),
  );
  if (expected.again === undefined) return;
  const again = await go(file);
  expect(rowsIn(file, name, 1)).toEqual(storedTables(expected.again.tables));
  expect(linesOf(again)).toEqual(expected.again.requests);
});

describe("every example", () => {
  test("matches the config schema, has the placeholder as its API, and is named after its file", async () => {
    for (const file of FILES) {
      const source = await readSource(file, join(EXAMPLES_FOLDER, file));
      expect(() => validateSource(file, source)).not.toThrow();
      expect(source.config.client.base_url).toBe("https://api.example.com");
      const stem = file.slice(0, -extname(file).length).replaceAll("-", "_");
      expect(source.config.name).toBe(`example_${stem}`);
    }
  });

  test("has a plan with a request for each of its resources that has an endpoint", async () => {
    for (const file of FILES) {
      const source = await readSource(file, join(EXAMPLES_FOLDER, file));
      const resolved = resolveSource(source);
      const names = resolved.resources.map(({ name }) => name);
      const lines = planLines(source, resolved, new Set(names), Number.POSITIVE_INFINITY);
      const requested = resolved.resources.filter(({ rows }) => rows === null);
      expect(lines.filter((line) => /^ {2}request +(GET|POST) https:/.test(line))).toHaveLength(requested.length);
    }
  });

  test("in JSON or YAML names the JSON Schema of configs, for editors", () => {
    for (const file of FILES.filter((name) => !name.endsWith(".ts"))) {
      const [first, second] = readFileSync(join(EXAMPLES_FOLDER, file), "utf8").split("\n");
      const line = file.endsWith(".json") ? second : first;
      expect(line).toBe(
        file.endsWith(".json")
          ? '  "$schema": "../docs/source.schema.json",'
          : "# yaml-language-server: $schema=../docs/source.schema.json",
      );
    }
  });

  test("is listed in examples/README.md under a heading and with a description, and every listed file exists", () => {
    const readme = readFileSync(join(EXAMPLES_FOLDER, "README.md"), "utf8");
    const named = [...readme.matchAll(/^\| \[(.+?)\]\((.+?)\) \| /gm)].map(([, name, file]) => [name, file]);
    expect(named.map(([, file]) => file).sort()).toEqual(FILES.toSorted());
    for (const [name, file] of named) expect(file).toMatch(new RegExp(`^${name}\\.(ts|json|yaml)$`));
    expect(listExamples().filter(({ group, about }) => group === "" || about === "")).toEqual([]);
  });
});
