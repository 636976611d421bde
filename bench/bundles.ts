import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { LAMBDA_BUNDLE } from "../infra/bundle.ts";
import { memoryEnvironment } from "../infra/memory.ts";
import { DEFAULT_MEMORY } from "../infra/options.ts";
import { nodeCommand, runSubject } from "./processes.ts";

/** Environment variables of a deployed Lambda that depend on its memory. */
export const LAMBDA_MEMORY = memoryEnvironment(DEFAULT_MEMORY);

/** Environment variables of a Lambda that modules may read when they are loaded. */
const ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  ...LAMBDA_MEMORY,
  POWERTOOLS_SERVICE_NAME: "restlake",
  POWERTOOLS_LOG_LEVEL: "INFO",
};

/**
 * Bundles a module as the plugin bundles Lambdas.
 *
 * @param module relative to this folder.
 */
export const bundle = async (module: string, outfile: string): Promise<void> => {
  await build({
    ...LAMBDA_BUNDLE,
    entryPoints: [fileURLToPath(new URL(module, import.meta.url))],
    outfile,
    logLevel: "error",
  });
};

const MODULES = { source: "source-lambda.ts", "SDK clients": "import-sdk.ts" };

/**
 * Bundles the module of a source's Lambdas, and a module with only the SDK clients to compare it with.
 *
 * @returns subjects that import a bundle and return the milliseconds; sizes without source maps in MB of 10^6 bytes.
 */
export const bundleSubjects = async (
  folder: string,
): Promise<{
  subjects: Record<keyof typeof MODULES, () => Promise<number>>;
  size_mb: Record<keyof typeof MODULES, number>;
}> => {
  const bundled = async (name: keyof typeof MODULES) => {
    const outfile = join(folder, `${MODULES[name].replaceAll(/\W/g, "-")}.mjs`);
    await bundle(MODULES[name], outfile);
    const subject = () => runSubject<number>(nodeCommand("import-time.ts", [outfile]), ENVIRONMENT);
    return { subject, size_mb: statSync(outfile).size / 1e6 };
  };
  const [source, sdk] = [await bundled("source"), await bundled("SDK clients")];
  return {
    subjects: { source: source.subject, "SDK clients": sdk.subject },
    size_mb: { source: source.size_mb, "SDK clients": sdk.size_mb },
  };
};
