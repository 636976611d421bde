import { SYSTEM_COLUMNS, type TableColumn } from "../columns/table-schema.ts";
import type { DataType } from "../columns/types.ts";
import type { TableDescription } from "./description.ts";

/** JSON Schema of the values in a part, by data type. */
const VALUE_SCHEMAS: Record<DataType, { type: string } & Record<string, unknown>> = {
  text: { type: "string" },
  bigint: { type: "integer" },
  double: { type: "number" },
  bool: { type: "boolean" },
  timestamp: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2} \\d{2}:\\d{2}:\\d{2}\\.\\d{3}$" },
  date: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
  decimal: { type: "number" },
  json: { type: "string", contentMediaType: "application/json" },
};

const columnSchema = ({ data_type, nullable }: TableColumn) => {
  const values = VALUE_SCHEMAS[data_type];
  return nullable ? { ...values, type: [values.type, "null"] } : values;
};

/** Returns the JSON Schema of a line in a table's parts. Parts of older runs lack columns that were added later. */
export const rowSchema = ({ source, table, columns }: TableDescription): Record<string, unknown> => ({
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: `${source}.${table}`,
  type: "object",
  properties: Object.fromEntries(columns.map((column) => [column.name, columnSchema(column)])),
  required: SYSTEM_COLUMNS.map(({ name }) => name),
  additionalProperties: false,
});
