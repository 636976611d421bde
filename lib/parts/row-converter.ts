import { columnName, declaredName } from "../columns/names.ts";
import type { TableColumn, TableSchema } from "../columns/table-schema.ts";
import type { ResolvedResource } from "../config/resolved.ts";
import { SchemaContractError } from "../errors/index.ts";
import type { JsonObject } from "../json/index.ts";
import type { SchemaStore } from "../lake/schemas.ts";
import type { Ports } from "../ports/index.ts";
import { applyContract, isOpen } from "../rows/contract.ts";
import { type Cells, createShaper, type FlatRow, type RowRules, type Shaper } from "../rows/shape.ts";
import { variantWarnings } from "../rows/variant-warnings.ts";

/** The rows of one page as cells, and what `schema_contract` discarded. */
export interface ConvertedPage {
  cells: Cells[];
  /** Discarded rows, and discarded values of the other rows. */
  discarded_rows: number;
  discarded_values: number;
  /** Warnings about values that do not fit the type of their column. */
  warnings: string[];
}

/** Values for the system columns of a page. */
export interface PageOrigin {
  /** Rows of the resource before this page: `_seq` continues after them. */
  rows_before: number;
  /** Milliseconds since 1970. */
  extracted_at: number;
}

/** Converts records to cells, and adds the columns that the table lacks to its schema. */
export interface RowConverter {
  /** Current version of the table's schema. */
  readonly schema: TableSchema;
  /**
   * Converts the records of one page.
   *
   * @param beforeChange is called before each change of the schema: all rows of a file have the columns of one version.
   * @throws SchemaContractError for a change that schema_contract freezes, or a null in a column that must not be null.
   */
  convert(records: JsonObject[], origin: PageOrigin, beforeChange: () => Promise<void>): Promise<ConvertedPage>;
  /** Returns the schema after its types no longer change, because a Parquet file is written with them. */
  fixTypes(): Promise<TableSchema>;
}

interface FlatPage {
  rows: FlatRow[];
  discarded_rows: number;
  discarded_values: number;
}

/** A retry would fail the same way, forever. */
const notAdded = (missing: TableColumn[]): SchemaContractError =>
  new SchemaContractError(
    `the table did not accept new columns (${missing.map(({ name, data_type }) => `${name} as ${data_type}`).join(", ")}): report this as a bug, with the table's schema`,
  );

/** Returns the columns that must not be null. A resource that is read only for its children has no such rule. */
const requiredColumns = ({ columns, selected }: ResolvedResource): Set<string> =>
  new Set(
    Object.entries(columns).flatMap(([name, { nullable }]) => (nullable || !selected ? [] : [declaredName(name)])),
  );

/** The schema of a table and its shaper, which change together. */
interface CurrentSchema {
  readonly schema: TableSchema;
  readonly shaper: Shaper;
  /** Adds columns that the table lacks. */
  add(missing: TableColumn[]): Promise<void>;
  fixTypes(): Promise<void>;
}

const createCurrentSchema = (
  { logger }: Pick<Ports, "logger">,
  schemas: SchemaStore,
  initial: TableSchema,
  rules: RowRules,
): CurrentSchema => {
  let schema = initial;
  let shaper = createShaper(schema, rules);
  const use = (changed: TableSchema) => {
    schema = changed;
    shaper = createShaper(schema, rules);
  };
  return {
    get schema() {
      return schema;
    },
    get shaper() {
      return shaper;
    },
    async add(missing) {
      const { version } = schema;
      use(await schemas.add(missing));
      if (schema.version === version) throw notAdded(missing);
      for (const { name, path } of missing) {
        if (path !== undefined && name !== columnName(path)) logger.warn("column renamed", { name, path });
      }
      logger.info("schema", { version: schema.version, added: missing.map(({ name }) => name) });
    },
    async fixTypes() {
      if (schema.columns.some(({ unwritten }) => unwritten)) use(await schemas.fixTypes());
    },
  };
};

/** Returns a function that logs each warning once. */
const createWarningLog = ({ logger }: Pick<Ports, "logger">): ((warnings: string[]) => void) => {
  const logged = new Set<string>();
  return (warnings) => {
    for (const warning of warnings) {
      if (!logged.has(warning)) logger.warn("rows", { warning });
      logged.add(warning);
    }
  };
};

/** Returns the converter for a table, which starts with the given version of its schema. */
export const createRowConverter = (
  ports: Pick<Ports, "logger">,
  schemas: SchemaStore,
  initial: TableSchema,
  { resource, run_id }: { resource: ResolvedResource; run_id: string },
): RowConverter => {
  const { schema_contract, max_table_nesting } = resource;
  /** In the run that creates the table, every column is new and allowed, as in dlt. */
  const isContracted = !isOpen(schema_contract) && initial.made_in !== run_id;
  const has_fixed_types = isContracted && schema_contract.data_type !== "evolve";
  const rules: RowRules = { max_table_nesting, required: requiredColumns(resource), has_fixed_types };
  const current = createCurrentSchema(ports, schemas, initial, rules);
  const log = createWarningLog(ports);

  const flatten = (records: JsonObject[]): FlatPage => {
    const rows = records.map(current.shaper.flatten);
    if (!isContracted) return { rows, discarded_rows: 0, discarded_values: 0 };
    const { kept, ...discarded } = applyContract(current.shaper, schema_contract, rows);
    return { rows: rows.filter((_row, index) => kept[index]), ...discarded };
  };

  const converted = (cells: Cells[], discarded: Omit<FlatPage, "rows">): ConvertedPage => {
    const warnings = variantWarnings(current.schema, cells);
    log(warnings);
    return { cells, ...discarded, warnings };
  };

  return {
    get schema() {
      return current.schema;
    },

    async convert(records, { rows_before, extracted_at }, beforeChange) {
      const constant = { _run_id: run_id, _extracted_at: new Date(extracted_at).toISOString() };
      const system = (index: number) => ({ ...constant, _seq: rows_before + index + 1 });
      // More than one round: another writer may have added a column of the same name with another type.
      for (;;) {
        const { rows, ...discarded } = flatten(records);
        // Most pages need no new column: their values are encoded once.
        const cells = current.shaper.cellsOfKnown(rows, system);
        if (cells !== null) return converted(cells, discarded);
        const missing = current.shaper.missingColumns(rows);
        if (missing.length === 0) return converted(current.shaper.cells(rows, system), discarded);
        await beforeChange();
        await current.add(missing);
      }
    },

    async fixTypes() {
      await current.fixTypes();
      return current.schema;
    },
  };
};
