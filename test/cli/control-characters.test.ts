import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logText } from "../../cli/lambda-log.ts";
import { createProgress } from "../../cli/progress.ts";
import { printable, styled } from "../../cli/terminal.ts";
import { reply, startApi } from "../configs/conversation.fixture.ts";
import { type Ended, jsonLines, restlake } from "./command.fixture.ts";

/** Clears the screen, sets the title, hides text, goes back one line, and reverses the text after it. */
const HOSTILE = "\u001b[2J\u001b]0;mine\u0007\u009b8m\u001bM\r\u007f\u0085\u2028\u202egpj.exe\u200f\u2066\u061c";

/** Characters that no output may contain. */
const FORBIDDEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;

const forbiddenIn = (text: string): string[] =>
  text.split(/[\n\t]/).flatMap((line) => (FORBIDDEN.test(line) ? [JSON.stringify(line)] : []));

/** Returns a string as it is printed, without bold and red, which only restlake itself may print. */
const withoutStyles = (text: string): string =>
  ["[1m", "[22m", "[31m", "[39m"].reduce((shown, style) => shown.replaceAll(`\u001b${style}`, ""), printable(text));

const folder = mkdtempSync(join(tmpdir(), "restlake-terminal-"));
const out = join(folder, "lake");
let api: Awaited<ReturnType<typeof startApi>>;

const run = (...args: string[]): Promise<Ended> => restlake(args, folder);

const expectClean = ({ out, err }: Ended): void => {
  expect(forbiddenIn(out)).toEqual([]);
  expect(forbiddenIn(err)).toEqual([]);
};

beforeAll(async () => {
  const row = { id: 1, [`na${HOSTILE}me`]: HOSTILE, nested: { [HOSTILE]: [HOSTILE] }, code: HOSTILE };
  api = await startApi(({ url }) => {
    if (url.pathname === "/rows") return [row];
    if (url.pathname === "/refused") return reply(403, { error: HOSTILE });
    if (url.pathname === "/broken") return reply(500, `<pre>${HOSTILE}`);
    if (url.pathname === "/enveloped") return { error: { message: HOSTILE, code: 1 } };
    if (url.pathname === "/elsewhere") return { data: [{ id: 1 }], next: `https://other.invalid/${HOSTILE}` };
    return reply(404, { message: HOSTILE });
  });
  const client = { base_url: api.url, error_handler: { max_retries: 0 } };
  const rows = { name: "rows", primary_key: "id", max_table_nesting: 1, endpoint: { path: "rows" } };
  const failing = ["refused", "broken", "enveloped", "elsewhere"].map((name) => ({ name, endpoint: name }));
  const child = { name: "children", endpoint: { path: "children/{resources.rows.code}" } };
  const config = { name: "hostile", client, resources: [rows, child, ...failing] };
  writeFileSync(join(folder, "hostile.json"), JSON.stringify(config));
  writeFileSync(join(folder, "named.json"), JSON.stringify({ ...config, [HOSTILE]: 1, name: HOSTILE }));
  const described = { ...rows, columns: { note: { data_type: "text", description: HOSTILE } } };
  writeFileSync(join(folder, "described.json"), JSON.stringify({ ...config, resources: [described] }));
});

