import type { RunReport } from "../run-report.ts";
import { schemaChanges } from "./changes.ts";
import { costSection } from "./cost.ts";
import { documentOf } from "./document.ts";
import { timeElement } from "./elements.ts";
import { failures } from "./failures.ts";
import { header, statusText, worthALook } from "./header.ts";
import { html } from "./html.ts";
import { resourceTable } from "./resources.ts";
import { listedRun, runTable } from "./runs.ts";
import { timelineSection } from "./timeline.ts";

/** A report as a page: self-contained, without a script, for any width, light and dark. Every value in it is escaped. */
export const reportPage = (report: RunReport): string => {
  const { source, cost, earlier, finished_at } = report;
  const before = html`<section aria-labelledby="earlier"><h2 id="earlier">Earlier runs</h2>${
    earlier.length === 0
      ? html`<p class="soft">None are known: this is the first, or the copy of the last one's report is gone.</p>`
      : runTable(earlier.map(listedRun), "The runs before this one, the newest first")
  }</section>`;
  return documentOf(`${source}: ${statusText(report)}`, [
    header(report),
    failures(report),
    worthALook(report),
    resourceTable(report),
    timelineSection(report),
    schemaChanges(report),
    costSection(cost),
    before,
    html`<footer>Written by restlake when the run ended, ${timeElement(finished_at)}. All times are UTC. The JSON file beside this page has the same for programs.</footer>`,
  ]);
};
