import { describe, expect, test } from "vitest";
import { runDaily, tablesOf } from "./daily-runs.fixture.ts";

const ORDERS = "select id, state from shop.orders order by all";
const orders = (more: object = {}) => ({
  resources: [{ name: "orders", primary_key: "id", write_disposition: "merge" as const, ...more }],
});
const row = (id: number | bigint | null, state: string) => ({ id: id === null ? null : Number(id), state });
const window = [
  { api: { "/orders": [row(1, "a"), row(2, "a")] } },
  { api: { "/orders": [row(2, "b"), row(3, "b")] } },
  { api: { "/orders": [row(3, "c"), row(4, "c")] } },
];

describe("A.17: merge is an upsert", () => {
  test("rows that the API no longer lists stay, over a moving window of three runs and an empty response", async () => {
    const runs = await runDaily(orders(), [...window, { api: { "/orders": [] } }], ORDERS);
    const all = [
      [1n, "a"],
      [2n, "b"],
      [3n, "c"],
      [4n, "c"],
    ];
    expect(tablesOf(runs)).toEqual([
      [
        [1n, "a"],
        [2n, "a"],
      ],
      [
        [1n, "a"],
        [2n, "b"],
        [3n, "b"],
      ],
      all,
      all,
    ]);
  });

  test('on_missing_rows: "delete" removes rows that a run which read everything did not see', async () => {
    const runs = await runDaily(orders({ on_missing_rows: "delete" }), [...window, { api: { "/orders": [] } }], ORDERS);
    expect(tablesOf(runs).slice(1)).toEqual([
      [
        [2n, "b"],
        [3n, "b"],
      ],
      [
        [3n, "c"],
        [4n, "c"],
      ],
      [],
    ]);
  });

  test('on_missing_rows: "delete" removes nothing in an incremental run, which does not read everything', async () => {
    const config = orders({
      on_missing_rows: "delete",
      endpoint: { incremental: { cursor_path: "changed", start_param: "since" } },
    });
    const changed = (id: number, state: string, at: number) => ({ ...row(id, state), changed: at });
    const runs = await runDaily(
      config,
      [
        { api: { "/orders": [changed(1, "a", 1), changed(2, "a", 2)] } },
        { api: { "/orders": [changed(3, "b", 3)] } },
        { api: { "/orders": [changed(3, "c", 3)] }, input: { refresh: "full" } },
      ],
      ORDERS,
    );
    expect(tablesOf(runs)[1]).toEqual([
      [1n, "a"],
      [2n, "a"],
      [3n, "b"],
    ]);
    expect(tablesOf(runs)[2]).toEqual([[3n, "c"]]);
  });

  test("an explicit full refresh always removes rows that it did not see", async () => {
    const full = [...window.slice(0, 2), { api: { "/orders": [row(9, "new")] }, input: { refresh: "full" } }];
    const runs = await runDaily(orders(), full, ORDERS);
    expect(tablesOf(runs).at(-1)).toEqual([[9n, "new"]]);
  });
});

describe("E.1: in comparison with dlt", () => {
  test("insert-only keeps the first version of a row, also of a key that a run has twice", async () => {
    const runs = await runDaily(
      orders({ write_disposition: { disposition: "merge", strategy: "insert-only" } }),
      [
        { api: { "/orders": [row(1, "first"), row(1, "second")] } },
        { api: { "/orders": [row(1, "later"), row(2, "new")] } },
      ],
      ORDERS,
    );
    expect(tablesOf(runs).at(-1)).toEqual([
      [1n, "first"],
      [2n, "new"],
    ]);
  });

  test("insert-only ignores a row that deletes, as dlt does", async () => {
    const runs = await runDaily(
      orders({
        write_disposition: { disposition: "merge", strategy: "insert-only" },
        columns: { gone: { data_type: "bool", hard_delete: true } },
      }),
      [
        { api: { "/orders": [row(1, "stays"), { ...row(2, "never"), gone: true }] } },
        { api: { "/orders": [{ ...row(1, "x"), gone: true }, row(2, "inserted")] } },
      ],
      ORDERS,
    );
    expect(tablesOf(runs).at(-1)).toEqual([
      [1n, "stays"],
      [2n, "inserted"],
    ]);
  });

  test("deduplicated and skip_unchanged_rows are accepted, and the table has one row per key", async () => {
    for (const options of [
      { strategy: "delete-insert", deduplicated: true },
      { strategy: "upsert", skip_unchanged_rows: true },
    ] as const) {
      const runs = await runDaily(
        orders({ write_disposition: { disposition: "merge", ...options } }),
        [{ api: { "/orders": [row(1, "a")] } }, { api: { "/orders": [row(1, "a"), row(2, "b")] } }],
        ORDERS,
      );
      expect(tablesOf(runs).at(-1)).toEqual([
        [1n, "a"],
        [2n, "b"],
      ]);
    }
  });

  test("rows whose key may be null and is null are all loaded and merged with no other row", async () => {
    const runs = await runDaily(
      orders({ columns: { id: { nullable: true } } }),
      [{ api: { "/orders": [row(1, "a"), row(null, "x"), row(null, "y")] } }, { api: { "/orders": [row(1, "b")] } }],
      ORDERS,
    );
    expect(tablesOf(runs).at(-1)).toEqual([
      [1n, "b"],
      [null, "x"],
      [null, "y"],
    ]);
  });
});
