import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { nodeOf, runSubject } from "./processes.ts";

/** As in serverless.yml. */
const BANNER = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
/** What a Lambda has in its environment, and the modules may ask for when they are loaded. */
const ENVIRONMENT = {
  AWS_REGION: "eu-central-1",
  NODE_OPTIONS: "--enable-source-maps",
  POWERTOOLS_SERVICE_NAME: "restlake",
  POWERTOOLS_LOG_LEVEL: "INFO",
};

const MODULES = { source: "../functions/order-management.ts", bare: "import-bare.ts" };

/**
 * Bundles the module of a source's Lambdas, and a bare one to compare it to, as serverless.yml has it.
 *
 * @returns subjects that import them once, in milliseconds; sizes without source maps in MB of 10^6 bytes.
 */
export const bundleSubjects = async (
  folder: string,
): Promise<{
  subjects: Record<keyof typeof MODULES, () => Promise<number>>;
  size_mb: Record<keyof typeof MODULES, number>;
}> => {
  const bundle = async (name: keyof typeof MODULES) => {
    const outfile = join(folder, `${name}.mjs`);
    await build({
      entryPoints: [fileURLToPath(new URL(MODULES[name], import.meta.url))],
      outfile,
      bundle: true,
      minify: true,
      sourcemap: true,
      sourcesContent: false,
      format: "esm",
      platform: "node",
      target: "node24",
      banner: { js: BANNER },
      logLevel: "error",
    });
    const subject = () => runSubject<number>(nodeOf("import-time.ts", [outfile]), ENVIRONMENT);
    return { subject, size_mb: statSync(outfile).size / 1e6 };
  };
  const [source, bare] = [await bundle("source"), await bundle("bare")];
  return {
    subjects: { source: source.subject, bare: bare.subject },
    size_mb: { source: source.size_mb, bare: bare.size_mb },
  };
};
