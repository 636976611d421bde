import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketFolder } from "../../infra/lake-folder.ts";
import { reportKey, reportPageKey } from "../../lib/lake/keys.ts";
import { reportDocument, toEarlierRun } from "../../lib/report/history.ts";
import { type ListedRun, listedRun } from "../../lib/report/page/runs.ts";

/** `20261120T030000Z-1a2b3c4d.json`; not latest.json, a copy of the newest one. */
const REPORT = /^\d{8}T\d{6}Z-[\da-f]{8}\.json$/;

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** Returns a report as a line of the index; null for an invalid file. */
const readRun = (out: string, source: string, file: string): ListedRun | null => {
  const bucket = bucketFolder(out);
  try {
    const key = reportKey(source, file.slice(0, -".json".length));
    const report = reportDocument(source, key).parse(readFileSync(join(bucket, key)));
    const page = reportPageKey(source, report.run_id);
    const href = ["s3", "lake", ...page.split("/")].map(encodeURIComponent).join("/");
    return { ...listedRun(toEarlierRun(report)), source, href: existsSync(join(bucket, page)) ? href : null };
  } catch {
    return null;
  }
};

/** The runs of all sources that have a report in a local lake. */
export interface StoredRuns {
  /** Newest first. Each `href` is relative to the lake's folder. */
  runs: ListedRun[];
  /** Files that are named like a report but are not valid: `source/file`. */
  invalid: string[];
}

/**
 * Reads all reports of a local lake.
 *
 * @param out folder of the lake.
 */
export const readStoredRuns = (out: string): StoredRuns => {
  const reports = join(bucketFolder(out), "reports");
  const files = namesIn(reports).flatMap((source) =>
    namesIn(join(reports, source))
      .filter((file) => REPORT.test(file))
      .map((file) => ({ source, file, run: readRun(out, source, file) })),
  );
  const runs = files.flatMap(({ run }) => (run === null ? [] : [run]));
  return {
    runs: runs.sort((a, b) => Date.parse(b.finished_at) - Date.parse(a.finished_at)),
    invalid: files.filter(({ run }) => run === null).map(({ source, file }) => `${source}/${file}`),
  };
};
