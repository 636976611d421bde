/** The parts of this repository's package.json that the npm package shares. */
interface Repository {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

/** Packages whose code cannot be bundled: they have a program for each platform. */
const INSTALLED = ["esbuild"];

/** Packages that only some commands need. Each command names what is missing. */
const OPTIONAL = ["serverless", "serverless-offline", "@duckdb/node-api"];

/** Returns the package.json of the npm package. Every other dependency of the repository is bundled. */
export const packageManifest = ({ name, version, description, license, dependencies, devDependencies }: Repository) => {
  const versions = { ...dependencies, ...devDependencies };
  const pick = (names: string[]) => Object.fromEntries(names.map((each) => [each, versions[each] as string]));
  return {
    name,
    version,
    description,
    license,
    type: "module",
    sideEffects: false,
    // Loads TypeScript sources without a flag.
    engines: { node: ">=22.18" },
    bin: { restlake: "cli/restlake.js" },
    exports: {
      ".": { types: "./types/lib/config/index.d.ts", default: "./lib/config/index.js" },
      "./cli": "./cli/restlake.js",
      "./plugin": "./infra/plugin.js",
      "./machine": { types: "./types/infra/definition.d.ts", default: "./infra/definition.js" },
      "./stack": { types: "./types/infra/stack.d.ts", default: "./infra/stack.js" },
      "./schema.json": "./schema.json",
      "./package.json": "./package.json",
    },
    dependencies: pick(INSTALLED),
    peerDependencies: pick(OPTIONAL),
    peerDependenciesMeta: Object.fromEntries(OPTIONAL.map((each) => [each, { optional: true }])),
  };
};
