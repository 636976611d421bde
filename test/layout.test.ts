import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/** Top-level folders, lowest first: an import goes to a folder further down this list only, or stays in its own. */
const FOLDERS = [["lib"], ["functions"], ["infra"], ["local"], ["cli"], ["create-restlake"]];

/** Layers of `lib/`, lowest first: an import goes to a lower layer only, or stays in its own module. */
const LAYERS = [
  ["errors", "ports"],
  ["concurrency", "json", "metering", "time"],
  ["columns", "secrets"],
  ["config"],
  ["http", "pagination", "rows"],
  ["lake"],
  ["parts", "tables", "report"],
  ["extract"],
  ["run"],
  ["aws"],
];

/** Files of a project by path, with the paths that each imports. */
type Imports = Map<string, string[]>;

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(\s*(?:\/\*.*?\*\/\s*)?|^import\s+)"(\.[^"]+)"/gm;

const importsOf = (file: string, text: string): string[] =>
  [...text.matchAll(IMPORT)].map(([, path]) => normalize(join(dirname(file), path as string)));

const readImports = (): Imports =>
  new Map(
    FOLDERS.flat()
      .flatMap((folder) => {
        try {
          return readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" }).map(
            (file) => `${folder}/${file}`,
          );
        } catch {
          return [];
        }
      })
      .filter((file) => /\.(ts|js)$/.test(file) && !file.includes("node_modules"))
      .map((file) => [file, importsOf(file, readFileSync(join(PROJECT, file), "utf8"))]),
  );

const levelIn = (order: string[][], name: string | undefined): number =>
  order.findIndex((level) => level.includes(name ?? ""));

/** Imports that go up or sideways: `a.ts imports b.ts` each. */
const wrongWay = (imports: Imports, order: string[][], segment: number): string[] =>
  [...imports].flatMap(([file, targets]) =>
    targets
      .filter((target) => {
        const [own, other] = [file.split("/")[segment], target.split("/")[segment]];
        if (own === other || levelIn(order, other) === -1) return false;
        return levelIn(order, own) <= levelIn(order, other);
      })
      .map((target) => `${file} imports ${target}`),
  );

/** Files that import each other, directly or through others: the shortest way round for each, `a.ts -> b.ts -> a.ts`. */
const circles = (imports: Imports): string[] => {
  const found = new Set<string>();
  for (const start of imports.keys()) {
    const cameFrom = new Map<string, string>();
    const queue = [start];
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      for (const target of imports.get(file) ?? []) {
        if (target === start) {
          const way = [start];
          for (let step: string | undefined = file; step !== undefined && step !== start; step = cameFrom.get(step)) {
            way.unshift(step);
          }
          const least = way.indexOf([...way].sort()[0] as string);
          const rotated = [...way.slice(least), ...way.slice(0, least)];
          found.add([...rotated, rotated[0]].join(" -> "));
        } else if (!cameFrom.has(target)) {
          cameFrom.set(target, file);
          queue.push(target);
        }
      }
    }
  }
  return [...found];
};

const project = readImports();
const library = new Map([...project].filter(([file]) => file.startsWith("lib/")));

describe("the layout of this repository", () => {
  test("every folder of the product has a place in the order", () => {
    const modules = new Set([...library.keys()].map((file) => file.split("/")[1]));
    expect([...modules].sort()).toEqual(LAYERS.flat().sort());
    expect(project.size).toBeGreaterThan(200);
  });

  test("no import goes from a top-level folder to one above it", () => {
    expect(wrongWay(project, FOLDERS, 0)).toEqual([]);
  });

  test("no import of lib goes to a higher layer, or to another module of the same layer", () => {
    expect(wrongWay(library, LAYERS, 1)).toEqual([]);
  });

  test("no two files import each other, directly or through others", () => {
    expect(circles(project)).toEqual([]);
  });
});

describe("the test of the layout itself", () => {
  test("names both files of an import that goes up or sideways", () => {
    const imports: Imports = new Map([
      ["lib/json/a.ts", ["lib/http/b.ts", "lib/time/c.ts", "lib/errors/d.ts", "lib/json/e.ts"]],
    ]);
    expect(wrongWay(imports, LAYERS, 1)).toEqual([
      "lib/json/a.ts imports lib/http/b.ts",
      "lib/json/a.ts imports lib/time/c.ts",
    ]);
    expect(wrongWay(new Map([["infra/a.ts", ["cli/b.ts", "lib/c/d.ts"]]]), FOLDERS, 0)).toEqual([
      "infra/a.ts imports cli/b.ts",
    ]);
  });

  test("names the files of an import cycle once, whatever its length", () => {
    const imports: Imports = new Map([
      ["a.ts", ["b.ts"]],
      ["b.ts", ["c.ts"]],
      ["c.ts", ["a.ts"]],
      ["d.ts", ["a.ts"]],
    ]);
    expect(circles(imports)).toEqual(["a.ts -> b.ts -> c.ts -> a.ts"]);
  });

  test("sees imports of types, of side effects, exports and dynamic imports", () => {
    const text =
      'import type { A } from "./a.ts";\nimport "./b.ts";\nexport * from "../c.ts";\nawait import("./d.ts");\nimport x from "y";';
    expect(importsOf("lib/json/x.ts", text)).toEqual(["lib/json/a.ts", "lib/json/b.ts", "lib/c.ts", "lib/json/d.ts"]);
  });
});
