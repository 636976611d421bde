import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readConfigFile } from "../../infra/config-file.ts";
import { FUNCTIONS_FOLDER, loadSources, readSource } from "../../infra/sources.ts";
import { stack } from "../../infra/stack.ts";
import { registerPaginator } from "../../lib/config/index.ts";
import { STACK_OPTIONS } from "./stack-options.fixture.ts";

/** Stands beside every mistake below, and may not show up in its message. */
const KEY = "sk-live-0123456789abcdef";

const root = mkdtempSync(join(tmpdir(), "restlake-configs-"));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder like `functions/`, with these files. */
const folderWith = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(root, "functions-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

const read = (name: string, text: string) => readConfigFile(name, join(folderWith({ [name]: text }), name));

const CLIENT = `"client": {"base_url": "https://api.acme.dev", "paginator": "single_page"}`;
const JSON_CONFIG = `{${CLIENT}, "resources": ["users"]}`;
const YAML_CONFIG = `client: {base_url: "https://api.acme.dev", paginator: single_page}\nresources: [users]\n`;

describe("a config as data", () => {
  test("in JSON and in YAML is the source that TypeScript makes of it", async () => {
    const { source } = await readSource("asset-management.ts", join(FUNCTIONS_FOLDER, "asset-management.ts"));
    const text = JSON.stringify({ ...source.config, settings: source.settings }, null, 2);
    // YAML 1.2 takes JSON as it is.
    for (const name of ["any.json", "any.yaml", "any.yml"]) expect(read(name, text)).toEqual(source);
  });

  test("cannot use what only code makes known, whichever source registered it", () => {
    registerPaginator("config_file_pages", { first: () => ({}), request: () => ({}), next: () => ({ end: true }) });
    const text = `client: {base_url: "https://api.acme.dev", paginator: {type: config_file_pages}}\nresources: [users]\n`;
    expect(() => read("crm.yaml", text)).toThrow(
      'crm.yaml: client.paginator: "config_file_pages" is registered by code: only a TypeScript config can use it',
    );
  });

  test("is dlt's dict, once its secrets are named", async () => {
    const pasted = `{
    "client": {
        "base_url": "https://api.acme.dev/repos/acme/shop/",
        "auth": {
            "type": "bearer",
            "token": dlt.secrets["github_token"],
        },
    },
    "resource_defaults": {
        "primary_key": "id",
        "write_disposition": "merge",
        "endpoint": {
            "params": {
                "per_page": 100,
            },
            "paginator": "single_page",
        },
    },
    "resources": [
        "pulls",
        {
            "name": "issues",
            "endpoint": {
                "path": "issues",
                "params": {
                    "sort": "updated",
                    "state": "open",
                },
            },
        },
    ],
}`;
    const yaml = pasted.replaceAll(/dlt\.secrets\[("\w+")\]/g, '{"secret": $1}');
    const folder = folderWith({
      // A comma after the last item is YAML, and not JSON.
      "git-hub.json": yaml.replaceAll(/,(?=\s*[}\]])/g, ""),
      "git-lab.yaml": yaml,
    });
    const [json, inYaml] = await loadSources(folder);
    expect(json?.source.config.client.auth).toEqual({ type: "bearer", token: { secret: "github_token" } });
    expect(json?.resolved).toMatchObject({
      name: "git_hub",
      resources: [
        { name: "pulls", primary_key: ["id"] },
        { name: "issues", params: { state: "open" } },
      ],
    });
    expect(inYaml?.resolved).toEqual({ ...json?.resolved, name: "git_lab" });
  });

  test("is named after its file, when it has no name; its schema is its editor's", () => {
    expect(read("ticket-system.json", `{"$schema": "./x.json", ${CLIENT}}`).config).toMatchObject({
      name: "ticket_system",
    });
    const { config } = read("ticket-system.yaml", `$schema: ./x.json\n${YAML_CONFIG}`);
    expect(config).toEqual({ name: "ticket_system", client: expect.anything(), resources: ["users"] });
    // A byte order mark is an editor's, too.
    for (const [name, text] of [
      ["any.json", JSON_CONFIG],
      ["any.yaml", YAML_CONFIG],
    ] as const) {
      expect(read(name, `\ufeff${text}`)).toEqual(read(name, text));
    }
    expect(read("any.yml", `name: ticket_system\n${YAML_CONFIG}`).config.name).toBe("ticket_system");
  });

  test("is YAML's core: a date, a no and a time are text, and anchors and merge keys are written out", () => {
    const { config, settings } = read(
      "any.yaml",
      `client: {base_url: &url "https://api.acme.dev"}
resources:
  - &users
    name: users
    endpoint: {params: {since: 2026-01-01, at: 12:30, all: no, on: yes, limit: 0x10}}
  - <<: *users
    name: *url
settings:
`,
    );
    const endpoint = { params: { since: "2026-01-01", at: "12:30", all: "no", on: "yes", limit: 16 } };
    expect(config.resources).toEqual([
      { name: "users", endpoint },
      { name: "https://api.acme.dev", endpoint },
    ]);
    expect(settings).toEqual({});
  });

  test("may use an anchor in each of hundreds of resources, but not grow without end", () => {
    const resources = Array.from({ length: 300 }, (_, index) => `  - {<<: *all, name: r${index}}\n`).join("");
    const text = `client: &client {}\nresources:\n  - &all {name: all, endpoint: *client}\n${resources}`;
    expect(read("any.yaml", text).config.resources).toHaveLength(301);
    const letters = [..."bcdefghi"];
    const growing = letters.map(
      (letter, index) => `${letter}: &${letter} [${"*a,".replace("a", "abcdefgh"[index] ?? "").repeat(9)}]\n`,
    );
    expect(() => read("any.yaml", `a: &a [1]\n${growing.join("")}`)).toThrow(
      "any.yaml: is too large once its aliases are written out",
    );
  });
});

