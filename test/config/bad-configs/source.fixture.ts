import { type BadConfig, NAME_RULE, SOURCE_KEYS } from "./messages.fixture.ts";

export const BAD_SOURCE: BadConfig[] = [
  [
    "a misspelled key",
    { resorces: [] },
    `the config: unknown key "resorces": did you mean "resources"? Allowed keys: ${SOURCE_KEYS}`,
  ],
  [
    "a key that resembles no other",
    { qwertyuiop: 1 },
    `the config: unknown key "qwertyuiop". Allowed keys: ${SOURCE_KEYS}`,
  ],
  [
    "a setting at the top level",
    { schedule: "rate(1 day)" },
    `the config: unknown key "schedule": move it to the settings. Allowed keys: ${SOURCE_KEYS}`,
  ],
  [
    "$schema in a TypeScript config",
    { $schema: "./source.schema.json" },
    `the config: unknown key "$schema": it is allowed only at the top level of a JSON or YAML config. Allowed keys: ${SOURCE_KEYS}`,
  ],
  ["a missing client", { client: undefined }, "missing required key client: expected object"],
  ["a name with spaces", { name: "My CRM" }, `name: expected a name that matches ${NAME_RULE}, got "My CRM"`],
  ["an empty list of resources", { resources: [] }, "resources: expected at least 1 resource"],
  ["an object as resources", { resources: { users: {} } }, "resources: expected list, got object"],
  ["a number as a resource", { "resources.1": 5 }, "resources[1]: expected string or object, got 5"],
  [
    "null and a list as resources",
    { resources: ["users", null, []] },
    "resources[1]: expected string or object, got null",
    "resources[2]: expected string or object, got list",
  ],
];
