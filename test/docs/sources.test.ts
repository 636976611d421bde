import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import { withTables } from "../../tools/docs/key-tables.ts";
import { fullSchema, type JsonSchema, sourceSchema } from "../../tools/docs/source-schema.ts";

const project = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string) => readFileSync(join(project, path), "utf8");
const docs = ["docs/sources.md", "docs/coming-from-dlt.md"].map((path) => ({ path, text: read(path) }));

const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
const isValid = ajv.compile(JSON.parse(read("docs/source.schema.json")));

/** Returns the code blocks of a language, with the line in which they begin. */
const blocks = (language: string) =>
  docs.flatMap(({ path, text }) =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, "g"))].map((match) => ({
      place: `${path}:${text.slice(0, match.index).split("\n").length}`,
      code: match[1] as string,
    })),
  );

const RESOURCES = [
  { name: "orders", endpoint: "orders" },
  { name: "list", endpoint: "list" },
];

/** Completes a part of a config to a whole config. The first key determines what the part belongs to. */
const completeConfig = (part: Record<string, unknown>): Record<string, unknown> => {
  const [key = ""] = Object.keys(part);
  const config = { name: "docs", client: { base_url: "https://api.acme.dev" }, resources: RESOURCES as unknown[] };
  if (key === "client" || key === "resource_defaults") return { ...config, ...part };
  if (key === "resources") return { ...config, ...part };
  if (key === "settings") return { ...config, ...part };
  if (["auth", "paginator", "error_handler"].includes(key)) return { ...config, client: { ...config.client, ...part } };
  const endpoint = key === "endpoint" ? part.endpoint : part;
  return { ...config, resources: [...RESOURCES, { name: "part", endpoint }] };
};

const check = (place: string, { settings = {}, ...config }: Record<string, unknown>) => {
  const source = defineSource(config as never, settings as never);
  validateSource(place, source);
  return resolveSource(source);
};

describe("the files that npm run docs generates", () => {
  test("docs/source.schema.json is current", () => {
    expect(JSON.parse(read("docs/source.schema.json"))).toEqual(JSON.parse(JSON.stringify(sourceSchema())));
  });

  test("the tables of docs/sources.md are current", () => {
    expect(withTables(read("docs/sources.md"))).toBe(read("docs/sources.md"));
  });

  test("every part of the config schema with keys has a table", () => {
    const parts = Object.entries(fullSchema().$defs ?? {})
      .filter(([name, part]) => !name.startsWith("__") && Object.keys(part.properties ?? {}).length > 0)
      .map(([name]) => name)
      // These are described in the table of another part, or in a sentence.
      .filter((name) => !["secret", "resource_defaults", "incremental_param", "json_response"].includes(name));
    expect(parts.filter((name) => !read("docs/sources.md").includes(`<!-- keys: ${name} -->`))).toEqual([]);
  });

  test("every key has a description", () => {
    const isDescribed = ({ description, $ref, anyOf }: JsonSchema): boolean =>
      description !== undefined || $ref !== undefined || (anyOf ?? []).some(isDescribed);
    const undescribed = Object.entries(fullSchema().$defs ?? {}).flatMap(([part, { properties = {} }]) =>
      Object.entries(properties).flatMap(([key, schema]) => (isDescribed(schema) ? [] : [`${part}.${key}`])),
    );
    expect(undescribed).toEqual([]);
  });

  test("every key has a default, or the word required or none", () => {
    const rows = read("docs/sources.md").match(/^\| `.*\|$/gm) ?? [];
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.filter((row) => /^\| `[^`]+` \| .*? \| *\| /.test(row))).toEqual([]);
  });
});

describe("every example in the docs is a valid config", () => {
  test.each(blocks("yaml"))("$place", ({ place, code }) => {
    const config = completeConfig(parse(code) as Record<string, unknown>);
    check(place, config);
    expect(isValid(config), JSON.stringify(isValid.errors)).toBe(true);
  });

  test.each(blocks("json"))("$place", ({ place, code }) => {
    const { $schema: _address, ...config } = JSON.parse(code) as Record<string, unknown>;
    check(place, { name: "docs", ...config });
    expect(isValid(config)).toBe(true);
  });
});

describe("every TypeScript example in the docs loads", () => {
  const folder = join(project, `.snippets-${process.pid}`);
  const snippets = blocks("ts").filter(({ code }) => code.includes("export ") || code.includes("import "));

  beforeAll(() => {
    mkdirSync(folder);
    for (const [index, { code }] of snippets.entries()) writeFileSync(join(folder, `${index}.ts`), code);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(snippets.map((snippet, index) => ({ ...snippet, index })))("$place", async ({ place, index }) => {
    const { source } = (await import(pathToFileURL(join(folder, `${index}.ts`)).href)) as {
      source?: { config: Record<string, unknown>; settings: unknown };
    };
    if (source !== undefined) check(place, { ...source.config, settings: source.settings });
  });
});

describe("the JSON Schema, like the config schema,", () => {
  const good = completeConfig({ client: { base_url: "https://api.acme.dev" } });

  test.each<[string, Record<string, unknown>]>([
    ["a mistyped key", { resorces: [] }],
    ["a mistyped key of the client", { client: { base_url: "https://a.dev", baseUrl: "x" } }],
    ["a literal key", { client: { base_url: "https://a.dev", auth: { type: "bearer", token: "abc" } } }],
    ["an unknown paginator", { client: { base_url: "https://a.dev", paginator: { type: "pages" } } }],
    ["a key of another paginator", { client: { base_url: "https://a.dev", paginator: { type: "offset", page: 1 } } }],
    ["an unknown method", { resources: [{ name: "a", endpoint: { method: "PUT" } }] }],
    ["no resources", { resources: [] }],
    ["a string in the place of a function", { resources: [{ name: "a", processing_steps: [{ map: "row.ok" }] }] }],
    ["an unknown setting", { settings: { shedule: "rate(1 day)" } }],
  ])("rejects %s", (_case, change) => {
    expect(isValid(good)).toBe(true);
    const bad = { ...good, ...change };
    expect(isValid(bad)).toBe(false);
    expect(() => check("bad.json", bad)).toThrow(expect.objectContaining({ name: "ConfigError" }));
  });
});

test("the JSON Schema accepts the data of the sources in this project", async () => {
  const folder = join(project, "functions");
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".ts"))) {
    const { source } = (await import(pathToFileURL(join(folder, file)).href)) as {
      source: { config: object; settings: object };
    };
    const config = JSON.parse(JSON.stringify({ ...source.config, settings: source.settings }));
    expect(isValid(config), JSON.stringify(isValid.errors)).toBe(true);
  }
});
