import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bucketFolder } from "../../infra/lake-folder.ts";
import { reportKey, reportPageKey } from "../../lib/lake/keys.ts";
import { reportDocument, toEarlierRun } from "../../lib/report/history.ts";
import { type ListedRun, listedRun } from "../../lib/report/page/runs.ts";

/** `20261120T030000Z-1a2b3c4d.json`: not the copy of the newest one. */
const REPORT = /^\d{8}T\d{6}Z-[\da-f]{8}\.json$/;

const namesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

/** A report as a line of the index; null when the file is none. */
const read = (out: string, source: string, file: string): ListedRun | null => {
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

/** The runs of all sources that a local lake has reports of. */
export interface KnownRuns {
  /** The newest first; their `href` leads from the lake's folder to their pages. */
  runs: ListedRun[];
  /** Files among the reports that are none. */
  unreadable: string[];
}

/**
 * Reads the reports of a local lake.
 *
 * @param out the lake's folder.
 */
export const knownRuns = (out: string): KnownRuns => {
  const reports = join(bucketFolder(out), "reports");
  const files = namesIn(reports).flatMap((source) =>
    namesIn(join(reports, source))
      .filter((file) => REPORT.test(file))
      .map((file) => ({ source, file, run: read(out, source, file) })),
  );
  const runs = files.flatMap(({ run }) => (run === null ? [] : [run]));
  return {
    runs: runs.sort((a, b) => Date.parse(b.finished_at) - Date.parse(a.finished_at)),
    unreadable: files.filter(({ run }) => run === null).map(({ source, file }) => `${source}/${file}`),
  };
};
