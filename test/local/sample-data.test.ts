import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { sourceConfig } from "../../lib/config/schema/index.ts";
import { sampleTables } from "../../local/sample-apis/index.ts";
import { cases, fits, flatten, names, type Row, resources, rowsOf, sources } from "./sample-apis.fixture.ts";

describe("the sources", () => {
  test("are five, with 26 resources in all", () => {
    expect(new Set(names).size).toBe(5);
    expect(cases).toHaveLength(26);
    expect(new Set(cases.map(([name]) => name)).size).toBe(26);
  });

  test.each(sources.map((source) => [source.config.name, source] as const))(
    "parse as source configs: %s",
    (_, source) => {
      expect(sourceConfig.safeParse(source.config)).toMatchObject({ success: true });
    },
  );

  test("have schedules that start at different minutes", () => {
    const schedules = sources.map((source) => source.settings.schedule);
    expect(new Set(schedules).size).toBe(5);
    for (const schedule of schedules) expect(schedule).toMatch(/^cron\(\d+ [0-6] \* \* \? \*\)$/);
  });

  test.each(names)("have a sample table for every resource and no other: %s", (name) => {
    const declared = resources.filter((entry) => entry.name === name).map(({ resource }) => resource.name);
    expect(Object.keys(sampleTables(name)).sort()).toEqual(declared.sort());
  });

  test.each(cases)("declare exactly the columns of their rows: %s", (_, { name, resource }) => {
    const rows = rowsOf(name, resource.name);
    // An empty table has no columns to compare.
    if (rows.length === 0) return expect(`${name}.${resource.name}`).toBe("order_management.purchase_orders");
    const found = new Set(rows.flatMap((row) => Object.keys(flatten(row, resource.columns))));
    expect([...found].sort()).toEqual(Object.keys(resource.columns).sort());
  });

  test.each(cases)("declare a type that fits every value: %s", (_, { name, resource }) => {
    const wrong = rowsOf(name, resource.name).flatMap((row) =>
      Object.entries(flatten(row, resource.columns))
        .filter(([column, value]) => {
          const declared = resource.columns[column];
          if (value === null) return declared?.nullable === false;
          return !declared || !fits[declared.data_type](value);
        })
        .map(([column, value]) => ({ column, value })),
    );
    expect(wrong).toEqual([]);
  });

  test.each(cases)(
    "%s has an id in every row, no two the same, and is served in its order",
    (_, { name, resource }) => {
      expect(resource.columns.id?.nullable).toBe(false);
      const found = rowsOf(name, resource.name).map((row) => row.id as number | string);
      expect(new Set(found).size).toBe(found.length);
      expect(found).toEqual([...found].sort((a, b) => (a < b ? -1 : 1)));
    },
  );

  test("load incrementally by a field that every row has, filtered by the parameter that the config names", () => {
    const incremental = resources.filter(({ resource }) => resource.endpoint.incremental);
    expect(incremental.map(({ name, resource }) => `${name}.${resource.name}`)).toEqual([
      "order_management.orders",
      "order_management.products",
      "stock_analytics.orders",
    ]);
    for (const { resource } of incremental) {
      const { cursor_path, start_param } = resource.endpoint.incremental ?? { cursor_path: "", start_param: "" };
      expect(start_param).toBe(`${cursor_path}_min`);
      expect(resource.columns[cursor_path]).toEqual({ data_type: "timestamp", nullable: false });
    }
  });
});

