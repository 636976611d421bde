import { expect, test } from "vitest";
import { knownTables, tableNames } from "../../infra/known-tables.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";

test("a table that no run has made is known as far as the config says it, in the formats of all that load it", () => {
  const shop = resolveSource(
    defineSource({
      name: "shop",
      client: { base_url: "https://api.shop.test", paginator: "single_page" },
      resource_defaults: { table_name: "orders", columns: { id: { data_type: "bigint" } } },
      resources: [
        { name: "web", file_format: "parquet" },
        { name: "fair", columns: { day: { data_type: "date" } } },
        { name: "hidden", table_name: "hidden", selected: false },
      ],
    }),
  );
  expect(tableNames(shop, "/nowhere")).toEqual(["orders"]);
  const [known] = knownTables(shop, "/nowhere");
  expect(known?.description.file_formats).toEqual(["parquet", "jsonl"]);
  expect(known?.description.columns.map(({ name }) => name)).toEqual(["id", "day", "_run_id", "_seq", "_extracted_at"]);
  expect(known?.note).toMatch(/^shop\.orders: no run has stored its columns/);
});
