import { columnName, declaredName } from "../columns/names.ts";
import { SYSTEM_COLUMNS, type TableColumn, type TableSchema } from "../columns/table-schema.ts";
import type { ResolvedResource, ResolvedSource } from "../config/resolve.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { JsonObject } from "../json/index.ts";
import type { CommitLog } from "../lake/commit-log.ts";
import { fieldsForChildren, packParentRows } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import type { SchemaStore } from "../lake/schemas.ts";
import type { Ports } from "../ports/index.ts";
import { applyContract, type Contracted, isOpen } from "../rows/contract.ts";
import { createShaper, type RowRules } from "../rows/shape.ts";
import { createPart } from "./formats.ts";

/** What a page added to the part. */
export interface Added {
  rows: number;
  /** What `schema_contract` left out: rows, and values of the rows that stayed. */
  discarded_rows: number;
  discarded_values: number;
}

/**
 * Why a part ends: it is full, which is the time to save the checkpoint as well; something stops the reading or changes the
 * schema, whose own end is near; or it is the last one of the log.
 */
export type Why = "full" | "cut" | "final";

/** Records go in page by page, parts come out; every part ends where a page ends. */
export interface PartWriter {
  /** Takes the rows of a page. `before` is the position before the page, which a change of schema commits at. */
  add(records: JsonObject[], before: Position): Promise<Added>;
  /** Whether the part has reached its size or its age. */
  isFull(): boolean;
  /** Whether anything waits to be committed: rows, or pages without rows. */
  isEmpty(position: Position): boolean;
  /**
   * Commits what there is, as the part that ends at this position, behind the back of who reads on: the PUT before it is
   * waited for, its own is not, so that one is in flight. What went wrong is thrown at the next commit, or when it is settled.
   */
  commit(position: Position, why: Why): Promise<void>;
  /** Resolves when nothing is in flight. */
  settle(): Promise<void>;
  /** Throws away what is not committed. */
  discard(): void;
}

/** Where the contract lets no table be made, parts have no rows. */
const NO_TABLE: TableSchema = { version: 0, file_formats: [], columns: SYSTEM_COLUMNS };

const ALL_KEPT: Contracted = { kept: [], discarded_rows: 0, discarded_values: 0 };

/** To ask again would be the same again, without end. */
const notAdded = (missing: TableColumn[]): SchemaContractError =>
  new SchemaContractError(
    `the table does not take ${missing.map(({ name, data_type }) => `${name} as ${data_type}`).join(", ")}: please report this, with the table's schema`,
  );

/** What is read for the children only is no table, and has no rules. */
const requiredColumns = ({ columns, selected }: ResolvedResource): Set<string> =>
  new Set(
    Object.entries(columns).flatMap(([name, { nullable }]) => (nullable || !selected ? [] : [declaredName(name)])),
  );

/** A writer at the end of the log; after `Adopted`, a new one is needed. */
export const createPartWriter = async (
  ports: Ports,
  log: CommitLog,
  schemas: SchemaStore,
  resource: ResolvedResource,
  settings: ResolvedSource["settings"],
  run_id: string,
): Promise<PartWriter> => {
  const { clock } = ports;
  const stored = await schemas.load();
  let schema = stored ?? NO_TABLE;
  const { schema_contract } = resource;
  /** In the run that makes a table, all that comes belongs to it (dlt). */
  const isContracted = !isOpen(schema_contract) && schema.made_in !== run_id;
  const rules: RowRules = { max_table_nesting: resource.max_table_nesting, required: requiredColumns(resource) };
  let shaper = createShaper(schema, rules);
  const newPart = () => createPart[resource.file_format](schema.columns);
  let buffer = newPart();
  let forChildren: JsonObject[] = [];

  /** The PUT in flight, and the checkpoint behind it. */
  let inFlight: Promise<void> = Promise.resolve();
  /** Pages in parts, those in flight among them. */
  let pages = log.end.position.pages;

  const commit = async (position: Position, why: Why) => {
    const part = buffer;
    const rowsForChildren = forChildren;
    const schema_version = schema.version;
    buffer = newPart();
    forChildren = [];
    pages = position.pages;
    const { rows, bytes } = part;
    const body = await part.finish();
    const parent_rows = rowsForChildren.length > 0 ? await packParentRows(rowsForChildren) : null;
    await inFlight;
    inFlight = (async () => {
      await log.commit({ body, rows, position, schema_version, final: why === "final", parent_rows });
      ports.logger.info("part", { part: log.end.part, rows, bytes, compressed_bytes: body.byteLength });
      if (why === "full") await log.saveCheckpoint();
    })();
    // Thrown to whoever waits for it.
    inFlight.catch(() => {});
  };

  /** What a contract leaves out of the table is there for the children, as in dlt. */
  const keepForChildren = (records: JsonObject[]) => {
    if (resource.fields_for_children.length === 0) return;
    for (const record of records) forChildren.push(fieldsForChildren(record, resource.fields_for_children));
  };

  return {
    async add(records, before) {
      if (stored === null) {
        keepForChildren(records);
        return { rows: 0, discarded_rows: records.length, discarded_values: 0 };
      }
      let contracted: Contracted = ALL_KEPT;
      const flatRows = () => {
        const flat = records.map(shaper.flatten);
        if (!isContracted) return flat;
        contracted = applyContract(shaper, schema_contract, flat);
        return flat.filter((_row, index) => contracted.kept[index]);
      };
      const now = clock.now();
      const own = { _run_id: run_id, _extracted_at: new Date(now).toISOString() };
      const system = (index: number) => ({ ...own, _seq: before.rows + index + 1 });
      let rows = flatRows();
      // Most pages bring nothing new: their values are looked at once.
      let cells = shaper.cellsOfKnown(rows, system);
      // Again until nothing is missing: another writer may have given a new column another type than we would.
      while (cells === null) {
        const missing = shaper.missingColumns(rows);
        if (missing.length === 0) {
          cells = shaper.cells(rows, system);
          break;
        }
        if (buffer.rows > 0) await commit(before, "cut");
        const { version } = schema;
        schema = await schemas.add(missing);
        if (schema.version === version) throw notAdded(missing);
        shaper = createShaper(schema, rules);
        buffer.discard();
        buffer = newPart();
        for (const { name, path } of missing) {
          if (path !== undefined && name !== columnName(path)) ports.logger.warn("column renamed", { name, path });
        }
        ports.logger.info("schema", { version: schema.version, added: missing.map(({ name }) => name) });
        rows = flatRows();
        cells = shaper.cellsOfKnown(rows, system);
      }
      await buffer.add(cells, now);
      keepForChildren(records);
      const { discarded_rows, discarded_values } = contracted;
      return { rows: rows.length, discarded_rows, discarded_values };
    },

    isFull: () =>
      buffer.rows >= settings.file_max_items ||
      buffer.bytes >= settings.file_max_bytes ||
      (buffer.opened_at !== null && clock.now() - buffer.opened_at >= settings.file_max_seconds * 1000),

    isEmpty: (position) => buffer.rows === 0 && position.pages === pages,
    commit,
    settle: () => inFlight,
    discard: () => buffer.discard(),
  };
};