test.for<[string, string, string, string]>([
  ["an empty file", "any.json", "", ": must be an object with client and resources"],
  ["an empty file", "any.yaml", "\n", ": must be an object with client and resources"],
  ["a file of comments", "any.yaml", `# ${KEY}\n`, ": must be an object with client and resources"],
  ["a list", "any.json", `["${KEY}"]`, ": must be an object with client and resources"],
  ["a list", "any.yaml", `- ${KEY}\n`, ": must be an object with client and resources"],
  ["a text", "any.yaml", KEY, ": must be an object with client and resources"],
  ["a bare word", "any.json", `{\n  "key": ${KEY}\n}`, ":2:10: is not JSON: Unexpected token 's'"],
  [
    "a bare word after much that looks like it",
    "any.json",
    `{\n${`  "a": "${KEY}",\n`.replaceAll("a", "b")}  "x": ["${KEY}", {"y": "${KEY}"}],\n  "key": ${KEY}\n}`,
    ":4:10: is not JSON: Unexpected token 's'",
  ],
  ["Python's own words", "any.json", `{"a": "${KEY}",\n"b": None}`, ":2:6: is not JSON: Unexpected token 'N'"],
  [
    "a comma too many",
    "any.json",
    `{\n  "key": "${KEY}",\n}`,
    ":3:1: is not JSON: Expected double-quoted property name",
  ],
  ["a quote that is missing", "any.json", `{\n  "key": "${KEY}`, ":2:35: is not JSON: Unterminated string"],
  [
    "an end that is missing",
    "any.json",
    `{\n  "key": {"a": "${KEY}"}`,
    ":2:43: is not JSON: Expected ',' or '}' after property value",
  ],
  ["a value that is missing", "any.json", `{\n  "${KEY}":\n`, ":3:1: is not JSON: Unexpected end"],
  [
    "a key that is there twice",
    "any.json",
    `{\n  "a": {"${KEY}": "\\"}{", "b": [{"${KEY}": 1}]},\n  "${KEY}": 1, "b": 1,\n  "${KEY}" : 2\n}`,
    ":4:3: is not JSON: a key that stands twice in one object",
  ],
  [
    "a key that is there twice",
    "any.yaml",
    `a:\n  ${KEY}: 1\nb:\n  ${KEY}: 1\n  ${KEY}: 2\n`,
    ":5:3: is not YAML: a key that stands twice in one object",
  ],
  ["a tab", "any.yaml", `a:\n\t${KEY}: 1\n`, ":2:1: is not YAML: a tab in the indentation, which takes spaces"],
  [
    "two colons",
    "any.yaml",
    `a:\n  b: c: ${KEY}\n`,
    ":2:6: is not YAML: a second mapping in the same line; a text with a colon in it must stand in quotes",
  ],
  [
    "a quote that is missing",
    "any.yaml",
    `a: "${KEY}\n`,
    ":2:1: is not YAML: a quote, bracket, comma, colon or space that is missing",
  ],
  [
    "a bracket that is missing",
    "any.yaml",
    `a: [${KEY}\nb: 1\n`,
    ":2:1: is not YAML: wrong indentation, or a bracket that is not closed",
  ],
  [
    "a line without a colon",
    "any.yaml",
    `a: 1\n${KEY}\nb: 1\n`,
    ":2:1: is not YAML: a key without its colon, or one of several lines",
  ],
  [
    "a tag of one's own",
    "any.yml",
    `a: !${KEY} 1\n`,
    ":1:4: is not YAML: a tag, of which none but YAML's own are known",
  ],
  [
    "a tag of YAML 1.1",
    "any.yml",
    `a: !!binary ${KEY}\n`,
    ":1:4: is not YAML: a tag, of which none but YAML's own are known",
  ],
  [
    "a tag that runs code elsewhere",
    "any.yml",
    `a: !!python/object:${KEY} {}\n`,
    ":1:4: is not YAML: a tag, of which none but YAML's own are known",
  ],
  ["an alias of nothing", "any.yml", `a:\n  b: *${KEY}\n`, ":2:6: is not YAML: an alias without an anchor before it"],
  ["an alias of itself", "any.yml", `a: &${KEY}\n  b: *${KEY}\n`, ":2:6: is not YAML: an alias within its own anchor"],
  ["a merge of a text", "any.yml", `a:\n  <<: ${KEY}\n`, ':2:3: is not YAML: a merge key ("<<") without a mapping'],
  ["a key that is a list", "any.yml", `? [${KEY}]\n: 1\n`, ":1:3: is not YAML: a key that is no text"],
  ["two documents", "any.yml", `a: 1\n---\n${KEY}: 1\n`, ":2:1: is not YAML: a second document"],
  ["a directive", "any.yml", `%${KEY} 1\n---\na: 1\n`, ":1:1: is not YAML: a directive that is not known"],
  ["an infinite number", "any.yml", `a: .inf # ${KEY}\n`, ":1:4: is not YAML: infinity, or no number"],
  [
    "what the parser would quote",
    "any.yml",
    `a: |${KEY}\n  b\n`,
    ":1:5: is not YAML: something that cannot stand here",
  ],
])("%s (%s) is one line that says where, and quotes nothing", ([, name, text, message]) => {
  let thrown: unknown;
  try {
    read(name, text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "ConfigError", message: `${name}${message}` });
  // Node prints a cause with its text.
  expect(thrown).not.toHaveProperty("cause");
});

