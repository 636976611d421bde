import { type BadConfig, DATA_TYPES, HINTS, RESOURCE } from "./words.fixture.ts";

export const BAD_COLUMNS: BadConfig[] = [
  [
    "a type with a typing mistake",
    { "resource.columns": { id: { data_type: "bigit" } } },
    `${RESOURCE}.columns.id.data_type: expected ${DATA_TYPES} (it is "bigit", did you mean "bigint"?)`,
  ],
  [
    "a type alone",
    { "resource.columns": { id: "bigint" } },
    `${RESOURCE}.columns.id: expected object (it is "bigint")`,
  ],
  [
    "named api_key",
    { "resource.columns": { api_key: "text" } },
    `${RESOURCE}.columns.api_key: expected object, received string`,
  ],
  [
    "a mistyped hint",
    { "resource.columns": { id: { nulable: false } } },
    `${RESOURCE}.columns.id: unknown key "nulable", did you mean "nullable"? Allowed: ${HINTS}`,
  ],
  [
    "a hint of an adapter",
    { "resource.columns": { id: { "x-bigquery-partition": true } } },
    `${RESOURCE}.columns.id: unknown key "x-bigquery-partition". Allowed: ${HINTS}`,
  ],
  [
    "a list without names",
    { "resource.columns": [{ data_type: "bigint" }, "id"] },
    `${RESOURCE}.columns[0].name: is missing: expected string`,
    `${RESOURCE}.columns[1]: expected object (it is "id")`,
  ],
  [
    "a list with a name twice",
    { "resource.columns": [{ name: "id" }, { name: "id", data_type: "bigint" }] },
    `${RESOURCE}.columns[1].name: is declared already (it is "id")`,
  ],
  [
    "names of one column",
    { "resource.columns": { createdAt: { data_type: "timestamp" }, created_at: { data_type: "date" } } },
    `${RESOURCE}.columns.created_at: is the column created_at, which createdAt is as well: keep one`,
  ],
  [
    "a column of restlake's",
    { "resource.columns": { _seq: { data_type: "text" } } },
    `${RESOURCE}.columns._seq: is a column of restlake's own, which has its type already`,
  ],
  ["a text", { "resource.columns": "id" }, `${RESOURCE}.columns: expected object or list (it is "id")`],
];
