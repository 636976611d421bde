import { declaredSchema, type TableSchema } from "../../lib/columns/table-schema.ts";
import type { ResolvedResource } from "../../lib/config/resolve.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import { maskRecords } from "../../lib/extract/mask-records.ts";
import type { Page } from "../../lib/extract/page-reader.ts";
import { withParentFields } from "../../lib/extract/parents.ts";
import type { JsonObject } from "../../lib/json/index.ts";
import type { Position } from "../../lib/lake/position.ts";
import { NO_ROW_HASHES } from "../../lib/lake/row-hashes.ts";
import type { RunRecord } from "../../lib/lake/run-record.ts";
import { createMemorySchemas } from "../../lib/lake/schemas.ts";
import { createRowConverter } from "../../lib/parts/row-converter.ts";
import type { Redactor } from "../../lib/ports/redactor.ts";
import { explainNullRow } from "../../lib/rows/null-rows.ts";
import { missingFieldNotes, processRows } from "../../lib/rows/processing-steps.ts";
import { systemClock } from "../../lib/time/clock.ts";

/** The rows that a run would load from a page. */
interface PreparedRows {
  records: JsonObject[];
  /** Whether later pages have nothing new. */
  isOver: boolean;
  cursors: Position["cursors"];
  warnings: string[];
}

/** Treats the rows of pages as a run does, up to the part. */
export interface RowCheck {
  /** Returns the rows of a page after processing steps, masks and incremental filter. */
  prepare(page: Page, cursors: Position["cursors"]): Promise<PreparedRows>;
  /** Returns a note for each field of the processing steps that no row of a page has. */
  missingFields(page: Page): Promise<string[]>;
  /**
   * Returns the schema of the table with these rows, and warnings about values that do not fit it.
   *
   * @throws SchemaContractError for rows that a run would refuse.
   */
  convert(page: Page, records: JsonObject[]): Promise<{ schema: TableSchema; warnings: string[] }>;
}

const SILENT = { debug() {}, info() {}, warn() {} };

/** Returns the check of the rows of one resource, as for a table that does not exist yet. */
export const createRowCheck = (resource: ResolvedResource, run: RunRecord, redactor: Redactor): RowCheck => {
  const { columns, primary_key, file_format, selected, table, processing_steps } = resource;
  const opened_at = Date.parse(run.opened_at);
  const incremental = createIncrementalLoading(resource, run, NO_ROW_HASHES);
  const initial = { ...declaredSchema(columns, primary_key, file_format), made_in: run.run_id };
  const schemas = createMemorySchemas(initial, selected ? table : null);
  const converter = createRowConverter({ logger: SILENT }, schemas, initial, { resource, run_id: run.run_id });
  return {
    async prepare({ parent, records }, cursors) {
      const complete = withParentFields(resource, parent, records);
      const processed = await processRows(complete, processing_steps, opened_at);
      const safe = maskRecords(resource, redactor, processed.rows);
      const warnings = [...processed.warnings, ...safe.warnings];
      return { ...(await incremental.apply(safe.records, parent, cursors)), warnings };
    },

    missingFields: ({ parent, records }) =>
      missingFieldNotes(withParentFields(resource, parent, records), processing_steps, opened_at),

    async convert({ null_rows }, records) {
      const origin = { rows_before: 0, extracted_at: systemClock.now() };
      try {
        const { warnings } = await converter.convert(records, origin, async () => {});
        return { schema: converter.schema, warnings };
      } catch (error) {
        throw explainNullRow(error, null_rows);
      }
    },
  };
};
