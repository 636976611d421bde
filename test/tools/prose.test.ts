import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(PROJECT, "tools/prose/main.ts");

/** A word list with one entry: "zebra" is to be written "horse". */
const ZEBRA = "terms: [{ term: [zebra, zebras], write: horse }]\n";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "restlake-prose-"));
  spawnSync("git", ["init", "--quiet"], { cwd: folder });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Writes files into the folder, by path. */
const write = (files: Record<string, string>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
};

/** Runs the check in the folder. */
const run = (args: string[], cwd = folder) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], { cwd, encoding: "utf8" });
  return { code: status, out: stdout.trimEnd().split("\n"), err: stderr.trimEnd() };
};

/** The hits in files, `line:column term` each, by a word list. */
const hits = (files: Record<string, string>, list = ZEBRA): string[] => {
  write({ ...files, "words/list.yml": `ignore: [words/**]\n${list}` });
  const { out, err } = run(["--words=words/list.yml"]);
  expect(err).toBe("");
  return out.slice(0, -1).map((line) => line.replace(/^[^:]+:(\d+:\d+): "(.*)": write ".*"$/, "$1 $2"));
};

describe("npm run prose", () => {
  test("prints place, term and replacement of every hit, a summary, and exits with 1", () => {
    write({ "a.ts": "// A zebra.\n", "b.md": "# Fine\n\nTwo Zebras\n", "words.yml": `ignore: [words.yml]\n${ZEBRA}` });
    expect(run(["--words=words.yml"])).toEqual({
      code: 1,
      out: ['a.ts:1:6: "zebra": write "horse"', 'b.md:3:5: "Zebras": write "horse"', "prose: 2 hits in 2 of 2 files"],
      err: "",
    });
  });

  test("exits with 0 when there are no hits", () => {
    write({ "a.ts": "// A horse.\n", "words.yml": `ignore: [words.yml]\n${ZEBRA}` });
    expect(run(["--words=words.yml"])).toEqual({ code: 0, out: ["prose: no hits in 1 file"], err: "" });
  });

  test("checks only the given files and folders", () => {
    write({ "a/x.ts": "// zebra\n", "b/y.ts": "// zebra\n", "z.ts": "// zebra\n", "words.yml": ZEBRA });
    expect(run(["--words=words.yml", "b", "z.ts"]).out).toEqual([
      'b/y.ts:1:4: "zebra": write "horse"',
      'z.ts:1:4: "zebra": write "horse"',
      "prose: 2 hits in 2 of 2 files",
    ]);
  });

  test("prints hits per file with --count, most hits first", () => {
    write({ "a.ts": "// zebra\n", "b.ts": "// zebra, zebras\n", "c.ts": "", "words.yml": ZEBRA });
    expect(run(["--words=words.yml", "--count", "a.ts", "b.ts", "c.ts"]).out).toEqual([
      "    2 b.ts",
      "    1 a.ts",
      "prose: 3 hits in 2 of 3 files",
    ]);
  });

  test("skips files that Git ignores and files that match ignore", () => {
    expect(hits({ ".gitignore": "build/\n", "build/a.ts": "// zebra\n", "words/a.ts": "// zebra\n" })).toEqual([]);
  });

  test("exits with 2 and one line for a missing path, an unknown option, a missing word list", () => {
    expect(run(["nowhere"])).toEqual({ code: 2, out: [""], err: "no such file or folder: nowhere" });
    expect(run(["--bogus"])).toEqual({
      code: 2,
      out: [""],
      err: expect.stringMatching(/^Unknown option '--bogus'.*$/),
    });
    expect(run(["--words=none.yml"]).err).toMatch(/^none\.yml: ENOENT: no such file.*$/);
  });

  test("exits with 2 and one line outside a Git clone", () => {
    rmSync(join(folder, ".git"), { recursive: true });
    expect(run([])).toEqual({ code: 2, out: [""], err: expect.stringMatching(/^cannot list files \(.+\): .+$/) });
  });

  test("finds nothing in its own files by the word list of this repository", () => {
    expect(run(["tools/prose"], PROJECT)).toEqual({
      code: 0,
      out: [expect.stringMatching(/no hits in \d+ files/)],
      err: "",
    });
  });
});

