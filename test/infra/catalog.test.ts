import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { catalog, databaseName } from "../../infra/catalog.ts";
import type { DeployedSource } from "../../infra/sources.ts";
import { SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { athenaStatements, manifestsTable, partsTable, viewQuery } from "../../lib/tables/athena.ts";
import { describeTable } from "../../lib/tables/description.ts";

const STACK = { service: "restlake", stage: "Dev-2" };
const BUCKET = "the-bucket";

const defined = defineSource({
  name: "shop",
  client: { base_url: "https://api.shop.test", paginator: "single_page" },
  resources: [
    { name: "orders", write_disposition: "merge", primary_key: "id", file_format: "parquet" },
    { name: "line_items", endpoint: "lines" },
    { name: "hidden", selected: false },
  ],
});
const SHOP: DeployedSource = {
  file: "functions/shop.ts",
  path: "/functions/shop.ts",
  bundle: "shop",
  source: defined,
  resolved: resolveSource(defined),
};

const own: TableColumn[] = [
  { name: "id", data_type: "bigint", nullable: false },
  { name: "at", data_type: "timestamp", nullable: true },
  { name: "${AWS::Region}", data_type: "text", nullable: true },
  { name: "price", data_type: "decimal", precision: 12, scale: 2, nullable: true },
  { name: "tags", data_type: "json", nullable: true },
];
const schema = { version: 1, file_formats: ["jsonl", "parquet"], columns: [...SYSTEM_COLUMNS, ...own], history: [] };

const lakeWith = async (tables: string[]) => {
  const folder = await mkdtemp(join(tmpdir(), "restlake-catalog-"));
  for (const table of tables) {
    const file = join(folder, "s3/lake/schemas/shop", `${table}.json`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(schema));
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
};

/** Returns a template's value with its functions resolved, as CloudFormation does. */
const deployed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== "object" || value === null) return value;
  const [[key, inner] = ["", null], ...others] = Object.entries(value);
  if (others.length === 0 && key === "Ref") return inner === "AWS::AccountId" ? "123456789012" : inner;
  if (others.length === 0 && key === "Fn::Sub") {
    return String(inner).replaceAll(/\$\{(!?)([^}]*)\}/g, (_text, literal: string, name: string) => {
      if (literal === "!") return `\${${name}}`;
      if (name !== "Lake") throw new Error(`Template error: no resource ${name}`);
      return BUCKET;
    });
  }
  if (others.length === 0 && key === "Fn::Base64") return Buffer.from(String(deployed(inner))).toString("base64");
  if (others.length === 0 && key === "Fn::Join") {
    const [separator, parts] = deployed(inner) as [string, string[]];
    return parts.join(separator);
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, deployed(part)]));
};

interface GlueResource {
  Type: string;
  Properties: { DatabaseName?: string; DatabaseInput?: { Name: string }; TableInput: Record<string, unknown> };
}

const deployedCatalog = (folder: string) => deployed(catalog(STACK, [SHOP], folder)) as Record<string, GlueResource>;

describe("the catalog in the stack", () => {
  test("is empty unless a lake is given", () => {
    expect(catalog(STACK, [SHOP], "")).toEqual({});
  });

  test("has a database per source and stage, and base tables and view of each loaded table", async () => {
    await using lake = await lakeWith(["orders", "line_items"]);
    const resources = deployedCatalog(lake.folder);
    expect(databaseName(STACK, "shop")).toBe("shop_dev_2");
    expect(resources.ShopCatalog?.Properties.DatabaseInput?.Name).toBe("shop_dev_2");
    const { ShopCatalog: _database, ...tables } = resources;
    const names = Object.values(tables).map(({ Type, Properties: { DatabaseName, TableInput } }) => [
      Type,
      DatabaseName,
      TableInput.TableType,
      TableInput.Name,
    ]);
    const external = (name: string) => ["AWS::Glue::Table", "ShopCatalog", "EXTERNAL_TABLE", name];
    expect(names.sort()).toEqual(
      [
        ...["orders", "line_items"].flatMap((table) => [
          external(`${table}_parts_`),
          external(`${table}_parquet_`),
          external(`${table}_manifests_`),
          ["AWS::Glue::Table", "ShopCatalog", "VIRTUAL_VIEW", table],
        ]),
      ].sort(),
    );
  });

  test("has the same tables and views as Athena's statements", async () => {
    await using lake = await lakeWith(["orders", "line_items"]);
    const rules = SHOP.resolved.resources.find(({ name }) => name === "orders");
    const description = describeTable("shop", "orders", schema as never, rules);
    const inputs = Object.values(deployedCatalog(lake.folder)).map(({ Properties }) => Properties.TableInput);
    for (const table of [
      partsTable(description, "jsonl", BUCKET),
      partsTable(description, "parquet", BUCKET),
      manifestsTable(description, BUCKET),
    ]) {
      const input = inputs.find((candidate) => candidate?.Name === table.name);
      expect(input).toMatchObject({
        Parameters: { EXTERNAL: "TRUE", ...table.properties },
        PartitionKeys: table.partitions.map(({ name, type }) => ({ Name: name, Type: type })),
        StorageDescriptor: {
          Columns: table.columns.map(({ name, type }) => ({ Name: name, Type: type })),
          Location: table.location,
          InputFormat: table.input_format,
          OutputFormat: table.output_format,
          SerdeInfo: { SerializationLibrary: table.serde, Parameters: table.serde_properties },
        },
      });
    }
    const view = inputs.find((candidate) => candidate?.Name === "orders");
    const [, encoded = ""] = /^\/\* Presto View: (\S+) \*\/$/.exec(String(view?.ViewOriginalText)) ?? [];
    const known = JSON.parse(Buffer.from(encoded, "base64").toString());
    expect(known).toEqual({
      originalSql: viewQuery(description, "shop_dev_2", BUCKET),
      catalog: "awsdatacatalog",
      schema: "shop_dev_2",
      columns: [
        { name: "id", type: "bigint" },
        { name: "at", type: "timestamp(3)" },
        { name: "${AWS::Region}", type: "varchar" },
        { name: "price", type: "decimal(12,2)" },
        { name: "tags", type: "varchar" },
        { name: "_run_id", type: "varchar" },
        { name: "_seq", type: "bigint" },
        { name: "_extracted_at", type: "timestamp(3)" },
      ],
    });
    // The only statement of `npm run tables` that does not create a table or view.
    expect(athenaStatements(description, "shop_dev_2", BUCKET).at(-1)).toContain(known.originalSql);
  });

  test("rejects a table without a schema in the lake, and says what to do", async () => {
    await using lake = await lakeWith(["orders"]);
    expect(() => catalog(STACK, [SHOP], lake.folder)).toThrow(
      /catalog: the lake in \S+ has no schema of shop tables \(line_items\): load the source into this lake first \(npm run sync -- shop\)/,
    );
  });
});
