import type { RunReport } from "../run-report.ts";
import { schemaChanges } from "./changes.ts";
import { costSection } from "./cost.ts";
import { htmlDocument } from "./document.ts";
import { timeElement } from "./elements.ts";
import { failures } from "./failures.ts";
import { figures } from "./figures.ts";
import { header, statusText } from "./header.ts";
import { type Html, html } from "./html.ts";
import { resourceTable } from "./resources.ts";
import { listedRun, runTable } from "./runs.ts";
import { timelineSection } from "./timeline.ts";
import { warnings } from "./warnings.ts";

const earlierRuns = ({ earlier }: RunReport): Html =>
  html`<section aria-labelledby="earlier"><h2 id="earlier">Earlier runs</h2>${
    earlier.length === 0
      ? html`<p class="muted">No earlier runs are known: this is the first run, or <code>latest.json</code> next to this page was missing.</p>`
      : runTable(earlier.map(listedRun), "Earlier runs, newest first")
  }</section>`;

/** Returns a report as a self-contained HTML page without scripts. */
export const reportPage = (report: RunReport): string =>
  htmlDocument(`${report.source}: ${statusText(report)}`, [
    header(report),
    figures(report),
    failures(report),
    warnings(report),
    resourceTable(report),
    timelineSection(report),
    schemaChanges(report),
    costSection(report.cost),
    earlierRuns(report),
    html`<footer>Written by restlake at ${timeElement(report.finished_at)}. All times are UTC. The JSON file next to this page contains the same data.</footer>`,
  ]);
