import { columnName, contestedName, PATH_SEPARATOR } from "../columns/names.ts";
import { mayBecomeDouble, RESERVED_COLUMNS, type TableColumn, type TableSchema } from "../columns/table-schema.ts";
import { encode, inferType, MISFIT } from "../columns/types.ts";
import { MAX_TABLE_NESTING } from "../config/defaults.ts";
import { SchemaContractError } from "../errors/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";

/** A row, flattened: values by column. */
export type FlatRow = Map<string, Json>;

/** A row as a part takes it: the text of each column of the schema (see `encode`), in order. */
export type Cells = (string | null)[];

/** What a config says of rows beyond the columns of the table. */
export interface RowRules {
  /** How deep objects become columns; deeper ones are JSON text (dlt's `max_table_nesting`). */
  max_table_nesting: number;
  /** Names of columns that may not be null. */
  required: ReadonlySet<string>;
}

const NO_RULES: RowRules = { max_table_nesting: MAX_TABLE_NESTING, required: new Set() };

/** Makes rows of raw records: flattens, finds out which columns the table lacks, and fills the columns it has. */
export interface Shaper {
  /** A raw record as a row: objects flattened with `__` except where the object's own column is json. */
  flatten(record: JsonObject): FlatRow;
  /** What a value (not null) would change about the table. */
  changeBy(name: string, value: Json): "columns" | "data_type" | null;
  /** The row by its primary key, for messages; "" when it has none. */
  keyOf(row: FlatRow): string;
  /** Columns that these rows need and the schema does not have, or not so, in order of appearance. */
  missingColumns(rows: FlatRow[]): TableColumn[];
  /**
   * The rows with every column of the schema.
   *
   * @param system the values of restlake's own columns for the row of that index.
   * @throws SchemaContractError for a null where `nullable: false`, naming the row's key; and for a value that has no
   *   column, since another writer changed the schema meanwhile.
   */
  cells(rows: FlatRow[], system: (index: number) => Record<string, Json>): Cells[];
  /** The same at once where the schema has all that these rows need; null where `missingColumns` has something to say. */
  cellsOfKnown(rows: FlatRow[], system: (index: number) => Record<string, Json>): Cells[] | null;
}

const keyOf = (row: FlatRow, columns: TableColumn[]): string =>
  columns
    .filter(({ name, primary_key }) => primary_key && (row.get(name) ?? null) !== null)
    .map(({ name }) => `${name}=${String(row.get(name))}`)
    .join(", ");

/** A place in the rows: a key, below the keys of the objects that it is in. */
interface Place {
  path: string[];
  /** Its column, once it had a value. */
  name: string | null;
  /** The column that it would have. */
  likely: string;
  below: Map<string, Place>;
}

