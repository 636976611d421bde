import { declaredName } from "../columns/names.ts";
import { SYSTEM_COLUMNS, type TableSchema } from "../columns/table-schema.ts";
import type { ResolvedResource, ResolvedSource } from "../config/resolved.ts";
import type { JsonObject } from "../json/index.ts";
import type { CommitLog } from "../lake/commit-log.ts";
import { fieldsForChildren, packParentRows } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import type { SchemaStore } from "../lake/schemas.ts";
import type { SeenKeys } from "../lake/seen-keys.ts";
import type { NewPart } from "../lake/stored-part.ts";
import type { Ports } from "../ports/index.ts";
import type { Cells } from "../rows/shape.ts";
import { SECOND } from "../time/durations.ts";
import { createBackgroundCommits } from "./background-commits.ts";
import { createPart } from "./formats.ts";
import type { PartBuffer } from "./part.ts";
import { type ConvertedPage, createRowConverter, type PageOrigin } from "./row-converter.ts";

/** Numbers of one page that was added to a part. */
export interface Added {
  rows: number;
  /** Rows, and values of the other rows, that `schema_contract` discarded. */
  discarded_rows: number;
  discarded_values: number;
  /** Rows whose primary key an earlier row of the run has. */
  repeated_rows: number;
  /** Warnings about values that do not fit the type of their column. */
  warnings: string[];
}

/**
 * Reason for the end of a part. `full`: it reached its size or age; the checkpoint is saved too. `cut`: something stops the
 * loading, or the schema changes. `final`: it is the last part of the log.
 */
export type PartEnd = "full" | "cut" | "final";

/** Writes pages of records as parts. Every part ends where a page ends. */
export interface PartWriter {
  /**
   * Adds the records of a page. A change of the schema commits the rows before this page, at the position `before`, if they
   * are encoded.
   */
  add(records: JsonObject[], before: Position): Promise<Added>;
  /** Whether the part has reached its maximum size or age. */
  isFull(): boolean;
  /** Whether nothing waits to be committed: no rows, and no pages without rows. */
  isEmpty(position: Position): boolean;
  /**
   * Commits the current part, which ends at this position, in the background: waits for the commit before it, but not for
   * its own. An error is thrown by the next `commit` or by `settle`.
   */
  commit(position: Position, end: PartEnd): Promise<void>;
  /** Waits for the commit in progress, and throws its error. */
  settle(): Promise<void>;
  /** Discards what is not committed. */
  discard(): void;
}

/** Schema of a table that schema_contract does not create: its parts have no rows. */
const NO_TABLE: TableSchema = { version: 0, file_formats: [], columns: SYSTEM_COLUMNS };

/** Maximum size and age of a part. */
type PartLimits = Pick<ResolvedSource["settings"], "file_max_items" | "file_max_bytes" | "file_max_seconds">;

/** The resource whose rows are written, the run that reads them, and the limits of a part. */
export interface PartContext {
  resource: ResolvedResource;
  settings: PartLimits;
  run_id: string;
  /** The primary keys that were read up to the end of the log. */
  seen: SeenKeys;
}

/** The part that is being filled. */
interface OpenPart {
  schema_version: number;
  buffer: PartBuffer;
  /** Fields for the children, by row. */
  parentRows: JsonObject[];
}

const finishPart = async (part: OpenPart, position: Position, final: boolean): Promise<NewPart> => {
  const { buffer, parentRows } = part;
  const body = await buffer.finish();
  const parent_rows = parentRows.length > 0 ? await packParentRows(parentRows) : null;
  // After the end of the buffer, which may fix the types of the schema.
  return { body, rows: buffer.rows, position, schema_version: part.schema_version, final, parent_rows };
};

/** Returns the primary keys of rows; null for a row without one. */
const keysOf = (all: Cells[], { columns }: TableSchema, primary_key: string[]): (string | null)[] => {
  const indices = primary_key.map((name) =>
    columns.findIndex((column) => column.name === name || column.name === declaredName(name)),
  );
  if (indices.length === 0 || indices.includes(-1)) return [];
  return all.map((cells) => {
    const values = indices.map((index) => cells[index] ?? null);
    return values.includes(null) ? null : values.length === 1 ? (values[0] as string) : JSON.stringify(values);
  });
};

const isFull = ({ rows, bytes, opened_at }: PartBuffer, limits: PartLimits, now: number): boolean =>
  rows >= limits.file_max_items ||
  bytes >= limits.file_max_bytes ||
  (opened_at !== null && now - opened_at >= limits.file_max_seconds * SECOND);

/** Returns a part writer that starts at the end of the log. After `Adopted`, a new one is needed. */
export const createPartWriter = async (
  ports: Ports,
  log: CommitLog,
  schemas: SchemaStore,
  { resource, settings, run_id, seen }: PartContext,
): Promise<PartWriter> => {
  const { clock, logger } = ports;
  const stored = await schemas.load();
  const converter = createRowConverter(ports, schemas, stored ?? NO_TABLE, { resource, run_id });
  const commits = createBackgroundCommits(log, logger);
  const openPart = (): OpenPart => {
    const { version, columns } = converter.schema;
    const fixTypes = async () => {
      const fixed = await converter.fixTypes();
      opened.schema_version = fixed.version;
      return fixed.columns;
    };
    const buffer = createPart[resource.file_format](columns, fixTypes);
    const opened: OpenPart = { schema_version: version, buffer, parentRows: [] };
    return opened;
  };
  let part = openPart();
  /** Pages in committed parts, and in the part whose commit is in progress. */
  let pages = log.end.position.pages;

  const commit = async (position: Position, end: PartEnd) => {
    const ended = part;
    part = openPart();
    pages = position.pages;
    // No page follows the final part.
    const keys = end === "final" ? null : await seen.save();
    const finished = await finishPart(ended, { ...position, keys }, end === "final");
    await commits.start(finished, { bytes: ended.buffer.bytes, saveCheckpoint: end === "full" });
  };

  const convert = async (records: JsonObject[], before: Position, now: number): Promise<ConvertedPage> => {
    if (stored === null) return { cells: [], discarded_rows: records.length, discarded_values: 0, warnings: [] };
    const origin: PageOrigin = { rows_before: before.rows, extracted_at: now };
    const converted = await converter.convert(records, origin, async () => {
      if (part.buffer.is_encoded) await commit(before, "cut");
    });
    const { version, columns } = converter.schema;
    if (version !== part.schema_version) {
      part.schema_version = version;
      part.buffer.setColumns(columns);
    }
    return converted;
  };

  return {
    async add(records, before) {
      const now = clock.now();
      const { cells, ...discarded } = await convert(records, before, now);
      await part.buffer.add(cells, now);
      // Children get all rows, also those that schema_contract discards, as in dlt.
      const fields = resource.fields_for_children;
      if (fields.length > 0) for (const record of records) part.parentRows.push(fieldsForChildren(record, fields));
      const repeated_rows = seen.add(keysOf(cells, converter.schema, resource.primary_key));
      return { rows: cells.length, repeated_rows, ...discarded };
    },
    isFull: () => isFull(part.buffer, settings, clock.now()),
    isEmpty: (position) => part.buffer.rows === 0 && position.pages === pages,
    commit,
    settle: commits.settle,
    discard: () => part.buffer.discard(),
  };
};
