import { describe, expect, test } from "vitest";
import { createSchemaStore } from "../../lib/lake/schemas.ts";
import { describeTable } from "../../lib/tables/description.ts";
import { tableDocuments } from "../../lib/tables/documents.ts";
import { type Lake, startLake } from "../lake/lake.fixture.ts";
import { ALL, finish, opened, seal, work } from "../run/run.fixture.ts";

const evolve = { tables: "evolve", columns: "evolve", data_type: "evolve" } as const;

const makeTable = async (lake: Lake, table: string) => {
  const columns = { id: { data_type: "bigint" as const, nullable: false } };
  const config = {
    columns,
    primary_key: ["id"],
    schema_contract: evolve,
    selected: true,
    file_format: "jsonl" as const,
  };
  await createSchemaStore(lake.ports, { source: "shop", table, run_id: "run" }, config).load();
};

describe("finish", () => {
  test("writes the statements, the columns and the JSON Schema of each loaded table", async () => {
    await using lake = await startLake();
    await makeTable(lake, "orders");
    const { run_id } = await opened(lake, "a");
    await seal(
      lake,
      run_id,
      ALL.filter((name) => name !== "orders"),
    );
    await work(lake, run_id, "orders");
    await finish(lake, run_id, "a");
    const table = describeTable("shop", "orders", await lake.json("schemas/shop/orders.json"));
    const documents = tableDocuments(table, "shop", "lake");
    expect(Object.keys(documents)).toEqual(["athena.sql", "columns.json", "row.schema.json"]);
    for (const [name, text] of Object.entries(documents)) {
      expect((await lake.read(`tables/shop/orders/${name}`)).toString()).toBe(text);
    }
    expect(documents["athena.sql"]).toMatch(/^CREATE DATABASE IF NOT EXISTS `shop`;\n\nDROP TABLE[^;]*;\n\nCREATE/);
    expect(documents["athena.sql"]).toContain("LOCATION 's3://lake/data/shop/orders/json/'");
    // The other resources are done, but have no schema.
    expect(await lake.keys("tables/")).toHaveLength(3);
  });

  test("writes no documents for a resource that failed", async () => {
    await using lake = await startLake();
    await makeTable(lake, "orders");
    const { run_id } = await opened(lake, "a");
    await seal(
      lake,
      run_id,
      ALL.filter((name) => name !== "orders"),
    );
    await finish(lake, run_id, "a").catch(() => {});
    expect(await lake.keys("tables/")).toEqual([]);
  });
});
