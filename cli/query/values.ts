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

/** Whether the values of this type stand to the right. */
export const isNumeric = (type: DuckDBType): boolean => NUMBERS.has(type.typeId);

/** Whether a value of this type makes sense only as a whole. */
export const isWhole = (type: DuckDBType): boolean =>
  isNumeric(type) || TIMESTAMPS.has(type.typeId) || type.typeId === DuckDBTypeId.DATE;

/** Three digits after the second, as the lake has them; more where a query made more. */
const lakeTime = (text: string): string =>
  text.replace(
    /(\d\d:\d\d:\d\d)(?:\.(\d+))?$/,
    (_all, time: string, fraction = "") => `${time}.${fraction.padEnd(3, "0")}`,
  );

/** A value for people; NULL where there is none. */
export const valueText = (value: DuckDBValue, type: DuckDBType): string => {
  if (value === null) return "NULL";
  return TIMESTAMPS.has(type.typeId) ? lakeTime(String(value)) : String(value);
};

/**
 * A value as JSON on one line. Integers and decimals keep every digit, JSON columns are JSON and no text, timestamps are
 * as in the lake; NaN and the infinities, which JSON has no word for, are null.
 */
export const valueJson = (value: DuckDBValue, type: DuckDBType): string => {
  if (value === null) return "null";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "null";
  if (typeof value === "bigint" || typeof value === "boolean" || value instanceof DuckDBDecimalValue) {
    return String(value);
  }
  if (type instanceof DuckDBVarCharType && type.alias === "JSON") return String(value).replaceAll(/[\r\n]/g, " ");
  if (
    (value instanceof DuckDBListValue && type instanceof DuckDBListType) ||
    (value instanceof DuckDBArrayValue && type instanceof DuckDBArrayType)
  ) {
    return `[${value.items.map((item) => valueJson(item, type.valueType)).join(",")}]`;
  }
  if (value instanceof DuckDBStructValue && type instanceof DuckDBStructType) {
    return rowJson(type.entryNames, Object.values(value.entries), type.entryTypes);
  }
  if (value instanceof DuckDBMapValue && type instanceof DuckDBMapType) {
    const names = value.entries.map(({ key }) => valueText(key, type.keyType));
    const types = value.entries.map(() => type.valueType);
    return rowJson(
      names,
      value.entries.map((entry) => entry.value),
      types,
    );
  }
  return JSON.stringify(valueText(value, type));
};

/** Names and values as a JSON object on one line. */
export const rowJson = (
  names: readonly string[],
  values: readonly DuckDBValue[],
  types: readonly DuckDBType[],
): string =>
  `{${names
    .map((name, index) => `${JSON.stringify(name)}:${valueJson(values[index] ?? null, types[index] as DuckDBType)}`)
    .join(",")}}`;
