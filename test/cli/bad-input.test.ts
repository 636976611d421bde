import { mkdirSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { occupyPort, UNREACHABLE } from "../ports.ts";
import { restlake } from "./command.fixture.ts";
import { filesBelow } from "./lake.fixture.ts";
import { KEY, type Shop, startShop } from "./shop.fixture.ts";

const SOURCES = "asset_management, inventory_management, order_management, stock_analytics, workforce_analytics";
const SECRET_FORM = "--secret must be name=value (what was given is not shown here)";
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
    "mistakes.json",
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

/** Arguments after `sync`, the exit code, and what stderr says: all of it, or what matches. */
type Mistake = [name: string, args: string[], code: number, err: string | RegExp];

/** One line for each of a config's mistakes; the allowed keys grow with the config schema. */
const linesOf = (...lines: RegExp[]): RegExp =>
  new RegExp(`^${lines.map(({ source }) => `mistakes\\.json: ${source}\\n`).join("")}$`);

const mistakes: Mistake[] = [
  ["no source", [], 2, /^give a source\nusage: npm run sync -- <source> \[options\]\n(.*\n)*$/],
  ["two sources", ["shop.json", "shops.json"], 2, "give one source, not shop.json and shops.json"],
  [
    "a source that is not there",
    ["shops"],
    2,
    `there is no source "shops" in functions/; there are: ${SOURCES}. Or give the path of a .ts, .js, .json or .yaml config`,
  ],
  ["a file that is not there", ["shops.json"], 2, "shops.json: there is no such file"],
  ["a file of another kind", ["./notes.md"], 2, "./notes.md: must be a .ts, .js, .mjs, .json, .yaml, .yml file"],
  ["no JSON", ["text.json"], 2, "text.json:4:14: is not JSON: Unexpected token 's'"],
  ["no YAML", ["text.yaml"], 2, "text.yaml:3:1: is not YAML: a tab in the indentation, which takes spaces"],
  ["JSON that is no object", ["list.json"], 2, "list.json: must be an object with client and resources"],
  [
    "a module without a source",
    ["no-source.ts"],
    2,
    "no-source.ts: exports no source; write: export const source = defineSource({...})",
  ],
  ["a syntax error", ["syntax.ts"], 2, /^syntax\.ts:2: cannot be loaded: SyntaxError: Unexpected token `,`\. .*\n$/],
  [
    "an import of nothing",
    ["import.ts"],
    2,
    /^import\.ts: cannot be loaded: Error: Cannot find module '.*nowhere.*\n$/,
  ],
  ["a module that throws", ["throws.js"], 2, "throws.js:1: cannot be loaded: Error: first line"],
  [
    "several mistakes in one config",
    ["mistakes.json", ...WITH_KEY],
    2,
    linesOf(
      /missing required key client\.base_url: expected http or https URL/,
      /client\.auth\.api_key: expected secret reference, got string: use secret\("api_key"\), or \{"secret": "api_key"\} in JSON and YAML/,
      /client\.auth\.location: expected "header", "query" or "cookie", got string/,
      /client: unknown key "base_ur": did you mean "base_url"\? Allowed keys: .+/,
      /resources\[0\]\.endpoint\.paginator\.type: expected .+, got "page_numbr": did you mean "page_number"\?/,
      /resources\[0\]: unknown key "colums": did you mean "columns"\? Allowed keys: .+/,
    ),
  ],
  [
    "a missing secret",
    ["shop.json"],
    2,
    "shop needs the secret api_key: give --secret api_key=... or RESTLAKE_SECRET_API_KEY in the environment",
  ],
  ["a secret without a name", ["shop.json", "--secret", KEY], 2, SECRET_FORM],
  ["a secret without a value", ["shop.json", "--secret", "api_key="], 2, SECRET_FORM],
  [
    "a resource that is not there",
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
    "a base_url that is none",
    ["shop.json", ...WITH_KEY, "--base-url", "nowhere"],
    2,
    'shop: base_url "nowhere" is not an http or https URL',
  ],
  [
    "an option that is not there",
    ["shop.json", `--sercet=api_key=${KEY}`],
    2,
    "there is no option --sercet; there are: --base-url, --secret, --resource, --out, --new-run, --refresh, --window-start, --window-end, --time-budget, --request-timeout, --wait-scale, --json",
  ],
  ["an option without its value", ["shop.json", "--out"], 2, "--out needs a value"],
  ["a value for a switch", ["shop.json", "--json=yes"], 2, "--json takes no value"],
  [
    "a value that looks like an option",
    ["shop.json", "--wait-scale", "-1"],
    2,
    "--wait-scale needs a value; one that begins with a dash is written --wait-scale=-...",
  ],
  ["another refresh", ["shop.json", ...WITH_KEY, "--refresh", "some"], 2, '--refresh can only be "full"'],
  [
    "half a window",
    ["shop.json", ...WITH_KEY, "--window-end", "2026-01-01"],
    2,
    "--window-start and --window-end belong together: a window has two ends",
  ],
  [
    "a window that ends before it starts",
    ["shop.json", ...WITH_KEY, "--window-start", "10", "--window-end", "9"],
    2,
    "--window-start 10 must be before --window-end 9, which is not part of the window",
  ],
  [
    "a window and a refresh",
    ["shop.json", ...WITH_KEY, "--refresh", "full", "--window-start", "1", "--window-end", "2"],
    2,
    "--refresh full and a window exclude each other: a window leaves everything else alone",
  ],
  [
    "a number that is none",
    ["shop.json", "--time-budget", "soon"],
    2,
    '--time-budget must be a number from 0.001 to 1000000, and is "soon"',
  ],
  [
    "a number out of bounds",
    ["shop.json", "--request-timeout", "0"],
    2,
    '--request-timeout must be a number from 0.001 to 1000000, and is "0"',
  ],
  [
    "a number that is empty",
    ["shop.json", "--wait-scale="],
    2,
    '--wait-scale must be a number from 0 to 10, and is ""',
  ],
  [
    "a file where the lake should be",
    ["shop.json", ...WITH_KEY, "--out", "file"],
    2,
    "--out file: cannot be written (ENOTDIR): choose a folder that can",
  ],
  [
    "a file where the lake's objects should be",
    ["shop.json", ...WITH_KEY, "--out", "blocked"],
    2,
    /^the lake in \S+\/blocked cannot be written \((EEXIST|ENOTDIR) at \S+\/s3\S*\): choose another folder with --out\n$/,
  ],
  [
    "a folder that cannot be made",
    ["shop.json", ...WITH_KEY, "--out", "/proc/lake"],
    2,
    "--out /proc/lake: cannot be written (ENOENT): choose a folder that can",
  ],
];

test.concurrent.for(mistakes)("sync, %s", async ([, args, code, err]) => {
  const ended = await restlake(["sync", ...args], shop.folder);
  expect(ended).toEqual({ code, out: "", err: err instanceof RegExp ? expect.stringMatching(err) : `${err}\n` });
  expect(ended.err).not.toContain(KEY);
});

describe("what only shows while it runs", () => {
  /** stderr, line by line; no run may look done, and no file may have the key in it. */
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
      "shop.items: AuthError: page 1: the API returned 401 again after the secret was reloaded: put a valid key into the secret",
      failed("AuthError"),
    ]);
  });

  test("an API that cannot be reached", async () => {
    const unreachable = ["--base-url", UNREACHABLE];
    expect(await failing(["far.json", ...WITH_KEY, ...unreachable, "--wait-scale", "0"], "far")).toEqual([
      expect.stringMatching(
        /^shop\.items: HttpError: page 1: the API cannot be reached \(ECONNREFUSED, after 2 retries\): check base_url and path, and the network$/,
      ),
      failed("HttpError"),
    ]);
  });

  test("a run.json that is corrupt, or was never ours", async () => {
    for (const [out, found] of [
      ["corrupt", "invalid JSON"],
      ["foreign", "not a valid run record"],
    ] as const) {
      expect(await failing(["shop.json", ...WITH_KEY], out)).toEqual([
        `CheckpointError: shop: state/shop/run.json is corrupt (${found}): restore an older version of the object, or delete it`,
      ]);
    }
  });

  test("a wish that the open run is not", async () => {
    shop.answerAt("/items", 1, 418);
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
      "no command",
      [],
      'restlake: unknown command ""; there are: start, example, check, sync, offline, query, tables, report',
    ],
    [
      "a command that is not there",
      ["sink"],
      'restlake: unknown command "sink"; there are: start, example, check, sync, offline, query, tables, report',
    ],
    [
      "start of a source that is not there",
      ["start", "shop"],
      `there is no source "shop" in functions/; there are: ${SOURCES}`,
    ],
    [
      "start into a file",
      ["start", "--out", "file"],
      "--out file: cannot be written (ENOTDIR): choose a folder that can",
    ],
    [
      "start with a factor that is none",
      ["start", "--wait-scale", "x"],
      '--wait-scale must be a number from 0 to 10, and is "x"',
    ],
    ["offline with a source", ["offline", "shop"], "npm run offline takes no source: all Lambdas are up"],
    ["offline at half a port", ["offline", "--port", "1.5"], "--port must be a whole number, and is 1.5"],
  ])("%s", async ([, args, err]) => {
    expect(await restlake(args, shop.folder)).toEqual({ code: 2, out: "", err: `${err}\n` });
  });

  test("offline names the server whose port is in use, and leaves no process running", async () => {
    const servers: Server[] = [];
    /** Occupies a port and starts `offline` at so many ports before it. */
    const offlineBefore = async (distance: number): Promise<{ port: number; code: number | null; err: string }> => {
      const { port, server } = await occupyPort();
      servers.push(server);
      const args = ["offline", "--out", "offline", "--port", String(port - distance)];
      const { code, err } = await restlake(args, shop.folder);
      // Another process may have the port that is to be free.
      return err.startsWith(`port ${port} `) ? { port, code, err } : offlineBefore(distance);
    };
    const advice = "is in use: stop what listens there, or take other ports with --port\n";
    const atOnce = await offlineBefore(0);
    expect(atOnce).toMatchObject({ code: 2, err: `port ${atOnce.port} for the Lambda API ${advice}` });
    // The ports of the others follow the first one.
    const later = await offlineBefore(8);
    expect(later).toMatchObject({ code: 2, err: `port ${later.port} for S3 ${advice}` });
    for (const server of servers) server.close();
  });

  test("start into a lake whose objects cannot be written ends what it had started already", async () => {
    const { code, err } = await restlake(["start", "--out", "blocked"], shop.folder);
    expect(code).toBe(2);
    expect(err).toMatch(/^the lake in \S+\/blocked cannot be written /);
  });

  test("--help is no mistake", async () => {
    for (const command of ["start", "example", "check", "sync", "offline", "query"]) {
      const { code, out, err } = await restlake([command, "--help"], shop.folder);
      expect({ code, err }).toEqual({ code: 0, err: "" });
      expect(out).toMatch(/^usage: npm (start|run \w+) -- /);
    }
  });
});
