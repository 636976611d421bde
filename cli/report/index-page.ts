import { formatCount } from "../../lib/report/format.ts";
import { htmlDocument } from "../../lib/report/page/document.ts";
import { html } from "../../lib/report/page/html.ts";
import { type ListedRun, runTable } from "../../lib/report/page/runs.ts";

/** A page with all runs of all sources; without any, it says how to get one. */
export const indexPage = (runs: ListedRun[]): string => {
  const sources = new Set(runs.map(({ source }) => source)).size;
  const body =
    runs.length === 0
      ? html`<section class="card empty below"><h2 class="first">No run yet</h2>
<p><code>npm start</code> runs the sources that have a sample API, all on this machine.</p>
<p><code>npm run sync -- &lt;source&gt;</code> runs one of your own. Then call <code>npm run report</code> again.</p></section>`
      : html`<section class="below" aria-label="Runs">${runTable(runs, "All runs, the newest first")}</section>`;
  return htmlDocument(
    "Runs",
    html`<header><h1>Runs</h1><p class="lead">${
      runs.length > 0 && `${formatCount(runs.length, "run")} of ${formatCount(sources, "source")}, the newest first.`
    }</p></header>
${body}
<footer>As of the last <code>npm run report</code>. All times are UTC.</footer>`,
  );
};
