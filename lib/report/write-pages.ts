import { latestReportKey, reportPageKey } from "../lake/keys.ts";
import type { Ports } from "../ports/index.ts";
import { reportPage } from "./page/page.ts";
import type { RunReport } from "./run-report.ts";

/** Returns the number of PUT requests that `writePages` makes. */
export const requestsForPages = (isLatest: boolean): number => (isLatest ? 2 : 1);

/**
 * Writes the HTML page of a report, and the copy of the latest report, from which the next report reads the earlier runs. A
 * failure is logged and does not keep the run open: the report itself is already written.
 *
 * @param isLatest whether no later run is known. If one is known, the copy is not replaced.
 */
export const writePages = async (
  { bucket, logger }: Pick<Ports, "bucket" | "logger">,
  report: RunReport,
  isLatest: boolean,
): Promise<void> => {
  const { source, run_id } = report;
  const write = async (key: string, content_type: string, render: () => string): Promise<void> => {
    try {
      await bucket.put(key, render(), { content_type });
    } catch (error) {
      logger.warn("cannot write report", { why: `${key}: ${(error as Error).message}` });
    }
  };
  await Promise.all([
    write(reportPageKey(source, run_id), "text/html; charset=utf-8", () => reportPage(report)),
    isLatest ? write(latestReportKey(source), "application/json", () => `${JSON.stringify(report)}\n`) : undefined,
  ]);
};
