import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readConfigFile } from "../../infra/config-file.ts";
import { functionsFolder } from "../../infra/project.ts";
import { loadSources, readSource } from "../../infra/sources.ts";
import { stack } from "../../infra/stack.ts";
import { registerPaginator } from "../../lib/config/index.ts";
import { STACK_OPTIONS } from "./stack-options.fixture.ts";

/** Next to every syntax error below. It must not appear in a message. */
const KEY = "sk-live-0123456789abcdef";

const root = mkdtempSync(join(tmpdir(), "restlake-configs-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Creates a folder like `functions/` with these files. */
const folderWith = (files: Record<string, string>): string => {
  const folder = mkdtempSync(join(root, "functions-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
};

const read = (name: string, text: string) => readConfigFile(name, join(folderWith({ [name]: text }), name));

const CLIENT = `"client": {"base_url": "https://api.acme.dev", "paginator": "single_page"}`;
const JSON_CONFIG = `{${CLIENT}, "resources": ["users"]}`;
const YAML_CONFIG = `client: {base_url: "https://api.acme.dev", paginator: single_page}\nresources: [users]\n`;

describe("a JSON or YAML config", () => {
  test("is the same source as the TypeScript config", async () => {
    const source = await readSource("asset-management.ts", join(functionsFolder(), "asset-management.ts"));
    const text = JSON.stringify({ ...source.config, settings: source.settings }, null, 2);
    // JSON is valid YAML 1.2.
    for (const name of ["any.json", "any.yaml", "any.yml"]) expect(read(name, text)).toEqual(source);
  });

  test("cannot use a paginator that was registered by code", () => {
    registerPaginator("config_file_pages", { first: () => ({}), request: () => ({}), next: () => ({ end: true }) });
    const text = `client: {base_url: "https://api.acme.dev", paginator: {type: config_file_pages}}\nresources: [users]\n`;
    expect(() => read("crm.yaml", text)).toThrow(
      'crm.yaml: client.paginator: "config_file_pages" is registered by code: only a TypeScript config can use it',
    );
  });

  test("can be dlt's dict, with secret references in place of dlt.secrets", async () => {
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
      // A trailing comma is valid YAML, but not valid JSON.
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

  test("without a name is named after its file, and may have a $schema", () => {
    expect(read("ticket-system.json", `{"$schema": "./x.json", ${CLIENT}}`).config).toMatchObject({
      name: "ticket_system",
    });
    const { config } = read("ticket-system.yaml", `$schema: ./x.json\n${YAML_CONFIG}`);
    expect(config).toEqual({ name: "ticket_system", client: expect.anything(), resources: ["users"] });
    // Some editors write a byte order mark.
    for (const [name, text] of [
      ["any.json", JSON_CONFIG],
      ["any.yaml", YAML_CONFIG],
    ] as const) {
      expect(read(name, `\ufeff${text}`)).toEqual(read(name, text));
    }
    expect(read("any.yml", `name: ticket_system\n${YAML_CONFIG}`).config.name).toBe("ticket_system");
  });

  test("is YAML's core schema: dates, times and no are strings, and anchors and merge keys are expanded", () => {
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

  test("may use an anchor in hundreds of resources, but not grow without limit", () => {
    const resources = Array.from({ length: 300 }, (_, index) => `  - {<<: *all, name: r${index}}\n`).join("");
    const text = `client: &client {}\nresources:\n  - &all {name: all, endpoint: *client}\n${resources}`;
    expect(read("any.yaml", text).config.resources).toHaveLength(301);
    const letters = [..."bcdefghi"];
    const growing = letters.map(
      (letter, index) => `${letter}: &${letter} [${"*a,".replace("a", "abcdefgh"[index] ?? "").repeat(9)}]\n`,
    );
    expect(() => read("any.yaml", `a: &a [1]\n${growing.join("")}`)).toThrow(
      "any.yaml: too large after its aliases are expanded: use fewer aliases of aliases",
    );
  });
});

test.for<[string, string, string, string]>([
  ["an empty file", "any.json", "", ": must be an object with client and resources"],
  ["an empty file", "any.yaml", "\n", ": must be an object with client and resources"],
  ["a file of comments", "any.yaml", `# ${KEY}\n`, ": must be an object with client and resources"],
  ["a list", "any.json", `["${KEY}"]`, ": must be an object with client and resources"],
  ["a list", "any.yaml", `- ${KEY}\n`, ": must be an object with client and resources"],
  ["a string", "any.yaml", KEY, ": must be an object with client and resources"],
  ["a bare word", "any.json", `{\n  "key": ${KEY}\n}`, ":2:10: invalid JSON: Unexpected token 's'"],
  [
    "a bare word after many quoted ones",
    "any.json",
    `{\n${`  "a": "${KEY}",\n`.replaceAll("a", "b")}  "x": ["${KEY}", {"y": "${KEY}"}],\n  "key": ${KEY}\n}`,
    ":4:10: invalid JSON: Unexpected token 's'",
  ],
  ["Python's None", "any.json", `{"a": "${KEY}",\n"b": None}`, ":2:6: invalid JSON: Unexpected token 'N'"],
  [
    "a trailing comma",
    "any.json",
    `{\n  "key": "${KEY}",\n}`,
    ":3:1: invalid JSON: Expected double-quoted property name",
  ],
  ["a missing quote", "any.json", `{\n  "key": "${KEY}`, ":2:35: invalid JSON: Unterminated string"],
  [
    "a missing end",
    "any.json",
    `{\n  "key": {"a": "${KEY}"}`,
    ":2:43: invalid JSON: Expected ',' or '}' after property value",
  ],
  ["a missing value", "any.json", `{\n  "${KEY}":\n`, ":3:1: invalid JSON: Unexpected end"],
  [
    "a duplicate key",
    "any.json",
    `{\n  "a": {"${KEY}": "\\"}{", "b": [{"${KEY}": 1}]},\n  "${KEY}": 1, "b": 1,\n  "${KEY}" : 2\n}`,
    ":4:3: invalid JSON: duplicate key",
  ],
  [
    "a duplicate key",
    "any.yaml",
    `a:\n  ${KEY}: 1\nb:\n  ${KEY}: 1\n  ${KEY}: 2\n`,
    ":5:3: invalid YAML: duplicate key",
  ],
  ["a tab", "any.yaml", `a:\n\t${KEY}: 1\n`, ":2:1: invalid YAML: tab in the indentation: use spaces"],
  [
    "two colons",
    "any.yaml",
    `a:\n  b: c: ${KEY}\n`,
    ":2:6: invalid YAML: two mappings in one line: correct the indentation, and quote strings that contain a colon",
  ],
  ["a missing quote", "any.yaml", `a: "${KEY}\n`, ":2:1: invalid YAML: missing quote, bracket, comma, colon or space"],
  ["a missing bracket", "any.yaml", `a: [${KEY}\nb: 1\n`, ":2:1: invalid YAML: wrong indentation, or unclosed bracket"],
  [
    "a line without a colon",
    "any.yaml",
    `a: 1\n${KEY}\nb: 1\n`,
    ":2:1: invalid YAML: key without a colon, or key of several lines",
  ],
  ["a custom tag", "any.yml", `a: !${KEY} 1\n`, ":1:4: invalid YAML: unknown tag: only YAML's core tags are allowed"],
  [
    "a tag of YAML 1.1",
    "any.yml",
    `a: !!binary ${KEY}\n`,
    ":1:4: invalid YAML: unknown tag: only YAML's core tags are allowed",
  ],
  [
    "a tag that runs code in Python",
    "any.yml",
    `a: !!python/object:${KEY} {}\n`,
    ":1:4: invalid YAML: unknown tag: only YAML's core tags are allowed",
  ],
  [
    "an alias without an anchor",
    "any.yml",
    `a:\n  b: *${KEY}\n`,
    ":2:6: invalid YAML: alias without an anchor before it",
  ],
  ["an alias of itself", "any.yml", `a: &${KEY}\n  b: *${KEY}\n`, ":2:6: invalid YAML: alias inside its own anchor"],
  ["a merge of a string", "any.yml", `a:\n  <<: ${KEY}\n`, ':2:3: invalid YAML: merge key ("<<") without a mapping'],
  ["a key that is a list", "any.yml", `? [${KEY}]\n: 1\n`, ":1:3: invalid YAML: key is not a string"],
  ["two documents", "any.yml", `a: 1\n---\n${KEY}: 1\n`, ":2:1: invalid YAML: more than one document"],
  ["a directive", "any.yml", `%${KEY} 1\n---\na: 1\n`, ":1:1: invalid YAML: unknown directive"],
  ["an infinite number", "any.yml", `a: .inf # ${KEY}\n`, ":1:4: invalid YAML: number is infinite or not a number"],
  ["an error that the parser would quote", "any.yml", `a: |${KEY}\n  b\n`, ":1:5: invalid YAML: unexpected content"],
])("%s (%s) is reported with its position, and without the file's text", ([, name, text, message]) => {
  let thrown: unknown;
  try {
    read(name, text);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "ConfigError", message: `${name}${message}` });
  // Node prints an error's cause.
  expect(thrown).not.toHaveProperty("cause");
});

describe("a file in functions/", () => {
  test("is a source if it is TypeScript, JSON or YAML, and not an editor's temporary file", async () => {
    const folder = folderWith({
      "b-json.json": JSON_CONFIG,
      "c-yaml.yaml": YAML_CONFIG,
      "a-yml.yml": YAML_CONFIG,
      ".b-json.json": "",
      "c-yaml.yaml~": "",
    });
    mkdirSync(join(folder, "state-machine"));
    const sources = await loadSources(folder);
    expect(sources.map(({ source, file, bundle }) => [source.config.name, file, bundle])).toEqual([
      ["a_yml", "functions/a-yml.yml", "a-yml"],
      ["b_json", "functions/b-json.json", "b-json"],
      ["c_yaml", "functions/c-yaml.yaml", "c-yaml"],
    ]);
  });

  test("in YAML is named with its extension in errors of the stack", async () => {
    const sources = await loadSources(
      folderWith({ "crm.yaml": `settings: {schedule: rate(6 weeks)}\n${YAML_CONFIG}` }),
    );
    expect(() => stack(sources, STACK_OPTIONS)).toThrow(/^functions\/crm\.yaml: settings: schedule: must be rate/);
  });

  test.for<[string, Record<string, string>, string]>([
    [
      "with the same name in JSON and TypeScript",
      { "crm.json": JSON_CONFIG, "crm.ts": "" },
      "functions/crm.json and functions/crm.ts are the same source: keep one of them",
    ],
    [
      "with the same name in two extensions of YAML",
      { "crm.yml": YAML_CONFIG, "crm.yaml": YAML_CONFIG },
      "functions/crm.yaml and functions/crm.yml are the same source: keep one of them",
    ],
    [
      "that is not named after its source",
      { "crm.yaml": `name: customer_relations\n${YAML_CONFIG}` },
      "functions/crm.yaml: the file is not named after its source (customer_relations): rename it to functions/customer-relations.yaml",
    ],
    [
      "with a space in its name",
      { "Crm App.json": JSON_CONFIG },
      "functions/Crm App.json: the file is not named after its source (crm_app): rename it to functions/crm-app.json",
    ],
    [
      "with an unknown key",
      { "crm.yaml": `${YAML_CONFIG}resorces: []\n` },
      'functions/crm.yaml: the config: unknown key "resorces": did you mean "resources"? Allowed keys: name, ',
    ],
    [
      "with invalid settings",
      { "crm.json": `{"settings": {"timezone": "Vienna"}, ${JSON_CONFIG.slice(1)}` },
      'functions/crm.json: settings.timezone: expected IANA time zone, such as Europe/Vienna, got "Vienna"',
    ],
    ["with a syntax error", { "crm.json": "{" }, "functions/crm.json:1:2: invalid JSON: Expected property name or '}'"],
  ])("%s is a ConfigError", async ([, files, message]) => {
    const name = "ConfigError";
    await expect(loadSources(folderWith(files))).rejects.toMatchObject({
      name,
      message: expect.stringContaining(message),
    });
  });
});
