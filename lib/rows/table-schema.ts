import type { Column, DataType } from "../source/schema/index.ts";

/** A column of a table. */
export interface TableColumn {
  name: string;
  data_type: DataType;
  nullable: boolean;
  primary_key?: true;
}

/** The columns of a table, in the order in which every row has them. It only ever grows. */
export interface TableSchema {
  /** 1 for the first. */
  version: number;
  columns: TableColumn[];
}

/** What restlake adds to every row. */
export const SYSTEM_COLUMNS: TableColumn[] = [
  { name: "_run_id", data_type: "text", nullable: false },
  { name: "_seq", data_type: "bigint", nullable: false },
  { name: "_extracted_at", data_type: "timestamp", nullable: false },
];

/** The first version of a table's schema: restlake's own columns and the declared ones. */
export const declaredSchema = (columns: Record<string, Column>, primaryKey: string[]): TableSchema => ({
  version: 1,
  columns: [
    ...SYSTEM_COLUMNS,
    ...Object.entries(columns).map(([name, { data_type, nullable }]) => ({
      name,
      data_type,
      nullable,
      ...(primaryKey.includes(name) ? { primary_key: true as const } : {}),
    })),
  ],
});

/** The schema with the new columns at its end, one version on; the same object when there are none. */
export const withColumns = (schema: TableSchema, added: TableColumn[]): TableSchema => {
  const known = new Set(schema.columns.map(({ name }) => name));
  const missing = added.filter(({ name }) => !known.has(name));
  return missing.length === 0 ? schema : { version: schema.version + 1, columns: [...schema.columns, ...missing] };
};
