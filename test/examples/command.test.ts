import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { EXAMPLES_FOLDER } from "../../cli/example/catalogue.ts";
import { SECRETS } from "../../local/example-api/guards.ts";
import { jsonLines, restlake } from "../cli/command.fixture.ts";
import { filesBelow } from "../cli/lake.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "restlake-example-"));
const NAMES = readdirSync(EXAMPLES_FOLDER)
  .filter((file) => file !== "README.md")
  .map((file) => file.replace(/\.\w+$/, ""));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `npm run example`. In its output, the port of the API is replaced by PORT. */
const run = async (...args: string[]) => {
  const { code, out, err } = await restlake(["example", ...args], folder);
  return { code, out: out.replace(/127\.0\.0\.1:\d+/, "127.0.0.1:PORT"), err };
};

test("an example prints its requests, its tables, and a query for the rows", async () => {
  expect(await run("cursor", "--out", "lake")).toEqual({
    code: 0,
    err: "",
    out: [
      "Requests of examples/cursor.yaml to http://127.0.0.1:PORT:",
      "  200 GET /books/by-cursor",
      "  200 GET /books/by-cursor?after=cm93IDU",
      "  200 GET /books/by-cursor?after=cm93IDEw",
      "",
      "table                 rows  this run",
      "------------------------------------",
      "example_cursor.books    12        12",
      "",
      "Query the rows:",
      '  npm run query -- "select * from example_cursor.books limit 10" --out lake',
      "",
    ].join("\n"),
  });
  const queried = await restlake(
    ["query", "select * from example_cursor.books limit 10", "--out", "lake", "--json"],
    folder,
  );
  expect(jsonLines(queried.out)).toHaveLength(10);
  // The table appends: it has the rows of both runs.
  expect((await run("cursor.yaml", "--out", "lake")).out).toContain("example_cursor.books    24        12\n");
});

test("no output and no file of the lake contains a secret; the lake is .local without --out", async () => {
  const { code, out, err } = await run("oauth2_client_credentials");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toContain(
    [
      "  200 POST /oauth/token",
      "      grant_type=client_credentials&client_id=***&client_secret=***&scope=books:read",
      "  200 GET /books/with-oauth2",
      "      authorization: Bearer ***",
    ].join("\n"),
  );
  const stored = filesBelow(join(folder, ".local")).map((file) => readFileSync(file, "latin1"));
  expect(stored.length).toBeGreaterThan(3);
  for (const text of [out, ...stored]) for (const value of Object.values(SECRETS)) expect(text).not.toContain(value);
});

test("a resource that is not selected has no table, and the printed query reads the first table with rows", async () => {
  const { code, out } = await run("response-actions", "--out", "lake");
  expect(code).toBe(0);
  const [, tables = ""] = /\n-{20,}\n([\s\S]+?)\n\n/.exec(out) ?? [];
  expect(tables.split("\n").map((line) => line.split(/ +/))).toEqual([
    ["example_response_actions.summaries", "3", "3"],
    ["example_response_actions.stock", "12", "12"],
  ]);
  expect(out).toContain('"select * from example_response_actions.summaries limit 10"');
});

test("a failed example prints one line on stderr and exits with 1", async () => {
  const state = join(folder, "corrupt/s3/lake/state/example_cursor");
  mkdirSync(state, { recursive: true });
  writeFileSync(join(state, "run.json"), "{");
  const { code, out, err } = await run("cursor", "--out", "corrupt");
  expect({ code, out }).toEqual({ code: 1, out: "Requests of examples/cursor.yaml to http://127.0.0.1:PORT:\n" });
  expect(err).toMatch(/^CheckpointError: example_cursor: state\/example_cursor\/run\.json is corrupt \(.+\): .+\n$/);
});

test("without a name, all examples are listed with their descriptions", async () => {
  const { code, out, err } = await run();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  for (const name of NAMES) expect(out).toMatch(new RegExp(`^  ${name} +\\S.{10}`, "m"));
  expect(out).toContain("npm run example -- cursor\n");
  expect(Math.max(...out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(120);
});

test.for<[string, string[], string | RegExp]>([
  ["an unknown example", ["websocket"], /^unknown example "websocket": choose from (.+)\n$/],
  ["a misspelled example", ["cursr"], 'unknown example "cursr": did you mean cursor?\n'],
  [
    "a second example",
    ["cursor", "auto"],
    'unexpected argument "auto": npm run example takes one <name> (quote an argument with spaces)\n',
  ],
  ["a lake that cannot be written", ["cursor", "--out", "/proc/lake"], /^--out \/proc\/lake: cannot be written .+\n$/],
])("%s is rejected with one line and exit code 2", async ([, args, message]) => {
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  if (typeof message === "string") return expect(err).toBe(message);
  const [, names] = message.exec(err) ?? expect.fail(err);
  if (names !== undefined) expect(names.split(", ").sort()).toEqual(NAMES.toSorted());
});
