import { columnName, contestedName, PATH_SEPARATOR } from "../columns/names.ts";
import { RESERVED_COLUMNS, type TableSchema } from "../columns/table-schema.ts";

/** Assigns a column to each path of keys. A path keeps its column over all pages and runs. */
export interface ColumnNaming {
  /** Returns the column that a path has, or would have if no other path had that name. */
  expected(path: string[]): string;
  /** Returns the column of a path that has a value. Of two paths with the same name, the first one keeps it. */
  assign(path: string[]): string;
  /** Returns the path that a new column was assigned to. */
  pathOf(column: string): string[];
}

const keyOf = (path: string[]): string => JSON.stringify(path);

/** Returns the path that owns each name, as its key. null marks a name that no path can own. */
const ownersOf = ({ columns }: TableSchema): Map<string, string | null> => {
  const owners = new Map<string, string | null>([...RESERVED_COLUMNS].map((name) => [name, null]));
  for (const { name, path, variant, declared } of columns) {
    if (path !== undefined) owners.set(name, keyOf(path));
    else if (variant) owners.set(name, null);
    // Without a path, the name is the key itself. A declared column goes to the first key with its name.
    else if (!declared && !name.includes(PATH_SEPARATOR)) owners.set(name, keyOf([name]));
  }
  return owners;
};

/** Creates the naming of columns for one version of a table's schema. */
export const createColumnNaming = (schema: TableSchema): ColumnNaming => {
  const columnOfPath = new Map(
    schema.columns.flatMap(({ name, path }) => (path === undefined ? [] : [[keyOf(path), name] as const])),
  );
  const owners = ownersOf(schema);
  const paths = new Map<string, string[]>();
  return {
    expected: (path) => columnOfPath.get(keyOf(path)) ?? columnName(path),
    assign(path) {
      const key = keyOf(path);
      const stored = columnOfPath.get(key);
      if (stored !== undefined) return stored;
      let name = columnName(path);
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, key);
      else if (owner !== key) name = contestedName(path);
      paths.set(name, path);
      return name;
    },
    pathOf: (column) => paths.get(column) ?? [column],
  };
};