/** A shaper for one version of a table's schema. */
export const createShaper = (schema: TableSchema, rules: Partial<RowRules> = {}): Shaper => {
  const { max_table_nesting: maxNesting, required } = { ...NO_RULES, ...rules };
  const columns = new Map(schema.columns.map((column) => [column.name, column]));
  /** Nothing had a value for them yet. */
  const unseen = [...required].filter((name) => !columns.has(name));
  const keyOfPath = (path: string[]) => JSON.stringify(path);
  const columnOfPath = new Map(
    schema.columns.flatMap(({ name, path }) => (path === undefined ? [] : [[keyOfPath(path), name] as const])),
  );
  /** Whose name it is: a path's, or nobody's among the rows' keys. */
  const owners = new Map<string, string | null>([...RESERVED_COLUMNS].map((name) => [name, null]));
  for (const { name, path, variant, declared } of schema.columns) {
    if (path !== undefined) owners.set(name, keyOfPath(path));
    else if (variant) owners.set(name, null);
    // A name without a path is the key itself. Whose a declared column is, the first key that means it decides.
    else if (!declared && !name.includes(PATH_SEPARATOR)) owners.set(name, keyOfPath([name]));
  }
  const paths = new Map<string, string[]>();
  /** Columns below which there are others: objects were flattened there before. */
  const parents = new Set(
    schema.columns.flatMap(({ name }) =>
      [...name.matchAll(/__(?!v_[a-z]+$)/g)].map(({ index }) => name.slice(0, index)),
    ),
  );

  const top: Place = { path: [], name: null, likely: "", below: new Map() };

  const placeOf = ({ path: above, below }: Place, key: string): Place => {
    const known = below.get(key);
    if (known !== undefined) return known;
    const path = [...above, key];
    const likely = columnOfPath.get(keyOfPath(path)) ?? columnName(path);
    const place: Place = { path, name: null, likely, below: new Map() };
    below.set(key, place);
    return place;
  };

  /** The column of a place that has a value. Of two places of one name, the first one keeps it. */
  const nameOf = (place: Place): string => {
    if (place.name !== null) return place.name;
    const { path } = place;
    const key = keyOfPath(path);
    let name = columnOfPath.get(key);
    if (name === undefined) {
      name = columnName(path);
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, key);
      else if (owner !== key) name = contestedName(path);
      paths.set(name, path);
    }
    place.name = name;
    place.likely = name;
    return name;
  };

  /**
   * Whether objects go into this json column as they are: always when it is declared. One that a list made, such as the
   * [] that PHP writes for an empty object, does not end the columns that objects have had so far.
   */
  const isKeptWhole = (name: string): boolean => {
    const column = columns.get(name);
    return column?.data_type === "json" && (column.declared === true || !parents.has(name));
  };

  const walk = (record: JsonObject, place: Place, row: FlatRow) => {
    for (const key of Object.keys(record)) {
      const value = record[key] ?? null;
      const here = placeOf(place, key);
      if (isJsonObject(value) && here.path.length <= maxNesting && !isKeptWhole(here.likely)) walk(value, here, row);
      else if (value !== null) row.set(nameOf(here), value);
      // A null says nothing, and takes no name from a key that does.
      else if (!row.has(here.likely)) row.set(here.likely, null);
    }
  };

  const isBeyondDouble = (integer: string) => integer.length > 15 && !Number.isSafeInteger(Number(integer));

  const foundColumn = (name: string, value: Json): TableColumn => {
    const data_type = inferType(value);
    const exact = data_type === "bigint" && isBeyondDouble(String(value));
    const path = paths.get(name) ?? [name];
    // A name with `__` may be that of another path, or of a variant: it says whose it is.
    const isPlain = path.length === 1 && path[0] === name && !name.includes(PATH_SEPARATOR);
    return { name, data_type, nullable: true, ...(exact && { exact }), ...(!isPlain && { path }) };
  };

  /** The column that takes a value which its own column cannot: dlt's variant. A key of the rows may have its name already. */
  const variantOf = (name: string, value: Json): TableColumn => {
    const data_type = inferType(value);
    let own = `${name}${PATH_SEPARATOR}v_${data_type}`;
    for (let other = columns.get(own); other?.path ?? other?.declared; other = columns.get(own)) own += "x";
    return { name: own, data_type, nullable: true, variant: true };
  };

  const missingValue = (name: string, row: FlatRow, index: number) => {
    const value = row.get(name) ?? null;
    return new SchemaContractError(
      `column ${name} may not be null (nullable: false, or of the primary_key), but the row with ${keyOf(row, schema.columns) || `number ${index + 1} of its page`} has ${value === null ? "null" : `a ${inferType(value)}`} there: declare the column otherwise, or mend the data at the source`,
    );
  };

  /** The columns with what has to be looked at in each row. */
  const plan = schema.columns.map((column) => ({
    column,
    isOwn: RESERVED_COLUMNS.has(column.name),
    isRequired: required.has(column.name),
    /** An integer beyond 2^53 has to be noted, while it may still become a double. */
    isGuarded: mayBecomeDouble(column, schema),
  }));

  /**
   * A row's cells, or what is missing for it.
   *
   * @param own the values of restlake's own columns.
   * @param isNoted whether an integer that has to be noted counts as missing.
   */
  const fill = (row: FlatRow, own: Record<string, Json>, index: number, isNoted: boolean): Cells | string => {
    for (const [name, value] of row) {
      if (value !== null && !columns.has(name)) return `there is no column ${name} yet for a value of this page`;
    }
    if (unseen[0] !== undefined) throw missingValue(unseen[0], row, index);
    // A variant's column was added after its own column, so it comes later in this loop.
    let variants: Map<string, string> | null = null;
    const cells: Cells = [];
    for (const { column, isOwn, isRequired, isGuarded } of plan) {
      const value = (isOwn ? own[column.name] : row.get(column.name)) ?? null;
      const text = value === null ? variants?.get(column.name) : encode(value, column);
      if (value !== null && text === MISFIT) {
        const variant = variantOf(column.name, value);
        if (!columns.has(variant.name)) {
          return `another writer made column ${column.name} a ${column.data_type} meanwhile, and there is no ${variant.name} yet for the ${variant.data_type} of this row`;
        }
        variants ??= new Map();
        variants.set(variant.name, String(encode(value, variant)));
      } else if (isNoted && isGuarded && typeof text === "string" && isBeyondDouble(text)) {
        return `column ${column.name} is not noted as exact yet`;
      }
      if (isRequired && typeof text !== "string") throw missingValue(column.name, row, index);
      cells.push(typeof text === "string" ? text : null);
    }
    return cells;
  };

  return {
    flatten(record) {
      const row: FlatRow = new Map();
      walk(record, top, row);
      return row;
    },

    changeBy(name, value) {
      const column = columns.get(name);
      if (column === undefined) return "columns";
      if (encode(value, column) !== MISFIT) return null;
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
          const text = encode(value, column);
          if (text !== MISFIT) {
            if (mayBecomeDouble(column, schema) && isBeyondDouble(String(text)))
              missing.set(name, { ...column, exact: true });
          } else if (typeof value === "number" && mayBecomeDouble(column, schema)) {
            missing.set(name, { ...column, data_type: "double" });
          } else {
            const variant = variantOf(name, value);
            if (columns.has(variant.name)) continue;
            // Behind its own column, also where a key of this page would have had the name.
            if (!missing.get(variant.name)?.variant) missing.delete(variant.name);
            missing.set(variant.name, variant);
          }
        }
      }
      return [...missing.values()];
    },

    cellsOfKnown(rows, system) {
      const all: Cells[] = [];
      for (const [index, row] of rows.entries()) {
        const cells = fill(row, system(index), index, true);
        if (typeof cells === "string") return null;
        all.push(cells);
      }
      return all;
    },

    cells: (rows, system) =>
      rows.map((row, index) => {
        const cells = fill(row, system(index), index, false);
        if (typeof cells === "string") throw new SchemaContractError(`${cells}: the next start adds it`);
        return cells;
      }),
  };
};
