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
  [
    "a decimal with more digits than any engine has",
    { "resource.columns": { price: { data_type: "decimal", precision: 39, scale: 2 } } },
    `${RESOURCE}.columns.price.precision: is 39, and 38 is the most that engines have`,
  ],
  [
    "a decimal with more digits behind the point than in all",
    { "resource.columns": { price: { data_type: "decimal", precision: 5, scale: 6 } } },
    `${RESOURCE}.columns.price.scale: is 6, more than the precision of 5`,
  ],
  [
    "a short decimal without a scale, which is 9 in dlt",
    { "resource.columns": { price: { data_type: "decimal", precision: 5 } } },
    `${RESOURCE}.columns.price: needs a scale: it is 9, more than the precision`,
  ],
  ["a text", { "resource.columns": "id" }, `${RESOURCE}.columns: expected object or list (it is "id")`],
];
