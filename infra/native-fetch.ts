import type { Plugin } from "esbuild";

/**
 * Keeps ofetch's fetch for older Nodes out of the bundles: 117 KB that every cold start would read. The other entry of its
 * package uses Node's fetch.
 */
export const nativeFetch: Plugin = {
  name: "restlake-native-fetch",
  setup(build) {
    build.onResolve({ filter: /^node-fetch-native$/ }, ({ resolveDir, kind }) =>
      build.resolve("node-fetch-native/native", { resolveDir, kind }),
    );
  },
};
