import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { type CompiledTemplate, ofType, unzip } from "./package.fixture.ts";

const run = promisify(execFile);

/** Imports handlers, prints their types, and calls the first one without its environment, so that it logs an error. */
const TRY_HANDLERS = `
  const handlers = await Promise.all(process.argv.slice(1).map(async (file) => (await import(file)).handler));
  process.stdout.write(JSON.stringify(handlers.map((handler) => typeof handler)));
  await handlers[0]({}, { awsRequestId: "1", getRemainingTimeInMillis: () => 1000 }).catch(() => {});
`;

/** Tests the zips of the compiled stack. */
export const describeBundles = (packaged: () => { folder: string; template: CompiledTemplate }) =>
  describe("the bundles", () => {
    /** Files of each Lambda's zip, by its handler. */
    const bundles = new Map<string, Map<string, Buffer>>();
    beforeAll(() => {
      const zips = new Map<string, string>();
      for (const { Properties } of Object.values(ofType(packaged().template, "AWS::Lambda::Function"))) {
        const { S3Key } = Properties.Code as { S3Key: string };
        zips.set(S3Key, String(Properties.Handler));
      }
      for (const [key, handler] of zips) bundles.set(handler, unzip(join(packaged().folder, basename(key))));
      expect(zips.size).toBe(bundles.size);
    });

    test("are one zip per file in functions/, each with one module and its source map", () => {
      expect([...bundles.keys()].sort()).toEqual(
        [
          "asset-management.handler",
          "inventory-management.handler",
          "state_machine-finish.handler",
          "state_machine-open.handler",
          "order-management.handler",
          "stock-analytics.handler",
          "workforce-analytics.handler",
        ].sort(),
      );
      for (const [handler, files] of bundles) {
        const module = handler.replace(/\.handler$/, ".mjs");
        expect([...files.keys()].sort()).toEqual([module, `${module}.map`]);
      }
    });

    test("contain only what their handler needs and no source text, and are small", () => {
      for (const files of bundles.values()) {
        for (const [name, content] of files) {
          if (!name.endsWith(".map")) {
            expect(content.byteLength, name).toBeLessThan(name.includes("machine") ? 0.55e6 : 0.9e6);
            continue;
          }
          const { sources, sourcesContent } = JSON.parse(content.toString()) as Record<string, string[] | undefined>;
          expect(sources?.join("\n"), name).toContain("lib/aws/handler.ts");
          expect(sources?.join("\n"), name).not.toMatch(/node_modules\/(zod|yaml)\//);
          const ours = sources?.filter((path) => !path.includes("node_modules/"));
          expect(ours?.join("\n"), name).not.toMatch(/lib\/config\/schema\/|infra\//);
          // Neither the SDK's CommonJS build, which cannot be tree-shaken, nor the fetch for older Nodes.
          expect(sources?.join("\n"), name).not.toMatch(
            /@aws-sdk\/[^\n]*dist-cjs\/index|node-fetch-native\/dist\/(node|index)/,
          );
          if (name.includes("machine"))
            expect(sources?.join("\n"), name).not.toMatch(/client-secrets-manager|json-p3|ofetch/);
          expect(sourcesContent, name).toBeUndefined();
        }
      }
    });

    test("are imported by Lambda's Node, and stack traces name source files", async () => {
      const modules: string[] = [];
      for (const files of bundles.values()) {
        for (const [name, content] of files) {
          const path = join(packaged().folder, "bundles", name);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, content);
          if (name.endsWith(".mjs")) modules.push(path);
        }
      }
      expect(process.versions.node).toMatch(/^24\./);
      const args = ["--enable-source-maps", "--input-type=module", "--eval", TRY_HANDLERS, ...modules];
      const { stdout, stderr } = await run(process.execPath, args, { env: { AWS_REGION: "eu-central-1" } });
      expect(JSON.parse(stdout)).toEqual(modules.map(() => "function"));
      const { error } = JSON.parse(stderr.split("\n")[0] ?? "") as { error: { name: string; stack: string } };
      expect(error.name).toBe("ConfigError");
      expect(error.stack).toMatch(/lib\/aws\/ports\.ts:\d+:\d+\)/);
    });
  });
