import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { NO_STATS } from "../../lib/metering/resource-stats.ts";
import { jsonLines, restlake } from "./command.fixture.ts";
import { filesBelow, readObject, readTable } from "./lake.fixture.ts";
import { KEY, PAGE, type Shop, shopConfig, startShop } from "./shop.fixture.ts";

const PAGES = 4;
const LIBRARY = pathToFileURL(join(import.meta.dirname, "../../lib/config/index.ts")).href;

let shop: Shop;

beforeAll(async () => {
  shop = await startShop({ pages: PAGES });
  shop.config("shop.json");
});

afterAll(() => shop.close());

const sync = (config: string, out: string, ...args: string[]) =>
  restlake(["sync", config, "--out", out, "--secret", `api_key=${KEY}`, ...args], shop.folder);

const ids = (out: string, table: string, run = 0): unknown[] =>
  readTable(join(shop.folder, out), "shop", table)[run]?.rows.map(({ id }) => id) ?? [];

const itemIds = Array.from({ length: PAGES * PAGE }, (_, index) => index + 1);

describe("sync loads a config", () => {
  test("in JSON from the current folder of the user: every row once and in order, and prints a summary and a query", async () => {
    const { code, out, err } = await sync("shop.json", "json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(ids("json", "items")).toEqual(itemIds);
    expect(ids("json", "lines")).toEqual([10, 20, 30]);
    expect(readTable(join(shop.folder, "json"), "shop", "items")[0]?.rows.map(({ _seq }) => _seq)).toEqual(itemIds);
    expect(out).toMatch(/^shop\.items +done +20 +5 +1 +5 +0 +\d/m);
    expect(out).toMatch(/^total +3\/3 /m);
    expect(out).toContain(`npm run query -- "select * from shop.items limit 10" --out json`);
  });

  test("in JavaScript and TypeScript", async () => {
    const { settings: _none, ...fields } = shopConfig({ base_url: shop.url });
    const config = JSON.stringify(fields);
    const code = `import { defineSource } from ${JSON.stringify(LIBRARY)};\n`;
    writeFileSync(join(shop.folder, "shop.js"), `${code}export const source = defineSource(${config});\n`);
    writeFileSync(
      join(shop.folder, "typed.ts"),
      `${code}const name: string = "shop";\nexport const source = defineSource({ ...${config} as any, name });\n`,
    );
    for (const file of ["./shop.js", join(shop.folder, "typed.ts")]) {
      const out = file.endsWith("ts") ? "ts" : "js";
      expect(await sync(file, out, "--resource", "items")).toMatchObject({ code: 0, err: "" });
      expect(ids(out, "items")).toEqual(itemIds);
    }
  });

  test("in YAML, as .yaml and .yml", async () => {
    const { settings, ...config } = shopConfig({ base_url: shop.url });
    for (const file of ["shop.yaml", "shop.yml"]) {
      writeFileSync(join(shop.folder, file), stringify({ $schema: "./source.schema.json", settings, ...config }));
      expect(await sync(file, `in-${file}`, "--resource", "items")).toMatchObject({ code: 0, err: "" });
      expect(ids(`in-${file}`, "items")).toEqual(itemIds);
    }
  });

  test("without a name, such as a dict pasted from dlt, and names it after its file", async () => {
    const { name: _name, ...rest } = shopConfig({ base_url: shop.url });
    writeFileSync(join(shop.folder, "Corner Shop.json"), JSON.stringify(rest));
    expect(await sync("Corner Shop.json", "unnamed", "--resource", "items")).toMatchObject({ code: 0 });
    expect(readTable(join(shop.folder, "unnamed"), "corner_shop", "items")[0]?.rows).toHaveLength(PAGES * PAGE);
  });
});

describe("sync options:", () => {
  test("--base-url replaces the config's base_url, also for a source in functions/", async () => {
    shop.config("elsewhere.json", { base_url: "https://api.example.com" });
    expect(await sync("elsewhere.json", "base-url", "--resource", "items", "--base-url", shop.url)).toMatchObject({
      code: 0,
    });
    expect(ids("base-url", "items")).toEqual(itemIds);
    const { code, err } = await sync("inventory-management", "base-url", "--base-url", shop.url);
    expect(code).toBe(1);
    expect(err).toContain("inventory_management.inventory_items: ");
  });

  test("--secret takes precedence over the environment", async () => {
    const args = ["sync", "shop.json", "--out", "secret", "--resource", "items", "--new-run"];
    const ended = await Promise.all([
      restlake([...args, "--out", "env"], shop.folder, { RESTLAKE_SECRET_API_KEY: KEY }),
      restlake([...args, "--out", "both", "--secret", `api_key=${KEY}`], shop.folder, {
        RESTLAKE_SECRET_API_KEY: "wrong",
      }),
    ]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
  });

  test("secrets that only functions name are found by the source in the variable's name", async () => {
    const { settings: _none, client, ...fields } = shopConfig({ base_url: shop.url });
    const config = JSON.stringify({ ...fields, client: { ...(client as object), auth: undefined } });
    writeFileSync(
      join(shop.folder, "signed.js"),
      `export const source = { settings: {}, config: ${config} };
source.config.client.auth = async ({ url, headers }, { text }) => {
  return { url, headers: { ...headers, "x-api-key": await text({ secret: "api_key" }) } };
};\n`,
    );
    const args = ["sync", "./signed.js", "--out", "signed", "--resource", "items"];
    expect(await restlake(args, shop.folder, { RESTLAKE_SECRET_SHOP_API_KEY: KEY })).toMatchObject({ code: 0 });
    const { code, err } = await restlake([...args, "--new-run"], shop.folder, { RESTLAKE_SECRET_API_KEY: KEY });
    expect(code).toBe(1);
    expect(err).toContain("give --secret api_key=... or RESTLAKE_SECRET_SHOP_API_KEY in the environment");
  });

  test("--resource may be repeated, and includes the parents", async () => {
    const { code, out } = await sync("shop.json", "child", "--resource", "lines", "--json");
    expect(code).toBe(0);
    const summary = jsonLines(out).at(-1) as { resources: { resource: string }[] };
    expect(summary.resources.map(({ resource }) => resource)).toEqual(["orders", "lines"]);
    expect(ids("child", "items")).toEqual([]);
    expect(ids("child", "lines")).toEqual([10, 20, 30]);

    const both = await sync("shop.json", "both-named", "--resource", "items", "--resource", "lines", "--json");
    expect((jsonLines(both.out).at(-1) as typeof summary).resources.map(({ resource }) => resource)).toEqual([
      "items",
      "orders",
      "lines",
    ]);
  });

  test("--resource with an incremental resource loads its children too, and prints that it does", async () => {
    const { code, out } = await sync("shop.json", "parent", "--resource", "orders");
    expect(code).toBe(0);
    expect(out).toMatch(/^note +also loads shop\.lines: without them, no cursor of their parents moves$/m);
    expect(out).toMatch(/^total +2\/2 /m);
    expect(ids("parent", "lines")).toEqual([10, 20, 30]);

    const window = ["--window-start", "2026-02-01T00:00:00Z", "--window-end", "2026-04-01T00:00:00Z"];
    const only = await sync("shop.json", "parent", "--resource", "orders", ...window);
    expect(only.out).toMatch(/^total +1\/1 /m);
    expect(only.out).not.toContain("also loads");
  });

  test("--json prints only objects, the summary last with exactly its fields", async () => {
    const { code, out, err } = await sync("shop.json", "as-json", "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const lines = jsonLines(out);
    expect(lines.slice(0, -1).every(({ type, source }) => typeof type === "string" && source === "shop")).toBe(true);
    const types = new Set(lines.map(({ type }) => type));
    for (const type of ["run", "resource", "page", "part", "outcome"]) expect(types).toContain(type);
    const run_id = expect.stringMatching(/^\d{8}T\d{6}Z-[0-9a-f]{8}$/);
    const common = { ...NO_STATS, status: "done", parts: 1, invocations: 1, error: null, warnings: [] };
    expect(lines.at(-1)).toStrictEqual({
      type: "summary",
      run_id,
      resources: [
        { ...common, resource: "items", rows: 20, read_rows: 20, pages: 5, requests: 5 },
        { ...common, resource: "orders", rows: 3, read_rows: 3, pages: 2, requests: 2 },
        { ...common, resource: "lines", rows: 3, read_rows: 3, pages: 6, requests: 6 },
      ],
    });
    expect(Object.keys((lines.at(-1) as { resources: object[] }).resources[0] as object)).toEqual([
      "resource",
      "status",
      ...Object.keys(NO_STATS),
      "error",
      "warnings",
    ]);
  });

  test("--request-timeout ends a request that gets no response", async () => {
    shop.config("impatient.json", { error_handler: { max_retries: 0 } });
    shop.hangAt("/items", 1);
    const { code, out, err } = await sync(
      "impatient.json",
      "timeout",
      "--resource",
      "items",
      "--request-timeout",
      "0.3",
      "--json",
    );
    shop.release();
    expect(code).toBe(1);
    expect(err).toMatch(/shop\.items: TimeoutError: page 1, GET \S+: no response within 0\.3 s/);
    expect(jsonLines(out).at(-1)).toMatchObject({ resources: [{ status: "failed", rows: 0, pages: 0, parts: 0 }] });
  });

  test("--wait-scale shortens the waits of the state machine, but not the reported seconds", async () => {
    shop.respondAt("/items", 3, 429, { "retry-after": "40" });
    const { code, out } = await sync("shop.json", "wait", "--resource", "items", "--wait-scale", "0.01", "--json");
    expect(code).toBe(0);
    expect(jsonLines(out).find(({ type }) => type === "waiting")).toMatchObject({ seconds: 40, scaled_seconds: 0.4 });
    expect(jsonLines(out).at(-1)).toMatchObject({
      resources: [{ status: "done", rows: 20, parts: 2, requests: 6, waited_seconds: 40 }],
    });
    expect(ids("wait", "items")).toEqual(itemIds);
  });
});

describe("incremental loading with sync", () => {
  // The cursor of orders moves only when their lines are done as well.
  const orders = (...args: string[]) => sync("shop.json", "incremental", "--resource", "lines", ...args);
  const asked = (name: string) =>
    shop.requests.filter(({ path }) => path === "/orders").map(({ query }) => query[name] ?? null);
  const state = () => readObject(join(shop.folder, "incremental"), "state/shop/orders.json");

  test("starts the second run at the last cursor, --refresh full at the beginning, and a window at its start", async () => {
    shop.requests.length = 0;
    expect(await orders()).toMatchObject({ code: 0 });
    expect(asked("updated_at_min")).toEqual([null, null]);
    expect(ids("incremental", "orders")).toEqual([1, 2, 3]);

    shop.requests.length = 0;
    shop.orders.push({ id: 4, updated_at: "2026-04-01T00:00:00Z" });
    expect(await orders()).toMatchObject({ code: 0 });
    expect(new Set(asked("updated_at_min"))).toEqual(new Set(["2026-03-01T00:00:00Z"]));
    expect(ids("incremental", "orders", 1)).toEqual([4]);

    shop.requests.length = 0;
    const before = state();
    expect(
      await orders("--window-start", "2026-02-01T00:00:00Z", "--window-end", "2026-04-01T00:00:00Z"),
    ).toMatchObject({ code: 0 });
    expect(new Set(asked("updated_at_min"))).toEqual(new Set(["2026-02-01T00:00:00Z"]));
    expect(new Set(asked("updated_at_max"))).toEqual(new Set(["2026-04-01T00:00:00Z"]));
    expect(ids("incremental", "orders", 2)).toEqual([2, 3]);
    expect(state()).toBe(before);

    shop.requests.length = 0;
    expect(await orders("--refresh", "full")).toMatchObject({ code: 0 });
    expect(asked("updated_at_min")).toEqual([null, null]);
    expect(ids("incremental", "orders", 3)).toEqual([1, 2, 3, 4]);
  });
});

test("no file of the lakes above contains the key, plain or encoded", () => {
  const forms = [KEY, Buffer.from(KEY).toString("base64"), Buffer.from(KEY).toString("base64url")];
  const files = filesBelow(shop.folder).filter((file) => file.includes("/s3/"));
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    const text = readFileSync(file, "latin1");
    for (const form of forms) expect(text.includes(form), file).toBe(false);
  }
});
