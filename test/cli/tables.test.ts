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

/** A config beside a lake, and `npm run tables` from their folder. */
const makeShop = async () => {
  const lake = await makeLake();
  const from = dirname(lake.out);
  await writeFile(join(from, "shop.json"), JSON.stringify(CONFIG));
  const tables = (...args: string[]) => restlake(["tables", "shop.json", "--out", "lake", ...args], from);
  return { lake, from, tables };
};

test("before the first run: the declared columns, and a word about it on stderr", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  const { code, out, err } = await tables("--format", "glue");
  expect(code).toBe(0);
  const own = ["_run_id", "_seq", "_extracted_at"].map((Name) => expect.objectContaining({ Name }));
  expect(JSON.parse(out)).toEqual({ orders: [{ Name: "total", Type: "decimal(38,9)" }, ...own], stores: own });
  expect(err).toMatch(/^shop\.orders: no run has stored its columns .* key is not wholly among them, /m);
  expect(err).toMatch(/^shop\.stores: no run has stored its columns .* the declared ones\. Ask again once a run has$/m);
});

test("after a run: the stored columns, and how the newest manifest says the table is read", async () => {
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

test("all tables of a source come in one script, with the database once, also those that only the lake has", async () => {
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

test("--format json-schema: a schema per table", async () => {
  const { lake, tables } = await makeShop();
  await using _ = lake;
  const { out } = await tables("--format", "json-schema", "--table", "orders");
  expect(JSON.parse(out)).toMatchObject({ orders: { title: "shop.orders", properties: { total: {} } } });
});

describe("mistakes exit with 2 and one line that names what there is", () => {
  test.each([
    [["--table", "order"], 'shop has no table "order"; there are: orders, stores'],
    [["--table", "hidden"], 'shop has no table "hidden"; there are: orders, stores'],
    [["--format", "toString"], 'there is no --format "toString"; there are: athena, glue, json-schema'],
    [["--bucket", "s3://lake/"], '--bucket "s3://lake/": must be a bucket\'s name alone, such as my-lake'],
    [["--database", 'a"b'], '--database "a\\"b": can have small letters, digits and _ only, such as my_lake'],
    [["more"], "give one source, not shop.json and more"],
    [["--nonsense"], "there is no option --nonsense; there are: --format, --table, --bucket, --database, --out"],
  ])("%j", async (args, message) => {
    const { lake, tables } = await makeShop();
    await using _ = lake;
    expect(await tables(...args)).toEqual({ code: 2, out: "", err: `${message}\n` });
  });

  test("a source that there is not, and none", async () => {
    const { lake, from } = await makeShop();
    await using _ = lake;
    const unknown = await restlake(["tables", "nope"], from);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("there are: asset_management,") });
    expect(await restlake(["tables"], from)).toMatchObject({ code: 2, err: expect.stringMatching(/^give a source\n/) });
  });
});

test("a manifest that cannot be read is an error of the family, with its key", async () => {
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
