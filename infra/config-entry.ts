import { basename, dirname } from "node:path";
import type { Plugin } from "esbuild";
import type { Source } from "../lib/config/index.ts";
import { RestlakeError } from "../lib/errors/index.ts";
import { readConfigFile } from "./config-file.ts";
import { FUNCTIONS_FOLDER, sourceOf } from "./sources.ts";

/**
 * Makes the Lambdas' module of a source that is JSON or YAML, the one that its user would write in TypeScript. It is made
 * whenever the file is bundled, so that serverless-offline sees a change. The parser and the config schema are not bundled.
 */
export const configEntry: Plugin = {
  name: "restlake-config-entry",
  setup(build) {
    build.onLoad({ filter: /\.(json|yaml|yml)$/ }, ({ path }) => {
      // Packages have JSON of their own.
      if (dirname(path) !== FUNCTIONS_FOLDER) return undefined;
      const shown = `functions/${basename(path)}`;
      let source: Source;
      try {
        source = sourceOf(shown, { source: readConfigFile(shown, path) });
      } catch (error) {
        if (!(error instanceof RestlakeError)) throw error;
        // Thrown, it would be printed with its stack.
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
