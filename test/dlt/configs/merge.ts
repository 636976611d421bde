import type { Comparison } from "../comparison.fixture.ts";

type Row = Record<string, unknown>;

/** A resource `posts` over three runs, with the rows of each. */
const nights = (hints: object, ...pages: Row[][]): Comparison => ({
  resources: [{ name: "posts", endpoint: { paginator: "single_page" }, ...hints }],
  api: pages.map((rows) => ({ "/posts": rows })),
});

const merged = (hints: object, ...pages: Row[][]): Comparison =>
  nights({ write_disposition: "merge", primary_key: "id", ...hints }, ...pages);

/** Adds what differs, or that both fail. */
const but = (given: Comparison, more: Pick<Comparison, "differs" | "fails">): Comparison => ({ ...given, ...more });

const strategy = (name: string, more: object = {}) => ({
  write_disposition: { disposition: "merge", strategy: name, ...more },
});

const row = (id: unknown, value: unknown, more: Row = {}): Row => ({ id, value, ...more });

/** Write dispositions: the table after each of several runs. */
export const MERGE: Record<string, Comparison> = {
  "append adds the rows of every run": nights({}, [row(1, "a")], [row(1, "b")], [row(2, "c")]),
  "append with a primary key adds them as well": nights({ primary_key: "id" }, [row(1, "a")], [row(1, "b")]),
  "replace keeps the rows of the last run": nights(
    { write_disposition: "replace" },
    [row(1, "a"), row(2, "b")],
    [row(3, "c")],
  ),
  "replace with an empty response empties the table": nights({ write_disposition: "replace" }, [row(1, "a")], []),
  "replace with an empty response between two others": nights(
    { write_disposition: "replace" },
    [row(1, "a")],
    [],
    [row(2, "b")],
  ),
  "replace with a strategy": but(
    nights(
      { write_disposition: { disposition: "replace", strategy: "truncate-and-insert" } },
      [row(1, "a")],
      [row(2, "b")],
    ),
    { differs: { strategies: ["outcome"] } },
  ),
  "merge updates and keeps rows": merged({}, [row(1, "a"), row(2, "b")], [row(2, "c"), row(3, "d")], [row(1, "e")]),
  "merge keeps rows of a moving window": merged(
    {},
    [row(1, "a"), row(2, "a"), row(3, "a"), row(4, "a")],
    [row(2, "b"), row(3, "b"), row(4, "b"), row(5, "b")],
    [row(3, "c"), row(4, "c"), row(5, "c"), row(6, "c")],
  ),
  "merge keeps the table when a response is empty": merged({}, [row(1, "a"), row(2, "a")], [], [row(2, "c")]),
  "merge with an empty first response": merged({}, [], [row(1, "a")], [row(1, "b")]),
  "merge with a key of two columns": merged(
    { primary_key: ["id", "region"] },
    [row(1, "a", { region: "x" }), row(1, "b", { region: "y" })],
    [row(1, "c", { region: "y" }), row(2, "d", { region: "x" })],
  ),
  "merge with a key in camel case": nights(
    { write_disposition: "merge", primary_key: "postId" },
    [{ postId: 1, value: "a" }],
    [{ postId: 1, value: "b" }],
  ),
  "merge with a key in an object": nights(
    { write_disposition: "merge", primary_key: "meta__id" },
    [{ meta: { id: 1 }, value: "a" }],
    [{ meta: { id: 1 }, value: "b" }],
  ),
  "merge with a key of strings": merged({}, [row("a", 1), row("b", 1)], [row("b", 2), row("c", 2)]),
  "merge without a key": nights({ write_disposition: "merge" }, [row(1, "a")], [row(1, "b")]),
  "merge by a primary key among the columns": nights(
    { write_disposition: "merge", columns: { id: { primary_key: true } } },
    [row(1, "a")],
    [row(1, "b")],
  ),
  "merge key replaces groups": nights(
    { write_disposition: "merge", merge_key: "day" },
    [
      { day: "mon", n: 1 },
      { day: "mon", n: 2 },
      { day: "tue", n: 3 },
    ],
    [{ day: "mon", n: 4 }],
    [{ day: "wed", n: 5 }],
  ),
  "merge key and primary key": merged(
    { merge_key: "day" },
    [row(1, "a", { day: "mon" }), row(2, "a", { day: "mon" }), row(3, "a", { day: "tue" })],
    [row(1, "b", { day: "mon" }), row(3, "b", { day: "wed" })],
  ),
  "merge with a key twice in one run": but(merged({}, [row(1, "a"), row(1, "b")], [row(1, "c"), row(1, "d")]), {
    differs: { "repeated keys": ["rows"] },
  }),
  "merge with a key twice in one run, on two pages": {
    resources: [
      {
        name: "posts",
        write_disposition: "merge",
        primary_key: "id",
        endpoint: { paginator: { type: "page_number", total_path: null } },
      },
    ],
    api: ({ query }) => (query.page === "0" ? [row(1, "a"), row(2, "a")] : query.page === "1" ? [row(2, "b")] : []),
    differs: { "repeated keys": ["rows"] },
  },
  "merge with dedup_sort desc": merged(
    { columns: { version: { dedup_sort: "desc" } } },
    [row(1, "a", { version: 1 }), row(1, "b", { version: 3 }), row(1, "c", { version: 2 })],
    [row(1, "d", { version: 1 })],
  ),
  "merge with dedup_sort asc": merged(
    { columns: { version: { dedup_sort: "asc" } } },
    [row(1, "a", { version: 2 }), row(1, "b", { version: 1 })],
    [row(1, "d", { version: 5 }), row(1, "e", { version: 4 })],
  ),
  "merge with hard_delete, a flag": merged(
    { columns: { deleted: { hard_delete: true, data_type: "bool" } } },
    [row(1, "a", { deleted: false }), row(2, "a", { deleted: false })],
    [row(1, "b", { deleted: true }), row(3, "b", { deleted: true })],
    [row(1, "c", { deleted: false })],
  ),
  "merge with hard_delete, a time": merged(
    { columns: { deleted_at: { hard_delete: true } } },
    [row(1, "a", { deleted_at: null }), row(2, "a", { deleted_at: null })],
    [row(1, "b", { deleted_at: "2024-01-01T00:00:00Z" })],
  ),
  "merge with hard_delete and dedup_sort": merged(
    { columns: { deleted: { hard_delete: true, data_type: "bool" }, version: { dedup_sort: "desc" } } },
    [row(1, "a", { deleted: false, version: 1 }), row(1, "b", { deleted: true, version: 2 })],
    [row(1, "c", { deleted: true, version: 1 }), row(1, "d", { deleted: false, version: 2 })],
  ),
  upsert: merged(strategy("upsert"), [row(1, "a"), row(2, "a")], [row(2, "b"), row(3, "b")], []),
  "upsert with a key twice in one run": but(merged(strategy("upsert"), [row(1, "a"), row(1, "b")], [row(1, "c")]), {
    differs: { "repeated keys of other strategies": ["rows"] },
  }),
  "insert-only": merged(strategy("insert-only"), [row(1, "a")], [row(1, "b"), row(2, "b")], [row(2, "c")]),
  "insert-only with a key twice in one run": but(
    merged(strategy("insert-only"), [row(1, "a"), row(1, "b")], [row(1, "c"), row(2, "c"), row(2, "d")]),
    { differs: { "repeated keys of other strategies": ["rows"] } },
  ),
  "delete-insert": merged(strategy("delete-insert"), [row(1, "a"), row(2, "a")], [row(2, "b")]),
  "delete-insert with deduplicated": merged(
    strategy("delete-insert", { deduplicated: true }),
    [row(1, "a")],
    [row(1, "b")],
  ),
  "merge with deduplicated": but(
    merged({ write_disposition: { disposition: "merge", deduplicated: true } }, [row(1, "a")], [row(1, "b")]),
    { differs: { strategies: ["outcome"] } },
  ),
  "merge with skip_unchanged_rows": but(
    merged(
      { write_disposition: { disposition: "merge", skip_unchanged_rows: true } },
      [row(1, "a")],
      [row(1, "a"), row(2, "b")],
    ),
    { differs: { strategies: ["outcome"] } },
  ),
  scd2: but(merged(strategy("scd2"), [row(1, "a")], [row(1, "b")]), { differs: { scd2: ["outcome"] } }),
  "merge with a null key": but(merged({}, [row(1, "a"), row(null, "b")], [row(null, "c")]), { fails: true }),
  "merge with a key that is missing in a row": but(merged({}, [row(1, "a"), { value: "b" }], [{ value: "c" }]), {
    fails: true,
  }),
  "merge with a nullable key": but(
    merged(
      { columns: { id: { data_type: "bigint", nullable: true } } },
      [row(1, "a"), row(null, "b"), row(null, "c")],
      [row(null, "d")],
    ),
    { differs: { "null keys": ["rows"] } },
  ),
  "append with a null key": but(nights({ primary_key: "id" }, [row(1, "a"), row(null, "b")]), { fails: true }),
  skip: but(nights({ write_disposition: "skip" }, [row(1, "a")]), { differs: { skip: ["outcome"] } }),
  "an unknown write disposition": but(nights({ write_disposition: "upsert" }, [row(1, "a")]), { fails: true }),
  "merge adds columns later": merged({}, [row(1, "a")], [row(2, "b", { more: true })], [row(1, "c")]),
  "two resources in one table": {
    resource_defaults: { write_disposition: "merge", primary_key: "id", table_name: "things" },
    resources: ["cats", "dogs"].map((name) => ({ name, endpoint: { paginator: "single_page" } })),
    api: [
      { "/cats": [row(1, "cat")], "/dogs": [row(2, "dog")] },
      { "/cats": [row(1, "cat 2")], "/dogs": [row(3, "dog 2")] },
    ],
  },
  "merge with an incremental": {
    resources: [
      {
        name: "posts",
        write_disposition: "merge",
        primary_key: "id",
        endpoint: {
          paginator: "single_page",
          params: { since: "{incremental.start_value}" },
          incremental: { cursor_path: "n", initial_value: 0 },
        },
      },
    ],
    api: [
      { "/posts": [row(1, "a", { n: 1 }), row(2, "a", { n: 2 })] },
      { "/posts": [row(2, "b", { n: 3 })] },
      { "/posts": [] },
    ],
  },
  "replace with an incremental": {
    resources: [
      {
        name: "posts",
        write_disposition: "replace",
        endpoint: { paginator: "single_page", incremental: { cursor_path: "n", initial_value: 0 } },
      },
    ],
    api: [{ "/posts": [row(1, "a", { n: 1 }), row(2, "a", { n: 2 })] }, { "/posts": [row(3, "b", { n: 3 })] }],
  },
};
