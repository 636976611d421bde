/**
 * `npm run prose [-- <path> ...]`: checks everything that a person reads against the word list in words.yml. `--count` prints
 * hits per file; `--words` names another word list. Exit code 1 for hits, 2 for an invalid word list or argument.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { extract } from "./extract/index.ts";
import { listFiles } from "./files.ts";
import { match } from "./match.ts";
import { formatCounts, formatHits, formatSummary } from "./report.ts";
import { readWords, UsageError } from "./words.ts";

const WORDS = fileURLToPath(new URL("words.yml", import.meta.url));

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { count: { type: "boolean", default: false }, words: { type: "string", default: WORDS } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
};

/** @returns whether there were no hits. */
const run = (): boolean => {
  const { values, positionals } = readArguments();
  const { ignore, entries } = readWords(values.words);
  const files = listFiles(positionals, ignore);
  const hits = files.flatMap((path) => {
    const source = readFileSync(path, "utf8");
    return match(path, source, extract(path, source), entries);
  });
  for (const line of values.count ? formatCounts(hits) : formatHits(hits)) console.log(line);
  console.log(formatSummary(hits, files.length));
  return hits.length === 0;
};

try {
  process.exitCode = run() ? 0 : 1;
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
