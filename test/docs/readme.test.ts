import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { sourceOf } from "../../infra/sources.ts";
import { resolveSource } from "../../lib/config/resolve.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ...readdirSync(join(PROJECT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

const read = (file: string): string => readFileSync(join(PROJECT, file), "utf8");
const folder = mkdtempSync(join(tmpdir(), "restlake-readme-"));

afterAll(() => rmSync(folder, { recursive: true }));

test("the source in the README is a source, with its child after its parent", async () => {
  const code = /```ts\n(\/\/ functions\/ticket-system\.ts\n[\s\S]*?)```/.exec(read("README.md"))?.[1] ?? "";
  const file = join(folder, "ticket-system.ts");
  writeFileSync(file, code.replaceAll('"../lib/', `"${pathToFileURL(PROJECT).href.replace(/\/$/, "")}/lib/`));
  const source = sourceOf("ticket-system.ts", await import(/* @vite-ignore */ file));
  expect(resolveSource(source).resources.map(({ name }) => name)).toEqual(["users", "tickets", "comments"]);
});

test("every npm script that a document names exists", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const document of DOCUMENTS) {
    const named = [...read(document).matchAll(/npm (?:run (?:--silent )?)([a-z:]+)/g)].map(
      (match) => match[1] as string,
    );
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  }
});

test("every file and folder that a document links to exists", () => {
  for (const document of DOCUMENTS) {
    const links = [...read(document).matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] as string);
    for (const link of links.filter((target) => !target.startsWith("http"))) {
      expect(existsSync(join(PROJECT, dirname(document), link)), `${link} in ${document}`).toBe(true);
    }
  }
});
