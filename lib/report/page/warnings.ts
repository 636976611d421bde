import { formatCount } from "../format.ts";
import { previousFullResult } from "../history.ts";
import type { ResourceReport, RunReport } from "../run-report.ts";
import { type Html, html, isolate } from "./html.ts";

const warning = (resource: string, title: string, text: string): Html =>
  html`<li class="card note"><h3>${isolate(resource)} ${title}</h3><p>${text}</p></li>`;

const emptyWarning = (resource: string, { earlier }: RunReport): Html => {
  const rows = formatCount(previousFullResult(earlier, resource)?.rows ?? 0, "row");
  return warning(
    resource,
    "is empty",
    `The previous full load had ${rows}. Check whether the API moved the data, or whether the key or the config changed.`,
  );
};

const discardWarning = ({ resource, discarded_rows, discarded_values }: ResourceReport): Html | null => {
  const counts = [
    discarded_rows > 0 && formatCount(discarded_rows, "row"),
    discarded_values > 0 && formatCount(discarded_values, "value"),
  ].filter((count) => count !== false);
  if (counts.length === 0) return null;
  return warning(resource, "has discarded data", `schema_contract discarded ${counts.join(" and ")}.`);
};

const skipWarning = ({ resource, skipped_parents, skipped_parent_rows }: ResourceReport): Html | null => {
  if (skipped_parents === 0) return null;
  const rows = skipped_parent_rows.map(({ row, reason }) => html`<li>${isolate(row)}: ${isolate(reason)}</li>`);
  const rest = skipped_parents - skipped_parent_rows.length;
  const more = rest > 0 ? html`<p>${formatCount(rest, "more row")} not listed.</p>` : "";
  return html`<li class="card note"><h3>${isolate(resource)} skipped ${formatCount(skipped_parents, "parent row")}</h3><ul>${rows}</ul>${more}</li>`;
};

/** Renders the warnings of the run: empty resources, discarded data, skipped rows of parents, and what could not be proven; null when there are none. */
export const warnings = (report: RunReport): Html | null => {
  const all = [
    ...report.empty_resources.map((resource) => emptyWarning(resource, report)),
    ...report.resources.map(discardWarning).filter((discard) => discard !== null),
    ...report.resources.map(skipWarning).filter((skip) => skip !== null),
    ...report.resources.flatMap(({ resource, warnings: texts }) =>
      texts.map((text) => warning(resource, "needs a check", text)),
    ),
  ];
  if (all.length === 0) return null;
  return html`<section aria-labelledby="warnings"><h2 id="warnings">Warnings</h2><ul class="stack">${all}</ul></section>`;
};
