import type { Comparison } from "../comparison.fixture.ts";
import { inBoth } from "../comparison.fixture.ts";
import { rows } from "./shared.ts";

/** Rows with one key each. */
const column = (key: string, more: Partial<Comparison> = {}): Comparison => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page" } }],
  api: () => [{ id: 1, [key]: "a" }],
  ...more,
});

/** A resource with the name, at a separate path. */
const table = (hints: object, more: Partial<Comparison> = {}): Comparison => ({
  resources: [{ name: "posts", endpoint: { path: "posts", paginator: "single_page" }, ...hints }],
  api: () => rows(1, 2),
  ...more,
});

const COLUMNS: Record<string, Comparison> = {
  "camel case": column("firstName"),
  "pascal case": column("FirstName"),
  "capitals in a row": column("userID"),
  "capitals only": column("SKU"),
  "an abbreviation before a word": column("HTTPStatus"),
  "a digit after letters": column("line2"),
  "a digit before": column("2nd"),
  spaces: column("First Name"),
  "a dash": column("first-name"),
  "a dot": column("first.name"),
  "a slash": column("first/name"),
  "an underscore before": column("_id"),
  "an underscore after": column("id_"),
  "two underscores": column("a__b"),
  "three underscores": column("a___b"),
  "a plus": column("a+b"),
  "a star": column("a*b"),
  "an at sign": column("@type"),
  "a hash": column("#count"),
  "a dollar": column("$ref"),
  "a percent": column("50%"),
  "letters with accents": column("größe", { differs: { accents: ["columns", "rows"] } }),
  "an object with a key in camel case": {
    ...column("x"),
    api: () => [{ id: 1, ownerInfo: { firstName: "a" } }],
  },
  "two keys of one name": {
    ...column("x"),
    api: () => [
      { id: 1, orderId: 1 },
      { id: 2, order_id: 2 },
    ],
    differs: { "two keys of one name": ["columns", "rows"] },
  },
  "a word of SQL": column("select"),
  "a long key": column("a".repeat(100)),
};

const TABLES: Record<string, Comparison> = {
  "a resource in camel case": table({ name: "blogPosts" }),
  "a resource with a dash": table({ name: "blog-posts" }),
  "a resource with a slash": { resources: ["blog/posts"], api: () => rows(1, 2) },
  "a resource that begins with a digit": table({ name: "1st" }, { differs: { "names of tables": ["tables"] } }),
  "a resource that begins with an underscore": table(
    { name: "_posts" },
    { differs: { "names of tables": ["tables"] } },
  ),
  table_name: table({ table_name: "articles" }),
  "table_name in camel case": table({ table_name: "blogArticles" }),
  "table_name that is a function": table(
    { table_name: inBoth((row: { name: string }) => row.name, "lambda row: row['name']") },
    { differs: { "a table per row": ["outcome"] } },
  ),
  "one resource per table, with a filter": {
    resources: ["row 1", "row 2"].map((name, index) => ({
      name: `posts_${index + 1}`,
      endpoint: { path: "posts", paginator: "single_page" },
      processing_steps: [
        { filter: inBoth((row: { name: string }) => row.name === name, `lambda row: row['name'] == '${name}'`) },
      ],
    })),
    api: () => rows(1, 2),
  },
  "a resource without a name": table({ name: undefined }, { fails: true }),
  "a resource with an empty name": table({ name: "" }, { differs: { "empty strings": ["outcome"] } }),
  "an empty path": table({ endpoint: { path: "", paginator: "single_page" } }),
  "an empty table_name": table({ table_name: "" }, { differs: { "empty strings": ["outcome"] } }),
  "an empty primary_key": table({ primary_key: "" }, { differs: { "empty strings": ["outcome"] } }),
  "an empty list as primary_key": table({ primary_key: [] }),
  "null for all that is optional": table({
    table_name: null,
    primary_key: null,
    write_disposition: null,
    columns: null,
  }),
  "two resources of one name": { resources: ["posts", "posts"], api: () => rows(1, 2), fails: true },
  "no resources": { resources: [], api: () => rows(1, 2), differs: { "no resources": ["outcome"] } },
  "a resource with an unknown key": table({ tablename: "x" }, { fails: true }),
};

const STEPS: Record<string, Comparison> = {
  "processing_steps filter": table({
    processing_steps: [{ filter: inBoth((row: { id: number }) => row.id > 1, "lambda row: row['id'] > 1") }],
  }),
  "processing_steps map": table({
    processing_steps: [{ map: inBoth((row: object) => ({ ...row, more: 1 }), "lambda row: {**row, 'more': 1}") }],
  }),
  "processing_steps yield_map": table({
    processing_steps: [
      {
        yield_map: inBoth(
          (row: { id: number }) => [row, { ...row, id: row.id + 10 }],
          "lambda row: iter([row, {**row, 'id': row['id'] + 10}])",
        ),
      },
    ],
  }),
  "processing_steps in their order": table({
    processing_steps: [
      {
        map: inBoth((row: { id: number }) => ({ ...row, id: row.id * 2 }), "lambda row: {**row, 'id': row['id'] * 2}"),
      },
      { filter: inBoth((row: { id: number }) => row.id > 2, "lambda row: row['id'] > 2") },
    ],
  }),
  "processing_steps before a child": {
    client: { paginator: "single_page" },
    resources: [
      {
        name: "posts",
        processing_steps: [{ filter: inBoth((row: { id: number }) => row.id > 1, "lambda row: row['id'] > 1") }],
      },
      { name: "comments", endpoint: "posts/{resources.posts.id}/comments" },
    ],
    api: () => rows(1, 2),
  },
  "processing_steps of rows that are not objects": table(
    { processing_steps: [{ filter: inBoth((item: number) => item > 1, "lambda item: item > 1") }] },
    { api: () => [1, 2], differs: { "steps of other items": ["tables"] } },
  ),
};

/** Names of columns and tables, and `processing_steps`. */
export const NAMES: Record<string, Comparison> = { ...COLUMNS, ...TABLES, ...STEPS };
