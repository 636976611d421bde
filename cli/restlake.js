#!/usr/bin/env node
/**
 * Entry point of every command: `npm start`, `npm run sync` and the others run this file. It is plain JavaScript, so that
 * a Node version without TypeScript support can still print which version is required.
 */
import module from "node:module";
import process from "node:process";

const MIN_NODE_VERSION = 22;

const major = Number(process.versions.node.split(".")[0]);
const [command = "", ...args] = process.argv.slice(2);

if (major < MIN_NODE_VERSION) {
  console.error(
    `restlake requires Node ${MIN_NODE_VERSION} or newer (found ${process.version}): run it as an npm script after "npm ci", which installs Node ${MIN_NODE_VERSION} in this project (if that failed: "npm rebuild node").`,
  );
  process.exit(2);
}
// Compilation takes a third of the startup time.
module.enableCompileCache?.();
const { runCommand } = await import("./run-command.ts");
process.exitCode = await runCommand(command, args);
