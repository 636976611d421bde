/**
 * Adds up the JSON test reports that are named after the folder they are in, and prints "N passed, N failed" as the last
 * line. A report that is missing is a failure. Exits with 1 when one is unreadable, when nothing ran, or when something failed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [folder = ".", ...names] = process.argv.slice(2);
let passed = 0;
let failed = 0;
for (const name of names) {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) {
    console.log(`the tests "${name}" made no report`);
    failed++;
    continue;
  }
  const report = JSON.parse(readFileSync(file, "utf8"));
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
