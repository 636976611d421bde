import { formatCount } from "../format.ts";
import type { RunReport } from "../run-report.ts";
import type { ReportedSchemaChange } from "../schema-changes.ts";
import { foreign, type Html, html } from "./html.ts";

const change = ({ table, version, added, changed, more }: ReportedSchemaChange): Html => {
  const what = version === 1 ? "new table" : `version ${version}`;
  const items = [
    ...added.map(
      ({ name, data_type }) =>
        html`<li><code>${version > 1 && "+ "}${foreign(name)}</code> <span class="soft small">${foreign(data_type)}</span></li>`,
    ),
    ...changed.map(
      ({ name, from, to }) =>
        html`<li><code>${foreign(name)}</code> <span class="soft small">${foreign(from)} → ${foreign(to)}</span></li>`,
    ),
    more > 0 && html`<li class="soft">and ${formatCount(more, "more column")}</li>`,
  ];
  return html`<li class="card change"><h3>${foreign(table)} <span class="soft small">${what}</span></h3>${
    added.length + changed.length > 0
      ? html`<ul class="columns">${items}</ul>`
      : html`<p class="soft small">Its parts are written in another format as well.</p>`
  }</li>`;
};

/** What the run changed about its tables; null when nothing. */
export const schemaChanges = ({ schema_changes }: RunReport): Html | null =>
  schema_changes.length === 0
    ? null
    : html`<section aria-labelledby="changes"><h2 id="changes">Schema changes</h2><ul class="stack">${schema_changes.map(change)}</ul></section>`;