describe("in TypeScript and JavaScript, the check", () => {
  test.each([
    ["a line comment", "let a = 1; // one zebra\n", "1:19"],
    ["a docstring", "/**\n * Returns one\n * zebra.\n */\n", "3:4"],
    ["a block comment", "/* one zebra */\n", "1:8"],
    ["a string", 'const a = "one zebra";\n', "1:16"],
    ["a string in single quotes", "const a = 'one zebra';\n", "1:16"],
    ["a template", "const a = `one\nzebra`;\n", "2:1"],
    ["a template with interpolations", "const a = `one ${b} of ${c} zebra`;\n", "1:29"],
    ["a string inside an interpolation", 'const a = `${b ? "one zebra" : c}`;\n', "1:23"],
    ["a test title", 'test("counts every zebra", () => {});\n', "1:20"],
    ["a description of a schema", 'z.string().describe("Name of the zebra.")\n', "1:34"],
    ["the content of HTML", 'const a = `<p class="b c">the <b>zebra</b></p>`;\n', "1:34"],
    ["a string with escape sequences", 'const a = "\\u{1f600} \\n one zebra";\n', "1:29"],
  ])("finds a term in %s", (_, source, place) => {
    expect(hits({ "a.ts": source, "b.js": source })).toEqual([`${place} zebra`, `${place} zebra`]);
  });

  test.each([
    ["identifiers and keys", "const zebra = { zebras: zebra.zebra };\n"],
    ["import specifiers", 'import { zebra } from "./zebra.ts";\n'],
    ["strings of one word", 'const a = "zebra";\n'],
    ["regular expressions", "const a = / the zebra /;\n"],
    ["inline code of comments", "// `the zebra` and `zebra`\n"],
    ["inline code of templates", "const a = `see \\`the zebra\\` there`;\n"],
    ["interpolations", "const a = `see the ${zebra} there`;\n"],
    ["HTML tags", 'const a = `<p class="the zebra">of the</p>`;\n'],
    ["URLs", "// https://example.com/zebra/zebra and more\n"],
    ["paths and names of files", "// /zebra, lib/zebra.ts, zebra.ts, zebra/a, zebra_b and x-zebra\n"],
    ["longer words", "// zebraic prezebra\n"],
  ])("does not match %s", (_, source) => {
    expect(hits({ "a.ts": source })).toEqual([]);
  });
});

describe("in other files, the check", () => {
  test.each([
    ["a Markdown paragraph", "a.md", "# One\n\nThe [zebra](zebra.md)\n", "3:6"],
    ["a YAML comment", "a.yml", "a: 1 # one zebra\n", "1:12"],
    ["a YAML scalar", "a.yaml", "a: one zebra\nzebra: zebra\n", "1:8"],
    ["a quoted YAML scalar", "a.yaml", 'a: "one zebra # b"\n', "1:9"],
    ["a YAML block", "a.yaml", "a: |\n  one\n  zebra\n", "3:3"],
    ["a Python docstring", "a.py", 'def zebra():\n    """One zebra."""\n', "2:12"],
    ["a Python comment", "a.py", "zebra = 1  # one zebra\n", "1:18"],
    ["a shell script without an extension", "run", "#!/usr/bin/env bash\nzebra # one zebra\n", "2:13"],
    ["a message of a shell script", "a.sh", 'echo "no # other zebra"\n', "1:18"],
    ["package.json's description", "package.json", '{ "name": "the zebra", "description": "Any zebra" }\n', "1:44"],
  ])("finds a term in %s", (_, path, source, place) => {
    expect(hits({ [path]: source })).toEqual([`${place} zebra`]);
  });

  test("does not match code in Markdown", () => {
    const fences = "```sh\nzebra\n```\n\n  ~~~~\n  zebra\n  ~~~\n  zebra\n  ~~~~\n";
    const inline = '`zebra` <a name="zebra"></a> <!-- zebra -->\n';
    expect(hits({ "a.md": `${fences}${inline}zebras\n` })).toEqual(["11:1 zebras"]);
  });

  test("does not match files of an unknown kind", () => {
    expect(hits({ "a.svg": "<text>one zebra</text>\n", "data.csv": "one zebra\n" })).toEqual([]);
  });
});

