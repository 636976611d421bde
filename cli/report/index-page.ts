import { commandForm } from "../../infra/command-form.ts";
import { formatCount } from "../../lib/report/format.ts";
import { htmlDocument } from "../../lib/report/page/document.ts";
import { html } from "../../lib/report/page/html.ts";
import { type ListedRun, runTable } from "../../lib/report/page/runs.ts";

/** Returns a page that lists all runs of all sources; without runs, it shows the commands that create some. */
export const indexPage = (runs: ListedRun[]): string => {
  const sources = new Set(runs.map(({ source }) => source)).size;
  const body =
    runs.length === 0
      ? html`<section class="card empty below"><h2 class="first">No run yet</h2>
<p><code>${commandForm("start")}</code> runs all sources that have a sample API, on this machine.</p>
<p><code>${commandForm("sync", "<source>")}</code> runs one source. Run <code>${commandForm("report")}</code> again afterwards.</p></section>`
      : html`<section class="below" aria-label="Runs">${runTable(runs, "All runs, newest first")}</section>`;
  return htmlDocument(
    "Runs",
    html`<header><h1>Runs</h1><p class="lead">${
      runs.length > 0 && `${formatCount(runs.length, "run")} of ${formatCount(sources, "source")}, newest first.`
    }</p></header>
${body}
<footer>Written by <code>${commandForm("report")}</code>. All times are UTC.</footer>`,
  );
};
