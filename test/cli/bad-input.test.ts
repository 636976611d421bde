import { mkdirSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../cli/commands.ts";
import { helpText } from "../../cli/help.ts";
import { occupyPort, UNREACHABLE } from "../ports.ts";
import { restlake } from "./command.fixture.ts";
import { filesBelow } from "./lake.fixture.ts";
import { KEY, type Shop, startShop } from "./shop.fixture.ts";

const SOURCES = "asset_management, inventory_management, order_management, stock_analytics, workforce_analytics";
const SECRET_FORM = "--secret: expected name=value (the value given is not shown here)";
const WITH_KEY = ["--secret", `api_key=${KEY}`];

let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
  shop.config("shop.json");
  shop.config("far.json", { error_handler: { max_retries: 2, backoff_factor: 1 } });
  shop.config("placeholder.json", { base_url: "https://api.example.com" });
  const write = (name: string, text: string) => writeFileSync(join(shop.folder, name), text);
  write("text.json", `{\n  "name": "shop",\n  "client": {"base_url": ""},\n  "api_key": ${KEY}\n}\n`);
  write("text.yaml", `client:\n  base_url: ""\n\tapi_key: ${KEY}\n`);
  write("list.json", "[]");
  write("notes.md", "");
  write("no-source.ts", "export const config = {};\n");
  write("syntax.ts", 'export const source = {\n  name: "shop",,\n};\n');
  write("import.ts", 'import { source } from "./nowhere.ts";\nexport { source };\n');
  write("throws.js", 'throw new Error("first line\\nsecond line");\n');
  write("file", "");
  mkdirSync(join(shop.folder, "blocked"));
  write("blocked/s3", "");
  write(
    "errors.json",
    JSON.stringify({
      name: "shop",
      client: { base_ur: "http://127.0.0.1", auth: { type: "api_key", api_key: KEY, location: "heder" } },
      resources: [{ name: "items", endpoint: { path: "items", paginator: { type: "page_numbr" } }, colums: {} }],
    }),
  );
  for (const [lake, text] of [
    ["corrupt", '{"version": 1, "run_'],
    ["foreign", '{"lease": null}'],
  ]) {
    const state = join(shop.folder, lake as string, "s3/lake/state/shop");
    mkdirSync(state, { recursive: true });
    writeFileSync(join(state, "run.json"), text as string);
  }
});

afterAll(() => shop.close());

/** Arguments after `sync`, the exit code, and stderr: all of it, or a pattern. */
type Case = [title: string, args: string[], code: number, err: string | RegExp];

/** Matches one line per error of a config. The list of allowed keys grows with the config schema. */
const linesOf = (...lines: RegExp[]): RegExp =>
  new RegExp(`^${lines.map(({ source }) => `errors\\.json: ${source}\\n`).join("")}$`);

