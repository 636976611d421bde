import { needsNewRun } from "../../errors/next-step.ts";
import { formatCount, formatNumber } from "../format.ts";
import type { RunReport } from "../run-report.ts";
import { timeElement } from "./elements.ts";
import { type Content, type Html, html, isolate } from "./html.ts";

const failedCount = ({ resources }: RunReport): number => resources.filter(({ status }) => status === "failed").length;

/** Returns the status of the run in a few words. */
export const statusText = (report: RunReport): string => {
  const failed = failedCount(report);
  if (report.status === "done") return failed === 0 ? "Done" : "Done for selected resources";
  return report.closed ? "Abandoned" : `${formatNumber(failed)} failed`;
};

const summaryOfDone = (report: RunReport): string => {
  const { resources } = report;
  const pending = failedCount(report);
  if (pending > 0) {
    return `The selected resources are loaded. ${formatCount(pending, "other resource is", "other resources are")} not loaded yet: the next start resumes this run.`;
  }
  const rows = resources.reduce((total, resource) => total + resource.rows, 0);
  const from = resources.length === 1 ? "1 resource" : `all ${formatNumber(resources.length)} resources`;
  return `Loaded ${formatCount(rows, "row")} from ${from}.`;
};

const summaryOfFailed = (report: RunReport): string => {
  const { resources, closed } = report;
  const failed = failedCount(report);
  const hasDone = failed < resources.length;
  const failure = hasDone
    ? `${formatNumber(failed)} of ${formatCount(resources.length, "resource")} failed`
    : `${resources.length === 1 ? "The resource" : `All ${formatNumber(failed)} resources`} failed`;
  if (closed) return `${failure} again without progress. The run was abandoned and replaced by a new run.`;
  const others = hasDone
    ? resources.length - failed === 1
      ? "The other one is loaded. "
      : "The others are loaded. "
    : "";
  const isLost = resources.some(({ error }) => error !== null && needsNewRun(error));
  const continuation = isLost
    ? "The run stays open: correct the cause, then start with new_run."
    : "The next start resumes this run where it stopped.";
  return `${failure}. ${others}${continuation}`;
};

const modeText = ({ refresh, window }: RunReport): string | null => {
  if (window !== null) return `window from ${window.start} to ${window.end} (exclusive)`;
  return refresh === "full" ? "full refresh" : null;
};

const fact = (name: string, value: Content): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** Renders the top of the page: source, status, a summary in one or two sentences, and the identity of the run. */
export const header = (report: RunReport): Html => {
  const { source, run_id, opened_at, finished_at, status } = report;
  const mode = modeText(report);
  return html`<header>
<div class="top"><h1>${isolate(source)}</h1><span class="tag ${status === "done" ? "good" : "bad"}">${statusText(report)}</span></div>
<p class="lead">${status === "done" ? summaryOfDone(report) : summaryOfFailed(report)}</p>
<dl class="facts">${[
    fact("Run", html`<span class="code">${run_id}</span>`),
    fact("Opened", timeElement(opened_at)),
    fact("Finished", timeElement(finished_at)),
    mode !== null && fact("Mode", isolate(mode)),
  ]}</dl>
</header>`;
};