describe("a file in functions/", () => {
  test("is a source, whether it is TypeScript, JSON or YAML; what an editor leaves is none", async () => {
    const folder = folderWith({
      "b-json.json": JSON_CONFIG,
      "c-yaml.yaml": YAML_CONFIG,
      "a-yml.yml": YAML_CONFIG,
      ".b-json.json": "",
      "c-yaml.yaml~": "",
    });
    mkdirSync(join(folder, "machine"));
    const sources = await loadSources(folder);
    expect(sources.map(({ source, file, entry }) => [source.config.name, file, entry])).toEqual([
      ["a_yml", "functions/a-yml.yml", "functions/a-yml"],
      ["b_json", "functions/b-json.json", "functions/b-json"],
      ["c_yaml", "functions/c-yaml.yaml", "functions/c-yaml"],
    ]);
  });

  test("that is no TypeScript is called by its own name when the stack cannot take it", async () => {
    const sources = await loadSources(
      folderWith({ "crm.yaml": `settings: {schedule: rate(6 nights)}\n${YAML_CONFIG}` }),
    );
    expect(() => stack(sources, STACK_OPTIONS)).toThrow(/^functions\/crm\.yaml: settings: schedule: must be rate/);
  });

  test.for<[string, Record<string, string>, string]>([
    [
      "in two kinds, of which neither is the source",
      { "crm.json": JSON_CONFIG, "crm.ts": "" },
      "functions/crm.json and functions/crm.ts would be the same source: keep one of them",
    ],
    [
      "in two kinds without code",
      { "crm.yml": YAML_CONFIG, "crm.yaml": YAML_CONFIG },
      "functions/crm.yaml and functions/crm.yml would be the same source: keep one of them",
    ],
    [
      "with the name of another file",
      { "crm.yaml": `name: customer_relations\n${YAML_CONFIG}` },
      "functions/crm.yaml: its source is named customer_relations, so the file must be functions/customer-relations.yaml",
    ],
    [
      "with a name that no file should have",
      { "Crm App.json": JSON_CONFIG },
      "functions/Crm App.json: its source is named crm_app, so the file must be functions/crm-app.json",
    ],
    [
      "with a key of its own",
      { "crm.yaml": `${YAML_CONFIG}resorces: []\n` },
      'functions/crm.yaml: the config: unknown key "resorces": did you mean "resources"? Allowed keys: name, ',
    ],
    [
      "with settings that are none",
      { "crm.json": `{"settings": {"timezone": "Vienna"}, ${JSON_CONFIG.slice(1)}` },
      'functions/crm.json: settings.timezone: expected IANA time zone, such as Europe/Vienna, got "Vienna"',
    ],
    [
      "that cannot be parsed",
      { "crm.json": "{" },
      "functions/crm.json:1:2: is not JSON: Expected property name or '}'",
    ],
  ])("%s is an error that says so", async ([, files, message]) => {
    const name = "ConfigError";
    await expect(loadSources(folderWith(files))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });
});