afterAll(async () => {
  await api[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

describe("control and bidirectional characters from an API or a config", () => {
  test("are escaped by check --live, in columns, error bodies and next links", async () => {
    const ended = await run("check", "hostile.json", "--live");
    expect(ended.code).toBe(1);
    expectClean(ended);
    expect(ended.out).toContain("\\u001b");
  });

  test("are escaped by the plan of check, and in messages about an invalid config", async () => {
    expectClean(await run("check", "described.json"));
    const ended = await run("check", "named.json");
    expect(ended.code).toBe(2);
    expectClean(ended);
  });

  test("are escaped by sync in progress, errors and summary, and by query, tables and report afterwards", async () => {
    const loaded = await run("sync", "hostile.json", "--out", out);
    expect(loaded.code).toBe(1);
    expectClean(loaded);
    expect(loaded.err).toContain("\\u001b[2J");
    for (const args of [["query"], ["query", "describe hostile.rows"], ["query", "select * from hostile.rows"]]) {
      const ended = await run(...args, "--out", out);
      expect(ended).toMatchObject({ code: 0, err: "" });
      expectClean(ended);
    }
    expectClean(await run("query", `select '${HOSTILE}'::int`, "--out", out));
    for (const format of ["athena", "glue", "json-schema"]) {
      expectClean(await run("tables", "described.json", "--format", format, "--out", out));
    }
    expectClean(await run("report", "--no-open", "--out", out));
    const pages = join(out, "s3", "lake", "reports", "hostile");
    const html = readdirSync(pages).filter((file) => file.endsWith(".html"));
    expect(html).toHaveLength(1);
    // Marks such as U+200F belong to Hebrew and Arabic. A page isolates them.
    const lines = html.flatMap((file) => readFileSync(join(pages, file), "utf8").split("\n"));
    expect(lines.filter((line) => /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(line))).toEqual([]);
  });

  test("are escaped in --json, whose values stay the same", async () => {
    const queried = await run("query", "select code from hostile.rows", "--json", "--out", out);
    expectClean(queried);
    expect(jsonLines(queried.out)).toEqual([{ code: HOSTILE }]);
    const nested = await run("query", "select * from hostile.rows", "--json", "--out", out);
    expectClean(nested);
    expect(JSON.stringify(jsonLines(nested.out))).toContain(JSON.stringify([HOSTILE]));
    const synced = await run("sync", "hostile.json", "--new-run", "--json", "--out", out);
    expectClean(synced);
    const summary = jsonLines(synced.out).at(-1) as { resources: { resource: string; error: string | null }[] };
    const broken = summary.resources.find(({ resource }) => resource === "broken");
    expect(broken?.error).toContain("\u001b[2J");
  });

  test("are escaped in live lines and log lines, which keep the styles of restlake itself", () => {
    const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 200, rows: 10 });
    const progress = createProgress(new Map([["shop", 1]]), stream as unknown as NodeJS.WriteStream);
    const event = { source: "shop", resource: "items" };
    progress.sink({ ...event, type: "page", page: 1, rows: 1 });
    progress.sink({ ...event, type: "wait", seconds: 2, reason: HOSTILE });
    progress.say(HOSTILE);
    progress.sink({ ...event, type: "failure", name: "HttpError", message: HOSTILE });
    progress.end();
    const shown = String(stream.read());
    for (const part of ["\u001b[2J", "\u0007", "\u007f", "\u009b", "\u2028", "\u202e"])
      expect(shown).not.toContain(part);
    expect(shown).toContain("waits 2.0 s (\\u001b[2J");
    const log = {
      level: "ERROR",
      message: HOSTILE,
      timestamp: "2026-11-20T11:39:07.332Z",
      source: "shop",
      why: HOSTILE,
    };
    expect(forbiddenIn(withoutStyles(logText(JSON.stringify(log)) as string))).toEqual([]);
  });
});

describe("a style", () => {
  test("takes effect when it is printed, and never contains an escape sequence of its text", () => {
    const text = styled(["bold"], "\u001b[8mhidden");
    expect(forbiddenIn(text)).toEqual([]);
    expect(withoutStyles(text)).toBe("\\u001b[8mhidden");
  });
});

describe("the commands", () => {
  test("print in one place only", () => {
    const cli = fileURLToPath(new URL("../../cli", import.meta.url));
    const printing = readdirSync(cli, { recursive: true, encoding: "utf8" }).filter(
      (file) =>
        file.endsWith(".ts") &&
        /\bconsole\.|\bstd(out|err)\.write\b|styleText|log-update|node:stream\/promises/.test(
          readFileSync(join(cli, file), "utf8"),
        ),
    );
    expect(printing).toEqual(["terminal.ts"]);
  });
});
