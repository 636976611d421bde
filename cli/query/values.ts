import {
  DuckDBArrayType,
  DuckDBArrayValue,
  DuckDBDecimalValue,
  DuckDBListType,
  DuckDBListValue,
  DuckDBMapType,
  DuckDBMapValue,
  DuckDBStructType,
  DuckDBStructValue,
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  DuckDBVarCharType,
} from "@duckdb/node-api";

const TIMESTAMPS = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
]);

const NUMBERS = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DECIMAL,
]);

/** Whether values of this type are numbers, which are aligned to the right. */
export const isNumeric = (type: DuckDBType): boolean => NUMBERS.has(type.typeId);

/** Whether values of this type are never cut: part of a number or a time would be another one. */
export const isUncut = (type: DuckDBType): boolean =>
  isNumeric(type) || TIMESTAMPS.has(type.typeId) || type.typeId === DuckDBTypeId.DATE;

/** Returns a timestamp with three digits after the second, as in the lake; with more if a query computed more. */
const withMilliseconds = (text: string): string =>
  text.replace(
    /(\d\d:\d\d:\d\d)(?:\.(\d+))?$/,
    (_all, time: string, fraction = "") => `${time}.${fraction.padEnd(3, "0")}`,
  );

/** Returns a value as text, NULL for null. */
export const valueText = (value: DuckDBValue, type: DuckDBType): string => {
  if (value === null) return "NULL";
  return TIMESTAMPS.has(type.typeId) ? withMilliseconds(String(value)) : String(value);
};

/** Returns a scalar as JSON; null for a value that is not one, or is written as a string. */
const scalarJson = (value: DuckDBValue): string | null => {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  const isExact = typeof value === "bigint" || typeof value === "boolean" || value instanceof DuckDBDecimalValue;
  return isExact ? String(value) : null;
};

/** Returns a list, array, struct or map as JSON; null for any other value. */
const nestedJson = (value: DuckDBValue, type: DuckDBType): string | null => {
  const isList = value instanceof DuckDBListValue && type instanceof DuckDBListType;
  if (isList || (value instanceof DuckDBArrayValue && type instanceof DuckDBArrayType)) {
    return `[${value.items.map((item) => valueJson(item, type.valueType)).join(",")}]`;
  }
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType) {
    return rowJson(type.entryNames, Object.values(value.entries), type.entryTypes);
  }
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType) {
    const { entries } = value;
    return rowJson(
      entries.map(({ key }) => valueText(key, type.keyType)),
      entries.map((entry) => entry.value),
      entries.map(() => type.valueType),
    );
  }
  return null;
};

/**
 * Returns a value as JSON on one line. Integers and decimals keep every digit, values of JSON columns are embedded, and
 * timestamps look as in the lake. NaN and infinities are null, because JSON cannot represent them.
 */
export const valueJson = (value: DuckDBValue, type: DuckDBType): string => {
  const isJson = value !== null && type instanceof DuckDBVarCharType && type.alias === "JSON";
  if (isJson) return String(value).replaceAll(/[\r\n]/g, " ");
  return scalarJson(value) ?? nestedJson(value, type) ?? JSON.stringify(valueText(value, type));
};

/** Returns names and values as a JSON object on one line. */
export const rowJson = (
  names: readonly string[],
  values: readonly DuckDBValue[],
  types: readonly DuckDBType[],
): string =>
  `{${names
    .map((name, index) => `${JSON.stringify(name)}:${valueJson(values[index] ?? null, types[index] as DuckDBType)}`)
    .join(",")}}`;
