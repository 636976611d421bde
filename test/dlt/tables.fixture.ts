import { canonicalJson, type Json } from "../../lib/json/index.ts";

/** A table as a database returns it: columns with their types, and rows whose values are text. */
export interface RawTable {
  columns: Record<string, string>;
  rows: (string | null)[][];
}

/** A table with comparable values. */
export interface Table {
  columns: Record<string, string>;
  /** Rows as JSON without nulls, sorted. */
  rows: string[];
}

const asJson = (text: string): string => {
  try {
    return canonicalJson(JSON.parse(text) as Json);
  } catch {
    return text;
  }
};

/** Returns a value such that equal values of different types are equal. */
const comparable = (text: string, type: string): string => {
  switch (type) {
    case "timestamp":
      return new Date(Number(text) / 1000).toISOString();
    case "double":
      return String(Number(text));
    case "decimal":
      return text.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
    case "json":
      return asJson(text);
    default:
      return text;
  }
};

/** Returns tables with comparable values, in the order of their names. */
export const comparableTables = (tables: Record<string, RawTable>): Record<string, Table> =>
  Object.fromEntries(
    Object.entries(tables)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { columns, rows }]) => {
        const types = Object.entries(columns);
        const texts = rows.map((row) => {
          const cells = types
            .map(([column, type], index): [string, string | null] => {
              const value = row[index] ?? null;
              return [column, value === null ? null : comparable(value, type)];
            })
            .filter(([, value]) => value !== null);
          return canonicalJson(Object.fromEntries(cells) as Json);
        });
        return [name, { columns, rows: texts.sort() }];
      }),
  );
