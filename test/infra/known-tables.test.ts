import { expect, test } from "vitest";
import { knownTables, tableNames } from "../../infra/known-tables.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";

test("describes a table without a schema in the lake from the config, with the formats of all its resources", () => {
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
  expect(known?.note).toMatch(/^shop\.orders: the lake of --out has no schema of this table yet/);
});
