import { SchemaContractError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { MAX_TABLE_NESTING } from "../source/defaults.ts";
import { columnName, contestedName, PATH_SEPARATOR } from "./names.ts";
import { mayBecomeDouble, RESERVED_COLUMNS, type TableColumn, type TableSchema } from "./table-schema.ts";
import { encode, inferType, MISFIT } from "./types.ts";

/** A row, flattened: values by column. */
export type FlatRow = Map<string, Json>;

/** Makes rows of raw records: flattens, finds out which columns the table lacks, writes NDJSON. */
export interface Shaper {
  /** A raw record as a row: objects flattened with `__` except where the object's own column is json. */
  flatten(record: JsonObject): FlatRow;
  /** What a value (not null) would change about the table. */
  changeBy(name: string, value: Json): "columns" | "data_type" | null;
  /** The row by its primary key, for messages. */
  keyOf(row: FlatRow): string;
  /** Columns that these rows need and the schema does not have, or not so, in order of appearance. */
  missingColumns(rows: FlatRow[]): TableColumn[];
  /**
   * The rows as NDJSON, every one with every column of the schema, in order.
   *
   * @param system the values of restlake's own columns for the row of that index.
   * @throws SchemaContractError for a null where `nullable: false`, naming the row's key; and for a value that has no
   *   column, since another writer changed the schema meanwhile.
   */
  write(rows: FlatRow[], system: (index: number) => Record<string, Json>): string;
}

const keyOf = (row: FlatRow, columns: TableColumn[]): string =>
  columns
    .filter((column) => column.primary_key)
    .map(({ name }) => `${name}=${String(row.get(name) ?? "null")}`)
    .join(", ");

/**
 * A shaper for one version of a table's schema.
 *
 * @param maxNesting how deep objects become columns; deeper ones are JSON text (dlt's `max_table_nesting`).
 */
export const createShaper = (schema: TableSchema, maxNesting = MAX_TABLE_NESTING): Shaper => {
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  const prefixes = schema.columns.map(
    (column, index) => [column, `${index === 0 ? "{" : ","}${JSON.stringify(column.name)}:`] as const,
  );
  const keyOfPath = (path: string[]) => path.join("\u0000");
  const columnOfPath = new Map(
    schema.columns.flatMap(({ name, path }) => (path === undefined ? [] : [[keyOfPath(path), name] as const])),
  );
  /** Whose name it is: a path's, or nobody's among the rows' keys. */
  const owners = new Map<string, string | null>([...RESERVED_COLUMNS].map((name) => [name, null]));
  for (const { name, path, variant } of schema.columns) {
    if (path !== undefined) owners.set(name, keyOfPath(path));
    else if (variant) owners.set(name, null);
  }
  const names = new Map<string, string>();
  const paths = new Map<string, string[]>();
  /** Columns below which there are others: objects were flattened there before. */
  const parents = new Set(
    schema.columns.flatMap(({ name }) =>
      [...name.matchAll(/__(?!v_[a-z]+$)/g)].map(({ index }) => name.slice(0, index)),
    ),
  );

  /** The column of a path that has a value. Of two paths of one name, the first one keeps it. */
  const nameOf = (path: string[]): string => {
    const key = keyOfPath(path);
    let name = names.get(key) ?? columnOfPath.get(key);
    if (name === undefined) {
      name = columnName(path);
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, key);
      else if (owner !== key) name = contestedName(path);
      paths.set(name, path);
    }
    names.set(key, name);
    return name;
  };

  /** The column that a path would have; it does not take the name. */
  const likelyName = (path: string[]): string => {
    const key = keyOfPath(path);
    return names.get(key) ?? columnOfPath.get(key) ?? columnName(path);
  };

  /**
   * Whether objects go into this json column as they are: always when it is declared. One that a list made, such as the
   * [] that PHP writes for an empty object, does not end the columns that objects have had so far.
   */
  const isKeptWhole = (name: string): boolean => {
    const column = columns.get(name);
    return column?.data_type === "json" && (column.declared === true || !parents.has(name));
  };

  const walk = (record: JsonObject, path: string[], row: FlatRow) => {
    for (const [key, value] of Object.entries(record)) {
      const here = [...path, key];
      if (isJsonObject(value) && here.length <= maxNesting && !isKeptWhole(likelyName(here))) walk(value, here, row);
      else if (value !== null) row.set(nameOf(here), value);
      // A null says nothing, and takes no name from a key that does.
      else if (!row.has(likelyName(here))) row.set(likelyName(here), null);
    }
  };

  const isBeyondDouble = (integer: string) => integer.length > 15 && !Number.isSafeInteger(Number(integer));

  const foundColumn = (name: string, value: Json): TableColumn => {
    const data_type = inferType(value);
    const exact = data_type === "bigint" && isBeyondDouble(String(value));
    const path = paths.get(name) ?? [name];
    const isPlain = path.length === 1 && path[0] === name;
    return { name, data_type, nullable: true, ...(exact && { exact }), ...(!isPlain && { path }) };
  };

  /** The column that takes a value which its own column cannot: dlt's variant. */
  const variantOf = (name: string, value: Json): TableColumn => {
    const data_type = inferType(value);
    return { name: `${name}${PATH_SEPARATOR}v_${data_type}`, data_type, nullable: true, variant: true };
  };

  return {
    flatten(record) {
      const row: FlatRow = new Map();
      walk(record, [], row);
      return row;
    },

    changeBy(name, value) {
      const column = columns.get(name);
      if (column === undefined) return "columns";
      if (encode(value, column.data_type) !== MISFIT) return null;
      return columns.has(variantOf(name, value).name) ? null : "data_type";
    },

    keyOf: (row) => keyOf(row, schema.columns),

    missingColumns(rows) {
      const missing = new Map<string, TableColumn>();
      for (const row of rows) {
        for (const [name, value] of row) {
          if (value === null) continue;
          const column = missing.get(name) ?? columns.get(name);
          if (column === undefined) {
            missing.set(name, foundColumn(name, value));
            continue;
          }
          const text = encode(value, column.data_type);
          if (text !== MISFIT) {
            if (mayBecomeDouble(column) && isBeyondDouble(String(text))) missing.set(name, { ...column, exact: true });
          } else if (typeof value === "number" && mayBecomeDouble(column)) {
            missing.set(name, { ...column, data_type: "double" });
          } else {
            const variant = variantOf(name, value);
            if (!columns.has(variant.name)) missing.set(variant.name, variant);
          }
        }
      }
      return [...missing.values()];
    },

    write(rows, system) {
      const lines: string[] = [];
      for (const [index, row] of rows.entries()) {
        for (const [name, value] of Object.entries(system(index))) row.set(name, value);
        for (const [name, value] of row) {
          if (value !== null && !columns.has(name)) {
            throw new SchemaContractError(
              `there is no column ${name} yet for a value of this page: the next start adds it`,
            );
          }
        }
        // A variant's column was added after its own column, so it comes later in this loop.
        const variants = new Map<string, string>();
        let line = "";
        for (const [column, prefix] of prefixes) {
          const value = row.get(column.name) ?? null;
          let text = value === null ? variants.get(column.name) : encode(value, column.data_type);
          if (value !== null && text === MISFIT) {
            const variant = variantOf(column.name, value);
            if (!columns.has(variant.name)) {
              throw new SchemaContractError(
                `another writer made column ${column.name} a ${column.data_type} meanwhile, and there is no ${variant.name} yet for the ${variant.data_type} of this row: the next start adds it`,
              );
            }
            variants.set(variant.name, String(encode(value, variant.data_type)));
            text = undefined;
          }
          if (text === undefined && !column.nullable) {
            throw new SchemaContractError(
              `column ${column.name} is declared nullable: false, but the row with ${keyOf(row, schema.columns) || `number ${index + 1} of its page`} has ${value === null ? "null" : `a ${inferType(value)}`} there: declare the column otherwise, or mend the data at the source`,
            );
          }
          line += prefix + String(text ?? "null");
        }
        lines.push(`${line}}\n`);
      }
      return lines.join("");
    },
  };
};
