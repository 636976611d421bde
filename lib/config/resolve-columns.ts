import { declaredName } from "../columns/names.ts";
import { type DeclaredColumn, SYSTEM_COLUMNS } from "../columns/table-schema.ts";
import { type DataType, decimalDigits, MAX_PRECISION } from "../columns/types.ts";
import { defined, type NamedColumns } from "./merge-defaults.ts";
import type { DedupSort } from "./resolved.ts";
import type { DeclaredType } from "./schema/index.ts";
import type { Report } from "./validation-errors.ts";

/** Types of tables for those of dlt's types that tables do not have. */
const MAPPED_TYPES: Partial<Record<DeclaredType, DataType>> = { binary: "text", time: "text", wei: "decimal" };

/** dlt's `wei`: an integer with as many digits as a decimal can have. */
const WEI = { precision: MAX_PRECISION, scale: 0 };

const digitsOf = ({ data_type, precision, scale }: NamedColumns[string]) => {
  if (data_type === "wei") return WEI;
  return data_type === "decimal" ? defined({ precision, scale }) : {};
};

/**
 * Returns the columns with declared types or constraints. A column of the primary key is not nullable, unless the config
 * makes it nullable (dlt).
 */
export const resolveColumns = (columns: NamedColumns, primary_key: string[]): Record<string, DeclaredColumn> => {
  // A config may name one column both as in the API and as in the table.
  const key = new Set(primary_key.map(declaredName));
  const hinted = new Set(Object.keys(columns).map(declaredName));
  const undeclared = primary_key.filter((name) => !hinted.has(declaredName(name)));
  const declared: Record<string, DeclaredColumn> = Object.fromEntries(
    undeclared.map((name) => [name, { nullable: false }]),
  );
  for (const [name, hints] of Object.entries(columns)) {
    const { data_type: type } = hints;
    const data_type = type === undefined ? undefined : (MAPPED_TYPES[type] ?? (type as DataType));
    const nullable = hints.nullable ?? !key.has(declaredName(name));
    if (data_type === undefined && nullable) continue;
    declared[name] = { ...(data_type && { data_type }), nullable, ...digitsOf(hints) };
  }
  return declared;
};

/** Returns the first column with a hint, as dlt does. */
export const columnWith = (columns: NamedColumns, hint: "hard_delete" | "dedup_sort"): string | null =>
  Object.keys(columns).find((name) => columns[name]?.[hint]) ?? null;

/** Returns the column and order that `dedup_sort` names; null if no column has it. */
export const resolveDedupSort = (columns: NamedColumns): DedupSort | null => {
  const column = columnWith(columns, "dedup_sort");
  const order = column === null ? undefined : columns[column]?.dedup_sort;
  return column === null || order === undefined ? null : { column, order };
};

const checkDigits = (name: string, hints: NamedColumns[string], report: Report): void => {
  const { precision, scale } = decimalDigits(defined({ precision: hints.precision, scale: hints.scale }));
  if (precision > MAX_PRECISION) {
    report(["columns", name, "precision"], `expected at most ${MAX_PRECISION} digits, got ${precision}`);
  } else if (scale > precision && hints.scale === undefined) {
    report(["columns", name], `default scale ${scale} exceeds precision ${precision}: set scale`);
  } else if (scale > precision) {
    report(["columns", name, "scale"], `expected at most the precision ${precision}, got ${scale}`);
  }
};

/** Reports columns that are declared twice under names that the table does not distinguish, and reserved columns. */
export const checkColumns = (columns: NamedColumns, report: Report): void => {
  const declared = new Map<string, string>();
  for (const [given, hints] of Object.entries(columns)) {
    const name = declaredName(given);
    const other = declared.get(name);
    if (other !== undefined) {
      report(["columns", given], `duplicate column ${name} (also declared as ${other}): keep one`);
    }
    declared.set(name, given);
    if (SYSTEM_COLUMNS.some((column) => column.name === name)) {
      report(["columns", given], "reserved system column: remove it");
    }
    if (hints.data_type === "decimal") checkDigits(given, hints, report);
  }
};
