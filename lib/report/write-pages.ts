import { latestReportKey, reportPageKey } from "../lake/keys.ts";
import type { Ports } from "../ports/index.ts";
import { reportPage } from "./page/page.ts";
import type { RunReport } from "./run-report.ts";

/** PUT requests that it takes. */
export const requestsForPages = (isLatest: boolean): number => (isLatest ? 2 : 1);

/**
 * Writes a report's page, and the copy that the next report compares itself with. Both are a courtesy: a run is not kept
 * open for want of them.
 *
 * @param isLatest whether no later run is known; else the copy stays what it is.
 */
export const writePages = async (
  { bucket, logger }: Pick<Ports, "bucket" | "logger">,
  report: RunReport,
  isLatest: boolean,
): Promise<void> => {
  const { source, run_id } = report;
  const write = async (key: string, content_type: string, text: () => string): Promise<void> => {
    try {
      await bucket.put(key, text(), { content_type });
    } catch (error) {
      logger.warn("report not written", { why: `${key}: ${(error as Error).message}` });
    }
  };
  await Promise.all([
    write(reportPageKey(source, run_id), "text/html; charset=utf-8", () => reportPage(report)),
    isLatest ? write(latestReportKey(source), "application/json", () => `${JSON.stringify(report)}\n`) : undefined,
  ]);
};
