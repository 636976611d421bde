import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { parse } from "yaml";
import { memoryEnvironment } from "../infra/memory.ts";
import plugins from "../infra/serverless.js";
import { nodeOf, runSubject } from "./processes.ts";

const { params, custom } = parse(readFileSync(new URL("../serverless.yml", import.meta.url), "utf8")) as {
  params: { default: { memory: number } };
  custom: { esbuild: BuildOptions & Record<string, unknown> };
};

/** What the Lambdas that serverless.yml deploys are told of their memory. */
export const LAMBDA_MEMORY = memoryEnvironment(params.default.memory);

/** What a Lambda has in its environment, and the modules may ask for when they are loaded. */
const ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  ...LAMBDA_MEMORY,
  POWERTOOLS_SERVICE_NAME: "restlake",
  POWERTOOLS_LOG_LEVEL: "INFO",
};

/** Bundles a module, named from this folder, as serverless.yml says. */
export const bundle = async (module: string, outfile: string): Promise<void> => {
  // What is the framework's own.
  const { outputFileExtension, outputWorkFolder, watch, ...options } = custom.esbuild;
  await build({
    ...options,
    entryPoints: [fileURLToPath(new URL(module, import.meta.url))],
    outfile,
    plugins,
    logLevel: "error",
  });
};

const MODULES = { source: "../functions/order-management.ts", bare: "import-bare.ts" };

/**
 * Bundles the module of a source's Lambdas, and a bare one to compare it to.
 *
 * @returns subjects that import them once, in milliseconds; sizes without source maps in MB of 10^6 bytes.
 */
export const bundleSubjects = async (
  folder: string,
): Promise<{
  subjects: Record<keyof typeof MODULES, () => Promise<number>>;
  size_mb: Record<keyof typeof MODULES, number>;
}> => {
  const bundled = async (name: keyof typeof MODULES) => {
    const outfile = join(folder, `${name}.mjs`);
    await bundle(MODULES[name], outfile);
    const subject = () => runSubject<number>(nodeOf("import-time.ts", [outfile]), ENVIRONMENT);
    return { subject, size_mb: statSync(outfile).size / 1e6 };
  };
  const [source, bare] = [await bundled("source"), await bundled("bare")];
  return {
    subjects: { source: source.subject, bare: bare.subject },
    size_mb: { source: source.size_mb, bare: bare.size_mb },
  };
};
