import type { Plugin } from "esbuild";

/**
 * Keeps out of the bundles what ofetch brings for a Node without fetch: 117 KB that every cold start would read. Its package
 * has another entry that takes what Node has.
 */
export const nativeFetch: Plugin = {
  name: "restlake-native-fetch",
  setup(build) {
    build.onResolve({ filter: /^node-fetch-native$/ }, ({ resolveDir, kind }) =>
      build.resolve("node-fetch-native/native", { resolveDir, kind }),
    );
  },
};
