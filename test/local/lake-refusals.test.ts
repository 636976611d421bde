import { existsSync } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { openLake } from "../../local/lake/index.ts";
import { ask, MONDAY, makeLake } from "./lake.fixture.ts";

describe("the local lake", () => {
  const small = async () => {
    const lake = await makeLake();
    await lake.schema("orders", { id: "bigint", state: "text" });
    await lake.run({ table: "orders", run_id: MONDAY, parts: [[{ id: 1, state: "new" }]] });
    return lake;
  };

  test("a missing part fails every query of its table with an error that names the part, and no other table", async () => {
    await using lake = await small();
    await lake.schema("broken", { id: "bigint", sum: "decimal", tags: "json" });
    await lake.run({ table: "broken", run_id: MONDAY, parts: [[{ id: 1 }], [{ id: 2 }]] });
    const key = `data/shop/broken/json/dt=2026-11-16/${MONDAY}/broken-000002.json.gz`;
    await rm(lake.file(key));
    using open = await openLake(lake.out);
    for (const sql of [
      "from shop.broken",
      "select count(*) from shop.broken",
      "select 1 from shop.broken where id = 1",
    ]) {
      await expect(ask(open, sql), sql).rejects.toThrow(`${key} is missing in the lake`);
    }
    expect(await ask(open, "select id, state from shop.orders")).toEqual([[1n, "new"]]);
  });

  test("a corrupt schema or manifest is an error that names its key", async () => {
    await using lake = await small();
    await lake.put("manifests/shop/orders/x.json", "{}");
    await expect(openLake(lake.out)).rejects.toThrow(
      "manifests/shop/orders/x.json is corrupt (version: expected 1, got nothing): ",
    );
    await lake.put("schemas/shop/orders.json", "");
    await expect(openLake(lake.out)).rejects.toThrow("schemas/shop/orders.json is corrupt (invalid JSON): ");
  });

  test("every statement other than a query is refused, and no file is written", async () => {
    await using lake = await small();
    using open = await openLake(lake.out);
    const before = await readdir(lake.out, { recursive: true });
    const target = lake.file("data/out.csv");
    const refused = [
      `copy shop.orders to '${target}'`,
      `explain analyze copy shop.orders to '${target}'`,
      `/* select */ explain analyze copy shop.orders to '${target}'`,
      `create table x as select 1; copy x to '${target}'`,
      `attach '${target}'`,
      `copy shop.orders to '${target}'; select 1`,
      "set enable_external_access = true",
      "select 1; select 2",
      " -- nothing",
    ];
    for (const sql of refused) await expect(ask(open, sql), sql).rejects.toThrow(/is read-only|is empty/);
    expect(existsSync(target)).toBe(false);
    expect(await readdir(lake.out, { recursive: true })).toEqual(before);
  });

  test("a query cannot read a file outside the lake", async () => {
    await using lake = await small();
    using open = await openLake(lake.out);
    await expect(ask(open, `from read_text('${import.meta.filename}')`)).rejects.toThrow(/disabled by configuration/);
    expect(await ask(open, `from read_text('${lake.file("schemas/shop/orders.json")}')`)).toHaveLength(1);
  });

  test("pivots, explain and scratch tables in memory work", async () => {
    await using lake = await small();
    using open = await openLake(lake.out);
    expect(await ask(open, "pivot shop.orders on state using count(*) group by id")).toEqual([[1n, 1n]]);
    expect(await ask(open, "create table scratch as from shop.orders; select id from scratch")).toEqual([[1n]]);
    expect(await ask(open, "-- the plan\n/* again */ explain (format json) select id from shop.orders")).toHaveLength(
      1,
    );
    expect(await ask(open, "explain analyze select id from shop.orders")).toHaveLength(1);
  });
});
