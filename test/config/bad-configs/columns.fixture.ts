import { type BadConfig, DATA_TYPES, HINTS, RESOURCE } from "./messages.fixture.ts";

export const BAD_COLUMNS: BadConfig[] = [
  [
    "a misspelled data_type",
    { "resource.columns": { id: { data_type: "bigit" } } },
    `${RESOURCE}.columns.id.data_type: expected ${DATA_TYPES}, got "bigit": did you mean "bigint"?`,
  ],
  [
    "a type instead of hints",
    { "resource.columns": { id: "bigint" } },
    `${RESOURCE}.columns.id: expected object, got "bigint"`,
  ],
  [
    "a type instead of hints, for a column named api_key",
    { "resource.columns": { api_key: "text" } },
    `${RESOURCE}.columns.api_key: expected object, got string`,
  ],
  [
    "a misspelled hint",
    { "resource.columns": { id: { nulable: false } } },
    `${RESOURCE}.columns.id: unknown key "nulable": did you mean "nullable"? Allowed keys: ${HINTS}`,
  ],
  [
    "a hint of a dlt adapter",
    { "resource.columns": { id: { "x-bigquery-partition": true } } },
    `${RESOURCE}.columns.id: unknown key "x-bigquery-partition". Allowed keys: ${HINTS}`,
  ],
  [
    "a list of columns without names",
    { "resource.columns": [{ data_type: "bigint" }, "id"] },
    `missing required key ${RESOURCE}.columns[0].name: expected string`,
    `${RESOURCE}.columns[1]: expected object, got "id"`,
  ],
  [
    "a list with a duplicate name",
    { "resource.columns": [{ name: "id" }, { name: "id", data_type: "bigint" }] },
    `${RESOURCE}.columns[1].name: duplicate column (got "id"): keep one`,
  ],
  [
    "two names of the same column",
    { "resource.columns": { createdAt: { data_type: "timestamp" }, created_at: { data_type: "date" } } },
    `${RESOURCE}.columns.created_at: duplicate column created_at (also declared as createdAt): keep one`,
  ],
  [
    "a system column",
    { "resource.columns": { _seq: { data_type: "text" } } },
    `${RESOURCE}.columns._seq: reserved system column: remove it`,
  ],
  [
    "a decimal with more than 38 digits",
    { "resource.columns": { price: { data_type: "decimal", precision: 39, scale: 2 } } },
    `${RESOURCE}.columns.price.precision: expected at most 38 digits, got 39`,
  ],
  [
    "a decimal whose scale exceeds its precision",
    { "resource.columns": { price: { data_type: "decimal", precision: 5, scale: 6 } } },
    `${RESOURCE}.columns.price.scale: expected at most the precision 5, got 6`,
  ],
  [
    "a decimal whose precision is less than the default scale",
    { "resource.columns": { price: { data_type: "decimal", precision: 5 } } },
    `${RESOURCE}.columns.price: default scale 9 exceeds precision 5: set scale`,
  ],
  [
    "a string instead of columns",
    { "resource.columns": "id" },
    `${RESOURCE}.columns: expected object or list, got "id"`,
  ],
];
