import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ...readdirSync(join(PROJECT, "docs"))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `docs/${file}`),
];

const read = (file: string): string => readFileSync(join(PROJECT, file), "utf8");

test("every npm script in the documents exists", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const document of DOCUMENTS) {
    const named = [...read(document).matchAll(/npm (?:run (?:--silent )?)([a-z:]+)/g)].map(
      (match) => match[1] as string,
    );
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  }
});

test("every link in the documents leads to an existing file or folder", () => {
  for (const document of DOCUMENTS) {
    const links = [...read(document).matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] as string);
    for (const link of links.filter((target) => !target.startsWith("http"))) {
      expect(existsSync(join(PROJECT, dirname(document), link)), `${link} in ${document}`).toBe(true);
    }
  }
});
