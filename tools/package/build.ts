/**
 * Builds the npm package in `dist`: its package.json, and bundles of the commands, the plugin and the Lambdas. A user installs no
 * library for them.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nativeFetch } from "../../infra/native-fetch.ts";
import { packageManifest } from "./manifest.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const DIST = join(PROJECT, "dist");

/** Modules that a user, the framework, Node or the plugin loads by their path. They share everything else as chunks. */
const ENTRIES = [
  "cli/restlake.js",
  "cli/check/second-reading.ts",
  "infra/plugin.js",
  "infra/definition.ts",
  "infra/stack.ts",
  "lib/config/index.ts",
  "lib/aws/lambda.ts",
  "lib/aws/state-machine/open.ts",
  "lib/aws/state-machine/finish.ts",
  "local/exit-with-parent.ts",
];

/** Files that are part of the package as they are. */
const COPIED = ["LICENSE", "README.md", "CHANGELOG.md", "examples"];

const bundleModules = (external: string[]) =>
  build({
    absWorkingDir: PROJECT,
    entryPoints: ENTRIES,
    outdir: DIST,
    outbase: PROJECT,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    // `using` is not in Node 22.
    target: "node22",
    sourcemap: true,
    sourcesContent: false,
    mainFields: ["module", "main"],
    external,
    legalComments: "eof",
    plugins: [nativeFetch],
    // Some dependencies are CommonJS.
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "warning",
  });

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);
const repository = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8"));
const manifest = packageManifest(repository);
writeFileSync(join(DIST, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
for (const path of COPIED) cpSync(join(PROJECT, path), join(DIST, path), { recursive: true });
cpSync(join(PROJECT, "docs/source.schema.json"), join(DIST, "schema.json"));
await bundleModules([...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)]);