describe("the sample data", () => {
  const everything = resources.map(({ name, resource }) => ({ name, resource, rows: rowsOf(name, resource.name) }));

  test("has 3,000 to 4,000 rows, and a few hundred in the largest table", () => {
    const sizes = everything.map(({ rows }) => rows.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(3_000);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(4_000);
    expect(Math.max(...sizes)).toBeLessThan(500);
  });

  test("has mostly nullable fields, each null in some rows and not in others", () => {
    const columns = everything.flatMap(({ name, resource, rows }) =>
      Object.entries(resource.columns).map(([column, { nullable = true }]) => {
        const values = rows.map((row) => flatten(row, resource.columns)[column] ?? null);
        const both = values.includes(null) && values.some((value) => value !== null);
        return { column: `${name}.${resource.name}.${column}`, nullable, both, enough: rows.length >= 10 };
      }),
    );
    const nullable = columns.filter((column) => column.nullable);
    expect(nullable.length / columns.length).toBeGreaterThan(0.8);
    expect(nullable.filter(({ both, enough }) => enough && !both).map(({ column }) => column)).toEqual([]);
  });

  test("is the same in every process, independent of time zone and language", async () => {
    const script = `
      import { createHash } from "node:crypto";
      import { sampleTables } from "./local/sample-apis/index.ts";
      const tables = process.argv.slice(1).map(sampleTables);
      const text = JSON.stringify(tables, (_, value) => (typeof value === "bigint" ? value + "n" : value));
      console.log(createHash("sha256").update(text).digest("hex"));`;
    const elsewhere = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, ...names], {
      env: { ...process.env, NODE_OPTIONS: "", TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8" },
    });
    const here = JSON.stringify(names.map(sampleTables), (_, value) =>
      typeof value === "bigint" ? `${value}n` : value,
    );
    expect(elsewhere.stdout.trim()).toBe(createHash("sha256").update(here).digest("hex"));
  });

  test("is new with every call, so that a test may change it", () => {
    const [first] = rowsOf("order_management", "orders");
    (first as Row).status = "changed";
    expect(rowsOf("order_management", "orders")[0]?.status).not.toBe("changed");
  });

  test("has both identifier and id in asset_management, and custom fields with spaces that some rows lack", () => {
    for (const table of ["inventories", "assets"]) {
      const rows = rowsOf("asset_management", table);
      for (const row of rows) expect([typeof row.identifier, typeof row.id]).toEqual(["string", "number"]);
      expect(rows.every((row) => "Contact for Item" in row)).toBe(true);
      expect(new Set(rows.map((row) => "Internal Rating" in row)).size).toBe(2);
    }
  });

  test("has money as strings in some fields and as numbers in others", () => {
    for (const { price } of rowsOf("asset_management", "assets")) expect(price ?? "0.00").toMatch(/^\d+\.\d\d$/);
    for (const { cost } of rowsOf("order_management", "delivery_methods"))
      expect(cost ?? "0.00").toMatch(/^\d+\.\d\d$/);
    for (const { delivery_cost } of rowsOf("order_management", "orders"))
      expect(typeof (delivery_cost ?? 0)).toBe("number");
  });

  test("has keys with a question mark in company", () => {
    expect(rowsOf("order_management", "company")).toMatchObject([{ "trialing?": false, "app_store_referral?": true }]);
  });

  test("has instants in UTC and with an offset, whose string order is not chronological", () => {
    const instants = rowsOf("order_management", "orders").map((row) => row.updated_at as string);
    expect(instants.some((instant) => instant.endsWith("Z"))).toBe(true);
    expect(instants.some((instant) => instant.endsWith("+02:00"))).toBe(true);
    const inTime = [...instants].sort((a, b) => Date.parse(a) - Date.parse(b));
    expect(inTime).not.toEqual([...instants].sort());
    expect(inTime).not.toEqual(instants);
  });

  test("has integers beyond 2^53 only in stock_analytics.items.external_id", () => {
    for (const { name, resource, rows } of everything) {
      const columns = new Set(
        rows.flatMap((row) => Object.keys(row).filter((column) => typeof row[column] === "bigint")),
      );
      expect([...columns]).toEqual(`${name}.${resource.name}` === "stock_analytics.items" ? ["external_id"] : []);
    }
    for (const { external_id: value } of rowsOf("stock_analytics", "items"))
      if (value !== null) expect(Number.isSafeInteger(Number(value))).toBe(false);
  });

  test("has names in many scripts, and text with line breaks, quotes, an emoji and U+2028", () => {
    const text = JSON.stringify(rowsOf("order_management", "orders"));
    for (const sign of ["ü", "Ł", "大", "Д", "🎁", "\\n", '\\"', "\u2028"]) expect(text).toContain(sign);
  });
});
