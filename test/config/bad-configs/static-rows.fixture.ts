import { type BadConfig, DEFAULTS_KEYS, LITERAL_KEY, RESOURCE } from "./messages.fixture.ts";

const regions = { name: "regions", rows: [{ code: "at", name: "Austria" }, { name: "Germany" }] };
const shops = (more: object) => ({ name: "shops", endpoint: "regions/{resources.regions.code}/shops", ...more });
const SECRET = "secret in rows, which are stored: use secrets in auth, headers, params or a body of an endpoint";

export const BAD_STATIC_ROWS: BadConfig[] = [
  [
    "E.9: rows and an endpoint",
    { "resource.rows": [{ id: 1 }], "resource.endpoint": "users" },
    `${RESOURCE}.endpoint: conflicts with rows (got "users"): keep one of them`,
  ],
  [
    "E.9: rows that are not a list",
    { "resource.rows": { id: 1 }, "resource.endpoint": undefined },
    `${RESOURCE}.rows: expected list, got object`,
  ],
  [
    "E.9: rows that are not JSON",
    { "resource.rows": [{ at: new Date(0) }, null, { run: () => 1 }, Number.NaN], "resource.endpoint": undefined },
    `${RESOURCE}.rows[0].at: expected JSON, got a Date`,
    `${RESOURCE}.rows[1]: expected object, list, string, number or boolean, got null: remove it`,
    `${RESOURCE}.rows[2].run: expected JSON, got function`,
    `${RESOURCE}.rows[3]: expected finite number, got NaN`,
  ],
  [
    "E.9: integers in rows that have lost digits",
    // biome-ignore lint/correctness/noPrecisionLoss: it is the error.
    { "resource.rows": [{ id: 9007199254740993 }, { id: 9007199254740995 }], "resource.endpoint": undefined },
    `${RESOURCE}.rows[0].id: integer beyond 2^53, which loses digits (got 9007199254740992): write it as text, and declare its type in columns`,
  ],
  [
    "E.9: secrets in rows",
    {
      "resource.rows": [{ api: { secret: "key" } }, { token: LITERAL_KEY }, { text: 'dlt.secrets["key"]' }],
      "resource.endpoint": undefined,
    },
    `${RESOURCE}.rows[0].api: ${SECRET}`,
  ],
  [
    "E.9: a reference to dlt's secrets in rows",
    { "resource.rows": [{ text: 'dlt.secrets["key"]' }], "resource.endpoint": undefined },
    `${RESOURCE}.rows[0].text: ${SECRET.replace(": ", ' (got "dlt.secrets[\\"key\\"]"): ')}`,
  ],
  [
    "E.9: rows that are too many for a Lambda",
    { "resource.rows": ["x".repeat(1.2 * 1024 * 1024)], "resource.endpoint": undefined },
    `${RESOURCE}.rows: rows of 1.2 MiB: at most 1 MiB of JSON. Every Lambda of the source contains them`,
  ],
  [
    "E.9: a field of a placeholder that a row in the config lacks",
    { "resources.1": regions, "resources.2": shops({}) },
    'resources[2].endpoint: rows[1] of regions has no "code", which {resources.regions.code} needs: add it to the row',
  ],
  [
    "E.9: a misspelt field of a placeholder, whatever rows are skipped",
    {
      "resources.1": regions,
      "resources.2": shops({
        endpoint: { path: "r/{resources.regions.names}" },
        on_missing_parent_field: "skip",
        include_from_parent: ["Name"],
      }),
    },
    'resources[2].endpoint: rows[0] of regions has no "names", which {resources.regions.names} needs: did you mean "name"?',
    'resources[2].include_from_parent: rows[0] of regions has no "Name": did you mean "name"?',
  ],
  [
    "E.9: a parent's field in a resource with rows, which has no parent",
    { "resource.rows": [], "resource.endpoint": undefined, "resource.include_from_parent": ["id"] },
    `${RESOURCE}.include_from_parent: resource without a parent: name one in a placeholder {resources.<parent>.<field>}`,
  ],
  [
    "E.9: rows in resource_defaults",
    { resource_defaults: { rows: [] } },
    `resource_defaults: unknown key "rows": move it to a resource. Allowed keys: ${DEFAULTS_KEYS}`,
  ],
];
