import { writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { zipSync } from "fflate";
import type { Source } from "../lib/config/index.ts";
import { RestlakeError } from "../lib/errors/index.ts";
import { isConfigFile, readConfigFile } from "./config-file.ts";
import { STATE_MACHINE_LAMBDAS, stateMachineBundle } from "./lambdas.ts";
import { nativeFetch } from "./native-fetch.ts";
import { ownModule } from "./package-files.ts";
import { sourceOf } from "./sources.ts";

/** A source's file, and the name of its bundle. */
export interface BundledSource {
  /** Name of the file in messages. */
  file: string;
  /** Absolute path of the file. */
  path: string;
  /** Name of the bundle: `order-management`. */
  bundle: string;
}

const NAMESPACE = "restlake-source";

/** Options of esbuild for every Lambda: an ES module for Node 24 that contains Powertools and the SDK. */
export const LAMBDA_BUNDLE = {
  bundle: true,
  minify: true,
  sourcemap: true,
  // Stack traces require only names and lines, and Lambda loads the map at every cold start.
  sourcesContent: false,
  format: "esm",
  platform: "node",
  target: "node24",
  // The ES modules of the SDK, so that unused code is left out.
  mainFields: ["module", "main"],
  resolveExtensions: [".ts", ".js", ".json"],
  // Some dependencies are CommonJS.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  plugins: [nativeFetch],
  logLevel: "silent",
} satisfies BuildOptions;

const EXTENSION = ".mjs";

/** Returns the source of a JSON or YAML file as an expression: parser and config schema stay out of the bundle. */
const readExpression = (file: string, path: string): string => {
  const source: Source = sourceOf(file, { source: readConfigFile(file, path) });
  return `const source = ${JSON.stringify(source)};`;
};

/** Makes the module of a source's Lambdas: its config with a handler. Files are read again at every bundling. */
const sourceEntries = (sources: BundledSource[]): Plugin => ({
  name: "restlake-sources",
  setup(build) {
    const byBundle = new Map(sources.map((source) => [source.bundle, source]));
    build.onResolve({ filter: new RegExp(`^${NAMESPACE}:`) }, ({ path }) => ({
      path: path.slice(NAMESPACE.length + 1),
      namespace: NAMESPACE,
    }));
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path: bundle }) => {
      const { file, path } = byBundle.get(bundle) as BundledSource;
      try {
        const source = isConfigFile(path)
          ? readExpression(file, path)
          : `import { source } from ${JSON.stringify(path)};`;
        return {
          contents: `import { lambda } from ${JSON.stringify(ownModule("lib/aws/lambda"))};\n${source}\nexport const handler = lambda(source);\n`,
          resolveDir: dirname(path),
          loader: "js",
          watchFiles: [path],
        };
      } catch (error) {
        if (!(error instanceof RestlakeError)) throw error;
        // A thrown error would be printed with its stack trace.
        return { errors: [{ text: error.message }] };
      }
    });
  },
});

/**
 * Returns options of esbuild that bundle all Lambdas: one module for each source, and `open` and `finish`.
 *
 * @param folder where `<bundle>.mjs` and its source map go.
 */
export const bundleOptions = (sources: BundledSource[], folder: string) =>
  ({
    ...LAMBDA_BUNDLE,
    entryPoints: [
      ...sources.map(({ bundle }) => ({ in: `${NAMESPACE}:${bundle}`, out: bundle })),
      ...STATE_MACHINE_LAMBDAS.map((name) => ({
        in: ownModule(`lib/aws/state-machine/${name}`),
        out: stateMachineBundle(name),
      })),
    ],
    outdir: folder,
    outExtension: { ".js": EXTENSION },
    plugins: [sourceEntries(sources), ...LAMBDA_BUNDLE.plugins],
  }) satisfies BuildOptions;

/** Time of all files in a zip, so that equal code makes equal zips and is not deployed again. */
const ZIP_TIME = new Date(2000, 0, 1);

/**
 * Bundles all Lambdas and writes a zip for each bundle. The resources of a source share one.
 *
 * @returns the path of each zip by the name of its bundle.
 * @throws ConfigError for an invalid source; an error of esbuild for one that cannot be bundled.
 */
export const packageBundles = async (sources: BundledSource[], folder: string): Promise<Map<string, string>> => {
  const { outputFiles } = await build({ ...bundleOptions(sources, folder), write: false });
  const files = new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
  const modules = [...files.keys()].filter((name) => name.endsWith(EXTENSION));
  return new Map(
    modules.map((module) => {
      const bundle = module.slice(0, -EXTENSION.length);
      const contents = Object.fromEntries([module, `${module}.map`].map((name) => [name, files.get(name)!]));
      const path = join(folder, `${bundle}.zip`);
      writeFileSync(path, zipSync(contents, { mtime: ZIP_TIME, level: 9 }));
      return [bundle, path];
    }),
  );
};
