import { describe, expect, test } from "vitest";
import type { Config } from "../configs/run.fixture.ts";
import { runDaily, tablesOf } from "./daily-runs.fixture.ts";

const IDS = "select id from shop.orders order by all";
const rows = (...ids: number[]) => ids.map((id) => ({ id, at: id }));

type Disposition = "replace" | "append" | "merge";
const configOf = (name: string, write_disposition: Disposition, more: object = {}): Config => ({
  resources: [
    { name, table_name: "orders", primary_key: "id", write_disposition, endpoint: { path: "list" }, ...more },
  ],
});
const incremental = { path: "list", paginator: "single_page" as const, incremental: { cursor_path: "at" } };

describe("A.18: a resource that is renamed and keeps its table", () => {
  test.each([[{}], [{ renamed_from: "orders" }]])("has every row once in a replace table, with %j", async (more) => {
    const api = { "/list": rows(1, 2) };
    const renamed = configOf("sales", "replace", more);
    const runs = await runDaily(configOf("orders", "replace"), [{ api }, { api, config: renamed }, { api }], IDS);
    expect(tablesOf(runs)).toEqual([
      [[1n], [2n]],
      [[1n], [2n]],
      [[1n], [2n]],
    ]);
  });

  test.each(["append", "merge"] as const)(
    "continues at its cursor in %s with renamed_from, and keeps its rows",
    async (kind) => {
      const runs = await runDaily(
        configOf("orders", kind, { endpoint: incremental }),
        [
          { api: { "/list": rows(1, 2) } },
          {
            api: { "/list": rows(1, 2, 3) },
            config: configOf("sales", kind, { endpoint: incremental, renamed_from: ["orders"] }),
          },
          { api: { "/list": rows(2, 3, 4) } },
        ],
        IDS,
      );
      expect(tablesOf(runs)).toEqual([
        [[1n], [2n]],
        [[1n], [2n], [3n]],
        [[1n], [2n], [3n], [4n]],
      ]);
      expect(runs.map(({ rows: loaded }) => Object.values(loaded)[0]?.length)).toEqual([2, 1, 1]);
      expect(runs.at(-1)?.state).toEqual({ sales: 4 });
    },
  );

  test("is an error if its table is not the one that has its rows", async () => {
    const other = configOf("sales", "append", { endpoint: incremental, renamed_from: "orders", table_name: "sales" });
    const api = { "/list": rows(1) };
    const runs = await runDaily(
      configOf("orders", "append", { endpoint: incremental }),
      [{ api }, { api, config: other }],
      IDS,
    );
    expect(runs.at(-1)?.execution).toMatchObject({
      status: "failed",
      error: "ConfigError",
      cause: expect.stringContaining(
        "renamed_from names orders, whose rows are not in table sales: set table_name to the table that orders had",
      ),
    });
  });

  test.each<[string, object, object, string[]]>([
    [
      "twice, if only the second name is in renamed_from",
      { renamed_from: "orders" },
      { renamed_from: "sales" },
      ["orders"],
    ],
    ["without renamed_from", {}, { renamed_from: ["sales", "orders"] }, ["orders"]],
  ])("is a warning that names the rows that no longer count, %s", async (_, second, third, uncounted) => {
    const warning = (name: string) =>
      `the rows of ${name} do not count towards table orders (no resource of the source has this name, or names it in renamed_from): add ${name} to renamed_from of the resource that continues it`;
    const runs = await runDaily(
      configOf("orders", "append"),
      [
        { api: { "/list": rows(1) } },
        { api: { "/list": rows(2) }, config: configOf("sales", "append", second) },
        { api: { "/list": rows(3) }, config: configOf("deals", "append", third) },
        { api: { "/list": rows(4) } },
        { api: { "/list": rows(5) }, config: configOf("deals", "append", { renamed_from: ["sales", "orders"] }) },
      ],
      IDS,
    );
    const isLate = "renamed_from" in second;
    const warned = runs.map(({ warnings }) => Object.values(warnings).flat());
    expect(warned).toEqual([
      [],
      isLate ? [] : uncounted.map(warning),
      isLate ? uncounted.map(warning) : [],
      isLate ? uncounted.map(warning) : [],
      [],
    ]);
    expect(tablesOf(runs).at(-1)).toEqual([[1n], [2n], [3n], [4n], [5n]]);
  });

  test("is not a warning in a replace table, whose rows the run has replaced, and for a resource with its own table", async () => {
    const api = { "/list": rows(1), "/items": rows(1) };
    const items = { name: "items", endpoint: { paginator: "single_page" as const } };
    const before = configOf("orders", "replace");
    const runs = await runDaily(
      { resources: [...before.resources, items] },
      [{ api }, { api, config: configOf("sales", "replace") }],
      IDS,
    );
    expect(runs.map(({ warnings }) => warnings)).toEqual([{}, {}]);
  });
});