describe("an entry", () => {
  test("matches a phrase across a line break, and not across paragraphs", () => {
    const list = "terms: [{ term: once upon, write: first }]";
    const matching = { "a.ts": "// It was once\n// upon\n", "b.yml": "# once\n# upon\n", "c.md": "once\nupon\n" };
    expect(hits(matching, list).map((hit) => hit.replaceAll(/ +/g, " "))).toEqual([
      "1:11 once upon",
      "1:3 once upon",
      "1:1 once upon",
    ]);
    const apart = {
      "a.ts": "/**\n * once\n *\n * upon\n */\n",
      "b.yml": "# once\n\n# upon\n",
      "c.md": "once\n\nupon\n",
    };
    expect(hits(apart, list)).toEqual([]);
  });

  test("may be a regular expression, whose spaces match line breaks outside of character classes", () => {
    const list = "terms: [{ pattern: '(?<!no )(?-i:Zebra) r[ua ]n', write: b }]";
    expect(hits({ "a.md": "no Zebra run, zebra run, a Zebra\nran, Zebra r n\n" }, list)).toEqual([
      "1:28 Zebra ran",
      "2:6 Zebra r n",
    ]);
  });

  test("may be limited by the sentence around the term", () => {
    const source = { "a.md": "A zebra of stripes. A zebra\nof dots! One zebra.\n" };
    const places = (rule: string) => hits(source, `terms: [{ term: zebra, write: horse, ${rule} }]`);
    expect(places("only: \\bdots")).toEqual(["1:23 zebra"]);
    expect(places("except: zebra of")).toEqual(["2:14 zebra"]);
  });

  test("may be limited to kinds of passages", () => {
    const source = { "a.ts": "/** zebra */\n// zebra\nconst a = 'a zebra';\nzebra;\n", "b.md": "zebra\n" };
    const places = (kinds: string) => hits(source, `terms: [{ term: zebra, write: horse, kinds: [${kinds}] }]`);
    expect(places("docstring")).toEqual(["1:5 zebra"]);
    expect(places("comment, markdown")).toEqual(["2:4 zebra", "1:1 zebra"]);
    expect(places("string")).toEqual(["3:14 zebra"]);
    expect(places("file")).toEqual(["1:5 zebra", "2:4 zebra", "3:14 zebra", "4:1 zebra", "1:1 zebra"]);
  });

  test("may be limited to paths", () => {
    const source = { "a/b.md": "zebra\n", "c.md": "a zebra\n" };
    const places = (rule: string) => hits(source, `terms: [{ term: zebra, write: horse, ${rule} }]`);
    expect(places("paths: [a/**]")).toEqual(["1:1 zebra"]);
    expect(places("except_paths: ['**/b.md']")).toEqual(["1:3 zebra"]);
  });

  test("wins over later entries at the same position", () => {
    const list = "terms: [{ term: zebra crossing, write: a }, { term: zebra, write: b }]";
    expect(hits({ "a.md": "zebra crossing\n" }, list)).toEqual(["1:1 zebra crossing"]);
  });
});

describe("an invalid word list ends the check with exit code 2 and one clear message for", () => {
  test.each([
    ["a YAML error", "terms: [\n", /^words\.yml: .+ at line \d+, column \d+$/],
    ["no terms", "terms: []\n", /^words\.yml: terms: Too small: .+$/],
    [
      "an unknown key",
      "terms: [{ term: a, writ: b, write: c }]\n",
      /^words\.yml: terms\[0\]: Unrecognized key: "writ"$/,
    ],
    ["no replacement", "terms: [{ term: a }]\n", /^words\.yml: terms\[0\]\.write: .+$/],
    ["a bad pattern", "terms: [{ pattern: '(', write: b }]\n", /^words\.yml: terms\[0\]\.pattern: Invalid regular .+$/],
    ["neither term nor pattern", "terms: [{ write: b }]\n", /^words\.yml: terms\[0\]: needs either term or pattern$/],
    ["a term that needs a pattern", "terms: [{ term: 'a(', write: b }]\n", /^words\.yml: terms\[0\]\.term: .+$/],
    ["an empty file", "", /^words\.yml: word list: .+$/],
  ])("%s", (_, list, message) => {
    write({ "words.yml": list });
    expect(run(["--words=words.yml"])).toEqual({ code: 2, out: [""], err: expect.stringMatching(message) });
  });
});
