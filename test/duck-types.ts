/** Types of columns in DuckDB, apart from those of the product. */
const TYPES: Record<string, string> = {
  text: "VARCHAR",
  bigint: "BIGINT",
  double: "DOUBLE",
  bool: "BOOLEAN",
  timestamp: "TIMESTAMP",
  date: "DATE",
  json: "VARCHAR",
};

/** A column as a test describes it. */
interface TypedColumn {
  data_type: string;
  precision?: number;
  scale?: number;
}

/** Returns a column's type in DuckDB. As in dlt, a decimal has 38 digits, 9 of them after the decimal point. */
export const duckType = ({ data_type, precision = 38, scale = 9 }: TypedColumn): string =>
  TYPES[data_type] ?? `DECIMAL(${precision},${scale})`;
