import type { ResolvedSource } from "../config/resolved.ts";
import type { ResourceFacts, RunBounds } from "../lake/run-record.ts";

/** The facts of a source that `open` and `finish` need. The state machine's definition holds them. */
export interface SourceFacts {
  source: string;
  resources: ResourceFacts[];
  bounds: RunBounds;
}

/** Returns the facts of a source's resources that `open` and `finish` need. */
export const resourceFactsOf = (source: ResolvedSource): ResourceFacts[] =>
  source.resources.map(({ name, table, parent, selected, incremental, write_disposition, renamed_from }) => ({
    name,
    table,
    parent: parent?.resource ?? null,
    selected,
    // A backfill with end_value and a table with write disposition replace have no incremental state (dlt).
    incremental: incremental !== null && incremental.end_value === null && write_disposition !== "replace",
    ...(renamed_from.length > 0 && { renamed_from }),
  }));

/** Returns the facts of a source. */
export const sourceFactsOf = (source: ResolvedSource): SourceFacts => ({
  source: source.name,
  resources: resourceFactsOf(source),
  bounds: { max_run_age: source.settings.max_run_age, fresh_after: source.settings.fresh_after },
});
