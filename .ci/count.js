/**
 * Adds up the JSON test reports of a folder and prints "N passed, N failed" as the last line.
 * Exits with 1 when a report is missing or unreadable, when nothing ran, or when something failed.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const folder = process.argv[2] ?? ".";
let passed = 0;
let failed = 0;
for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
  const report = JSON.parse(readFileSync(join(folder, file), "utf8"));
  passed += report.numPassedTests;
  // A suite that could not even be loaded has no tests to count, and is a failure all the same.
  failed +=
    report.numFailedTests +
    report.testResults.filter(
      (/** @type {{ status: string, assertionResults: unknown[] }} */ suite) =>
        suite.status === "failed" && suite.assertionResults.length === 0,
    ).length;
}
console.log(`${passed} passed, ${failed} failed`);
if (passed === 0 || failed > 0) process.exit(1);
