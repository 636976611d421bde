import { basename, dirname } from "node:path";
import type { Plugin } from "esbuild";
import type { Source } from "../lib/config/index.ts";
import { RestlakeError } from "../lib/errors/index.ts";
import { readConfigFile } from "./config-file.ts";
import { FUNCTIONS_FOLDER, sourceOf } from "./sources.ts";

/**
 * Bundles a JSON or YAML source as the Lambda module that its user would write in TypeScript. The file is read at every
 * bundling, so that serverless-offline picks up changes. Parser and config schema stay out of the bundle.
 */
export const configEntry: Plugin = {
  name: "restlake-config-entry",
  setup(build) {
    build.onLoad({ filter: /\.(json|yaml|yml)$/ }, ({ path }) => {
      // Packages import JSON files, too.
      if (dirname(path) !== FUNCTIONS_FOLDER) return undefined;
      const file = `functions/${basename(path)}`;
      let source: Source;
      try {
        source = sourceOf(file, { source: readConfigFile(file, path) });
      } catch (error) {
        if (!(error instanceof RestlakeError)) throw error;
        // A thrown error would be printed with its stack trace.
        return { errors: [{ text: error.message }] };
      }
      return {
        contents: `import { lambda } from "../lib/aws/lambda.ts";\nexport const handler = lambda(${JSON.stringify(source)});\n`,
        resolveDir: FUNCTIONS_FOLDER,
        loader: "js",
      };
    });
  },
};
