import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import process from "node:process";
import { type BuildContext, context, type Plugin } from "esbuild";
import { bundleOptions } from "../bundle.ts";
import type { DeployedSource } from "../sources.ts";
import type { Framework } from "./framework.ts";

/** Environment variable that is "off" when Lambdas must not be bundled again after a file has changed: that ends invocations. */
export const WATCH_VARIABLE = "RESTLAKE_WATCH";

/** Bundles Lambdas for serverless-offline. */
export interface Bundler {
  /** Bundles the Lambdas, and again whenever a file of them changes. */
  start(sources: DeployedSource[]): Promise<void>;
  stop(): Promise<void>;
}

/** Writes bundles that differ from those before, and makes serverless-offline load them: that ends invocations in progress. */
export const writeChanged = ({ pluginManager }: Pick<Framework, "pluginManager">): Plugin => ({
  name: "restlake-reload",
  setup(build) {
    const written = new Map<string, string>();
    build.onEnd(async ({ outputFiles = [] }) => {
      const isFirst = written.size === 0;
      const changed = outputFiles.filter(({ path, hash }) => written.get(path) !== hash);
      for (const { path, hash, contents } of changed) {
        writeFileSync(path, contents);
        written.set(path, hash);
      }
      if (!isFirst && changed.length > 0) await pluginManager.spawn("offline:functionsUpdated");
    });
  },
});

/** Returns the bundler of a service. Bundles are in a temporary folder. */
export const createBundler = (serverless: Framework): Bundler => {
  let folder: string | null = null;
  let watching: BuildContext | null = null;
  return {
    async start(sources) {
      folder = mkdtempSync(join(tmpdir(), "restlake-bundles-"));
      const { plugins, ...options } = bundleOptions(sources, folder);
      watching = await context({
        ...options,
        plugins: [...plugins, writeChanged(serverless)],
        write: false,
        logLevel: "error",
      });
      await watching.rebuild();
      if (process.env[WATCH_VARIABLE] !== "off") await watching.watch();
      const { custom = {} } = serverless.service;
      custom["serverless-offline"] = {
        ...(custom["serverless-offline"] as object | undefined),
        location: relative(serverless.serviceDir, folder),
      };
      serverless.service.custom = custom;
    },
    async stop() {
      await watching?.dispose();
      if (folder !== null) rmSync(folder, { recursive: true, force: true });
    },
  };
};
