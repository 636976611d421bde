import { formatCount } from "../format.ts";
import type { RunReport } from "../run-report.ts";
import type { ReportedSchemaChange } from "../schema-changes.ts";
import { type Html, html, isolate } from "./html.ts";

const change = ({ table, version, added, changed, more }: ReportedSchemaChange): Html => {
  const title = version === 1 ? "new table" : `version ${version}`;
  const columns = [
    ...added.map(
      ({ name, data_type }) =>
        html`<li><code>${version > 1 && "+ "}${isolate(name)}</code> <span class="muted small">${isolate(data_type)}</span></li>`,
    ),
    ...changed.map(
      ({ name, from, to }) =>
        html`<li><code>${isolate(name)}</code> <span class="muted small">${isolate(from)} → ${isolate(to)}</span></li>`,
    ),
    more > 0 && html`<li class="muted small">and ${formatCount(more, "more column")}</li>`,
  ];
  return html`<li class="card change"><h3>${isolate(table)} <span class="muted small">${title}</span></h3>${
    added.length + changed.length > 0
      ? html`<ul class="columns">${columns}</ul>`
      : html`<p class="muted small">No column changed. Its parts are now also written in another file format.</p>`
  }</li>`;
};

/** Renders the schema changes of the run; null when there are none. */
export const schemaChanges = ({ schema_changes }: RunReport): Html | null =>
  schema_changes.length === 0
    ? null
    : html`<section aria-labelledby="changes"><h2 id="changes">Schema changes</h2><ul class="stack">${schema_changes.map(change)}</ul></section>`;
