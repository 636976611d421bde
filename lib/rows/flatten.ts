import { storedKey } from "../columns/names.ts";
import type { TableSchema } from "../columns/table-schema.ts";
import type { ColumnValue } from "../columns/types.ts";
import { isJsonObject, type JsonObject } from "../json/index.ts";
import { hasLiterals, literalAt } from "../json/literals.ts";
import type { ColumnNaming } from "./column-naming.ts";

/** A flattened row: values by column. */
export type FlatRow = Map<string, ColumnValue>;

/** A key of the records, with the keys inside its objects. */
interface KeyNode {
  path: string[];
  /** Column of the key. null until the key has its first value. */
  column: string | null;
  expected: string;
  children: Map<string, KeyNode>;
}

/**
 * Returns the json columns that take objects as they are. A column that a list made, such as the `[]` that PHP writes for an
 * empty object, does not end the columns that objects already have.
 */
const wholeColumns = ({ columns }: TableSchema): Set<string> => {
  const flattened = new Set(
    columns.flatMap(({ name }) => [...name.matchAll(/__(?!v_[a-z]+$)/g)].map(({ index }) => name.slice(0, index))),
  );
  return new Set(
    columns
      .filter(({ name, data_type, declared }) => data_type === "json" && (declared || !flattened.has(name)))
      .map(({ name }) => name),
  );
};

/**
 * Creates the function that flattens the records of a table: objects become columns joined by `__`, down to `maxNesting`
 * levels. Deeper objects, and those whose own column is json, stay whole.
 */
export const createFlatten = (
  schema: TableSchema,
  naming: ColumnNaming,
  maxNesting: number,
): ((record: JsonObject) => FlatRow) => {
  const whole = wholeColumns(schema);
  const root: KeyNode = { path: [], column: null, expected: "", children: new Map() };

  const childOf = ({ path: parent, children }: KeyNode, key: string): KeyNode => {
    const known = children.get(key);
    if (known !== undefined) return known;
    const path = [...parent, storedKey(key)];
    const child: KeyNode = { path, column: null, expected: naming.expected(path), children: new Map() };
    children.set(key, child);
    return child;
  };

  const columnOf = (node: KeyNode): string => {
    if (node.column === null) {
      node.column = naming.assign(node.path);
      node.expected = node.column;
    }
    return node.column;
  };

  const collect = (record: JsonObject, parent: KeyNode, row: FlatRow): FlatRow => {
    const isPlain = !hasLiterals(record);
    for (const key of Object.keys(record)) {
      const value = record[key] ?? null;
      const node = childOf(parent, key);
      if (isJsonObject(value) && node.path.length <= maxNesting && !whole.has(node.expected)) collect(value, node, row);
      else if (value !== null) row.set(columnOf(node), isPlain ? value : literalAt(record, key, value));
      // A null does not take a name from a key that has a value.
      else if (!row.has(node.expected)) row.set(node.expected, null);
    }
    return row;
  };

  return (record) => collect(record, root, new Map());
};