const cases: Case[] = [
  ["a missing source", [], 2, /^missing argument <source>\n\nusage: npm run sync -- <source> \[options\]\n(.*\n)*$/],
  [
    "two sources",
    ["shop.json", "shops.json"],
    2,
    'unexpected argument "shops.json": npm run sync takes one <source> (quote an argument with spaces)',
  ],
  ["an unknown source", ["shops"], 2, `unknown source "shops" (no such file in functions/): choose from ${SOURCES}`],
  [
    "a misspelled source",
    ["order-managment"],
    2,
    'unknown source "order-managment" (no such file in functions/): did you mean order_management?',
  ],
  ["a missing file", ["shops.json"], 2, "shops.json: no such file"],
  [
    "a file with another extension",
    ["./notes.md"],
    2,
    "./notes.md: expected a file with extension .ts, .js, .mjs, .json, .yaml, .yml",
  ],
  ["invalid JSON", ["text.json"], 2, "text.json:4:14: invalid JSON: Unexpected token 's'"],
  ["invalid YAML", ["text.yaml"], 2, "text.yaml:3:1: invalid YAML: tab in the indentation: use spaces"],
  ["JSON that is not an object", ["list.json"], 2, "list.json: must be an object with client and resources"],
  [
    "a module without a source",
    ["no-source.ts"],
    2,
    "no-source.ts: exports no source: write export const source = defineSource({...})",
  ],
  ["a syntax error", ["syntax.ts"], 2, /^syntax\.ts:2: cannot be loaded: SyntaxError: Unexpected token `,`\. .*\n$/],
  [
    "an import of a missing module",
    ["import.ts"],
    2,
    /^import\.ts: cannot be loaded: Error: Cannot find module '.*nowhere.*\n$/,
  ],
  ["a module that throws", ["throws.js"], 2, "throws.js:1: cannot be loaded: Error: first line"],
  [
    "several errors in one config, one line each",
    ["errors.json", ...WITH_KEY],
    2,
    linesOf(
      /missing required key client\.base_url: expected http or https URL/,
      /client\.auth\.api_key: expected secret reference, got string: use secret\("api_key"\), or \{"secret": "api_key"\} in JSON and YAML/,
      /client\.auth\.location: expected "header", "query", "param" or "cookie", got string/,
      /client: unknown key "base_ur": did you mean "base_url"\? Allowed keys: .+/,
      /resources\[0\]\.endpoint\.paginator\.type: expected .+, got "page_numbr": did you mean "page_number"\?/,
      /resources\[0\]: unknown key "colums": did you mean "columns"\? Allowed keys: .+/,
    ),
  ],
  [
    "a missing secret",
    ["shop.json"],
    2,
    "shop: missing secret api_key: use --secret api_key=... or set the environment variable RESTLAKE_SECRET_API_KEY",
  ],
  ["a secret without a name", ["shop.json", "--secret", KEY], 2, SECRET_FORM],
  ["a secret without a value", ["shop.json", "--secret", "api_key="], 2, SECRET_FORM],
  [
    "an unknown resource",
    ["shop.json", ...WITH_KEY, "--resource", "itmes"],
    2,
    'shop: unknown resource "itmes": choose from items, orders, lines',
  ],
  [
    "the placeholder of the examples",
    ["placeholder.json", ...WITH_KEY],
    2,
    "shop: base_url is still the placeholder https://api.example.com: set the API's own address (in the source, per stage in serverless.yml, or with --base-url)",
  ],
  [
    "an invalid base_url",
    ["shop.json", ...WITH_KEY, "--base-url", "nowhere"],
    2,
    'shop: base_url "nowhere" is not an http or https URL',
  ],
  [
    "a misspelled option",
    ["shop.json", `--sercet=api_key=${KEY}`],
    2,
    "unknown option --sercet: did you mean --secret?",
  ],
  [
    "an unknown option",
    ["shop.json", "--verbose"],
    2,
    "unknown option --verbose: choose from --base-url, --secret, --resource, --out, --new-run, --refresh, --window-start, --window-end, --time-budget, --request-timeout, --wait-scale, --json",
  ],
  ["an option without its value", ["shop.json", "--out"], 2, "missing value for --out"],
  ["a value for a flag", ["shop.json", "--json=yes"], 2, "--json takes no value"],
  [
    "a value that looks like an option",
    ["shop.json", "--wait-scale", "-1"],
    2,
    "missing value for --wait-scale: a value that begins with a dash is written --wait-scale=-...",
  ],
  ["an unknown refresh", ["shop.json", ...WITH_KEY, "--refresh", "some"], 2, '--refresh: expected "full", got "some"'],
  [
    "half a window",
    ["shop.json", ...WITH_KEY, "--window-end", "2026-01-01"],
    2,
    "--window-end without --window-start: give both ends of the window",
  ],
  [
    "a window that ends before it starts",
    ["shop.json", ...WITH_KEY, "--window-start", "10", "--window-end", "9"],
    2,
    "--window-start 10 is not before --window-end 9: the end is excluded",
  ],
  [
    "a window and a refresh",
    ["shop.json", ...WITH_KEY, "--refresh", "full", "--window-start", "1", "--window-end", "2"],
    2,
    "--refresh full and a window are both given: use one of them",
  ],
  [
    "a string instead of a number",
    ["shop.json", "--time-budget", "soon"],
    2,
    '--time-budget: expected number from 0.001 to 1000000, got "soon"',
  ],
  [
    "a number out of bounds",
    ["shop.json", "--request-timeout", "0"],
    2,
    '--request-timeout: expected number from 0.001 to 1000000, got "0"',
  ],
  ["an empty number", ["shop.json", "--wait-scale="], 2, '--wait-scale: expected number from 0 to 10, got ""'],
  [
    "a file where the lake should be",
    ["shop.json", ...WITH_KEY, "--out", "file"],
    2,
    "--out file: cannot be written (ENOTDIR): choose another folder",
  ],
  [
    "a file where the lake's objects should be",
    ["shop.json", ...WITH_KEY, "--out", "blocked"],
    2,
    /^the lake in \S+\/blocked cannot be written \((EEXIST|ENOTDIR) at \S+\/s3\S*\): choose another folder with --out\n$/,
  ],
  [
    "a folder that cannot be created",
    ["shop.json", ...WITH_KEY, "--out", "/proc/lake"],
    2,
    "--out /proc/lake: cannot be written (ENOENT): choose another folder",
  ],
];

