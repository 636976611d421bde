import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { MONDAY, makeLake, TUESDAY } from "../local/lake.fixture.ts";
import { restlake } from "./command.fixture.ts";

const CONFIG = {
  name: "shop",
  client: { base_url: "https://api.acme.dev" },
  resources: [
    { name: "orders", primary_key: "id", write_disposition: "merge", columns: { total: { data_type: "decimal" } } },
    { name: "stores", write_disposition: "replace" },
    { name: "hidden", selected: false },
  ],
};

/** Creates a config next to a lake, and a function that runs `npm run tables` in their folder. */
const makeShop = async () => {
  const lake = await makeLake();
  const from = dirname(lake.out);
  await writeFile(join(from, "shop.json"), JSON.stringify(CONFIG));
  const tables = (...args: string[]) => restlake(["tables", "shop.json", "--out", "lake", ...args], from);
  return { lake, from, tables };
};

test("before the first run, tables prints the declared columns, and a note on stderr", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  const { code, out, err } = await tables("--format", "glue");
  expect(code).toBe(0);
  const own = ["_run_id", "_seq", "_extracted_at"].map((Name) => expect.objectContaining({ Name }));
  expect(JSON.parse(out)).toEqual({ orders: [{ Name: "total", Type: "decimal(38,9)" }, ...own], stores: own });
  expect(err).toMatch(
    /^shop\.orders: the lake of --out has no schema of this table yet, .* do not include the whole key\. /m,
  );
  expect(err).toMatch(
    /^shop\.stores: the lake of --out has no schema of this table yet, .* the config\. Run this command again after the first run$/m,
  );
});

test("after a run, tables prints the stored columns and the write disposition of the newest manifest", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  await lake.schema("orders", { id: "bigint", total: "decimal", lines: "json" });
  expect((await tables("--table", "orders")).out).toContain('PARTITION BY "id"');
  await lake.run({ table: "orders", run_id: MONDAY, parts: [[{ id: 1 }]] });
  expect((await tables("--table", "orders")).out).not.toContain("PARTITION BY");
  const merge = { write_disposition: "merge", primary_key: ["lines"] };
  await lake.run({ table: "orders", run_id: TUESDAY, parts: [[{ id: 1 }]], ...merge });
  const { code, out, err } = await tables("--table", "orders", "--bucket", "my-lake", "--database", "raw");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^CREATE DATABASE IF NOT EXISTS `raw`;$/m);
  expect(out).toContain("  `id` bigint,\n  `total` decimal(38,9),\n  `lines` string,\n  `_run_id` string,");
  expect(out).toContain("LOCATION 's3://my-lake/data/shop/orders/json/'");
  expect(out).toContain('PARTITION BY "lines"');
});

test("tables prints one script for all tables of a source, including tables that only the lake has, and creates the database once", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  await lake.schema("retired", { id: "bigint" });
  const { out } = await tables();
  expect(out.match(/^CREATE DATABASE .*$/gm)).toEqual(["CREATE DATABASE IF NOT EXISTS `shop`;"]);
  expect(out.match(/^CREATE OR REPLACE VIEW .*$/gm)).toEqual(
    ["orders", "stores", "retired"].map((table) => `CREATE OR REPLACE VIEW "shop"."${table}" AS`),
  );
  expect(out).toContain("s3://<your-bucket>/manifests/shop/stores/");
});

test("--format json-schema prints a schema per table", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  const { out } = await tables("--format", "json-schema", "--table", "orders");
  expect(JSON.parse(out)).toMatchObject({ orders: { title: "shop.orders", properties: { total: {} } } });
});

describe("tables exits with 2 and one line that names the choices for", () => {
  test.each([
    [["--table", "order"], 'shop: unknown table "order": choose from orders, stores'],
    [["--table", "hidden"], 'shop: unknown table "hidden": choose from orders, stores'],
    [["--format", "toString"], '--format: expected "athena", "glue" or "json-schema", got "toString"'],
    [["--bucket", "s3://lake/"], '--bucket: expected the name of a bucket, such as my-lake, got "s3://lake/"'],
    [["--database", 'a"b'], '--database: expected lower-case letters, digits and _, such as my_lake, got "a\\"b"'],
    [["more"], 'unexpected argument "more": npm run tables takes one <source> (quote an argument with spaces)'],
    [["--nonsense"], "unknown option --nonsense: choose from --format, --table, --bucket, --database, --out"],
  ])("%j", async (args, message) => {
    const { lake, tables } = await makeShop();
    await using _ = lake;
    expect(await tables(...args)).toEqual({ code: 2, out: "", err: `${message}\n` });
  });

  test("an unknown source and a missing source", async () => {
    const { lake, from } = await makeShop();
    await using _ = lake;
    const unknown = await restlake(["tables", "nope"], from);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("choose from asset_management,") });
    expect(await restlake(["tables"], from)).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^missing argument <source>\n/),
    });
  });
});

test("a corrupt manifest is a CheckpointError with its key", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  await lake.schema("orders", { id: "bigint" });
  await lake.put(`manifests/shop/orders/${MONDAY}-orders.json`, "{");
  const { code, err } = await tables();
  expect({ code, err }).toEqual({
    code: 1,
    err: expect.stringMatching(/^CheckpointError: shop: manifests\/shop\/orders\/.* is corrupt \(invalid JSON\): /),
  });
});
