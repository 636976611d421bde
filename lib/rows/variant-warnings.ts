import { PATH_SEPARATOR } from "../columns/names.ts";
import type { TableColumn, TableSchema } from "../columns/table-schema.ts";
import type { Cells } from "./cells.ts";

const VARIANT = `${PATH_SEPARATOR}v_`;

/** Returns the warning about a variant that holds values. The column of the same name without `__v_` is null in these rows. */
const warningOf = (variant: TableColumn, column: TableColumn, isParquet: boolean): string => {
  const { name, data_type, declared } = column;
  const place = `are in ${variant.name}, and null in ${name}`;
  if (declared) {
    return `values of ${name} do not fit its declared type ${data_type} (they ${place}): declare another data_type in columns, or convert them in processing_steps`;
  }
  const cure = `Declare it, columns: { ${name}: { data_type: `;
  if (isParquet && data_type === "bigint" && variant.data_type === "double") {
    return `${name} is bigint in the Parquet files of the table, and fractions came later (they ${place}). ${cure}"double" } }, with another table_name: files keep their types`;
  }
  return `values of ${name} are not of its type ${data_type} (they ${place}). ${cure}"text" } }, with another table_name: columns keep their types`;
};

/** Returns a warning for each variant column of a schema for which `hasValues` is true, by its index. */
export const warningsAbout = (
  { columns, file_formats }: Pick<TableSchema, "columns" | "file_formats">,
  hasValues: (index: number) => boolean,
): string[] =>
  columns.flatMap((variant, index) => {
    if (!variant.variant || !hasValues(index)) return [];
    const name = variant.name.slice(0, variant.name.lastIndexOf(VARIANT));
    const column = columns.find((candidate) => candidate.name === name);
    return column === undefined ? [] : [warningOf(variant, column, file_formats.includes("parquet"))];
  });

/** Returns warnings about values of a page that the types of their columns do not fit. */
export const variantWarnings = (schema: TableSchema, rows: Cells[]): string[] =>
  warningsAbout(schema, (index) => rows.some((cells) => (cells[index] ?? null) !== null));