test.concurrent.for(cases)("sync rejects %s", async ([, args, code, err]) => {
  const ended = await restlake(["sync", ...args], shop.folder);
  expect(ended).toEqual({ code, out: "", err: err instanceof RegExp ? expect.stringMatching(err) : `${err}\n` });
  expect(ended.err).not.toContain(KEY);
});

describe("sync prints one line per error, and its named error, for", () => {
  /** Returns the lines of stderr. Expects that nothing was committed, and that no file contains the key. */
  const failing = async (args: string[], out: string): Promise<string[]> => {
    const ended = await restlake(["sync", ...args, "--out", out, "--resource", "items", "--json"], shop.folder);
    expect(ended.code).toBe(1);
    expect(ended.out + ended.err).not.toContain(KEY);
    expect(ended.err).not.toMatch(/^ +at /m);
    const files = filesBelow(join(shop.folder, out));
    expect(files.filter((file) => /\/(data|manifests)\//.test(file))).toEqual([]);
    return ended.err.split("\n").slice(0, -1);
  };
  const failed = (error: string) =>
    expect.stringMatching(
      new RegExp(
        `^RunFailedError: shop: 1 of 1 resources failed: items \\(${error}\\)\\. The next start resumes run [\\dTZ]+-[\\da-f]{8}$`,
      ),
    );

  test("a wrong key", async () => {
    expect(await failing(["shop.json", "--secret", "api_key=wrong-key-of-the-shop"], "wrong-key")).toEqual([
      expect.stringMatching(
        /^shop\.items: AuthError: page 1, GET \S+: the API returned 401 \(.*\) again after the secret was reloaded: put a valid key into the secret, or correct how auth sends it$/,
      ),
      failed("AuthError"),
    ]);
  });

  test("an API that cannot be reached", async () => {
    const unreachable = ["--base-url", UNREACHABLE];
    expect(await failing(["far.json", ...WITH_KEY, ...unreachable, "--wait-scale", "0"], "far")).toEqual([
      expect.stringMatching(
        /^shop\.items: HttpError: page 1, GET \S+: the API cannot be reached \(ECONNREFUSED, after 2 retries\): check base_url and path, and the network$/,
      ),
      failed("HttpError"),
    ]);
  });

  test("a run.json that is corrupt, or not a run record", async () => {
    for (const [out, found] of [
      ["corrupt", "invalid JSON"],
      ["foreign", "version: expected 1, got nothing"],
    ] as const) {
      expect(await failing(["shop.json", ...WITH_KEY], out)).toEqual([
        `CheckpointError: shop: state/shop/run.json is corrupt (${found}): restore an older version of the object, or delete it`,
      ]);
    }
  });

  test("start options that differ from those of the open run", async () => {
    shop.respondAt("/items", 1, 418);
    const args = ["sync", "shop.json", ...WITH_KEY, "--out", "open", "--resource", "items"];
    expect(await restlake(args, shop.folder)).toMatchObject({ code: 1 });
    const { code, err } = await restlake([...args, "--refresh", "full"], shop.folder);
    expect(code).toBe(2);
    expect(err).toMatch(/^shop: run \S+ is open since \S+ and .*: finish it first .*new_run.*\n$/);
  });
});

describe("other commands", () => {
  test.for<[string, string[], string]>([
    [
      "a missing command",
      [],
      'unknown command "": choose from init, start, example, check, sync, offline, query, tables, report, package, deploy, remove',
    ],
    [
      "an unknown command",
      ["load"],
      'unknown command "load": choose from init, start, example, check, sync, offline, query, tables, report, package, deploy, remove',
    ],
    ["a misspelled command", ["chek"], 'unknown command "chek": did you mean check?'],
    [
      "start with an unknown source",
      ["start", "shop"],
      `unknown source "shop" (no such file in functions/): choose from ${SOURCES}`,
    ],
    ["start into a file", ["start", "--out", "file"], "--out file: cannot be written (ENOTDIR): choose another folder"],
    [
      "start with an invalid factor",
      ["start", "--wait-scale", "x"],
      '--wait-scale: expected number from 0 to 10, got "x"',
    ],
    ["offline with a source", ["offline", "shop"], 'unexpected argument "shop": npm run offline takes options only'],
    [
      "offline with a fractional port",
      ["offline", "--port", "1.5"],
      '--port: expected integer from 1 to 65000, got "1.5"',
    ],
  ])("%s is rejected with one line and exit code 2", async ([, args, err]) => {
    expect(await restlake(args, shop.folder)).toEqual({ code: 2, out: "", err: `${err}\n` });
  });

  test("offline names the server whose port is in use, and leaves no process running", async () => {
    const servers: Server[] = [];
    /** Occupies a port and starts `offline` the given distance before it. */
    const offlineBefore = async (distance: number): Promise<{ port: number; code: number | null; err: string }> => {
      const { port, server } = await occupyPort();
      servers.push(server);
      const args = ["offline", "--out", "offline", "--port", String(port - distance)];
      const { code, err } = await restlake(args, shop.folder);
      // Another process may use a port that should be free.
      return err.startsWith(`port ${port} `) ? { port, code, err } : offlineBefore(distance);
    };
    const advice = "is in use: stop the process that uses it, or choose other ports with --port\n";
    const atOnce = await offlineBefore(0);
    expect(atOnce).toMatchObject({ code: 2, err: `port ${atOnce.port} for the Lambda API ${advice}` });
    // The ports of the others follow the first one.
    const later = await offlineBefore(8);
    expect(later).toMatchObject({ code: 2, err: `port ${later.port} for S3 ${advice}` });
    for (const server of servers) server.close();
  });

  test("start stops what it has started if the lake cannot be written", async () => {
    const { code, err } = await restlake(["start", "--out", "blocked"], shop.folder);
    expect(code).toBe(2);
    expect(err).toMatch(/^the lake in \S+\/blocked cannot be written /);
  });
});

describe("--help", () => {
  test.for(COMMANDS)("prints usage, summary, every option and examples of $definition.name", async ({ definition }) => {
    const { name, summary, options, examples } = definition;
    const { code, out, err } = await restlake([name, "--help"], shop.folder);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^usage: npm (run )?${name} -- .*\\n\\n`));
    expect(out).toContain(`\n${summary}\n`);
    for (const [option, { meaning }] of Object.entries(options)) {
      expect(out.split("\n").find((line) => line.startsWith(`  --${option} `))).toContain(meaning);
    }
    for (const args of examples) expect(out).toContain(args);
  });

  test("takes precedence over other arguments, but not after --", async () => {
    expect(await restlake(["sync", "shop.json", "--nonsense", "--help"], shop.folder)).toMatchObject({ code: 0 });
    expect(await restlake(["check", "--", "--help"], shop.folder)).toMatchObject({ code: 2 });
  });

  test("has no line that wraps on a terminal with 80 columns", () => {
    for (const { definition } of COMMANDS) {
      expect(
        helpText(definition, 80)
          .split("\n")
          .filter((line) => line.length > 80),
      ).toEqual([]);
    }
  });
});
