/** Subject: imports the module in its argument, and prints the duration in milliseconds. */
import process from "node:process";
import { pathToFileURL } from "node:url";

const startedAt = performance.now();
await import(pathToFileURL(process.argv[2] ?? "").href);
console.log(JSON.stringify(performance.now() - startedAt));
process.exit();
