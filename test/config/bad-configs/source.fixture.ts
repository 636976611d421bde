import { type BadConfig, NAME_RULE, SOURCE_KEYS } from "./words.fixture.ts";

export const BAD_SOURCE: BadConfig[] = [
  [
    "a mistyped key",
    { resorces: [] },
    `the config: unknown key "resorces", did you mean "resources"? Allowed: ${SOURCE_KEYS}`,
  ],
  ["a key like no other", { qwertyuiop: 1 }, `the config: unknown key "qwertyuiop". Allowed: ${SOURCE_KEYS}`],
  [
    "a setting beside the source's keys",
    { schedule: "rate(1 day)" },
    `the config: unknown key "schedule": it belongs into the settings. Allowed: ${SOURCE_KEYS}`,
  ],
  [
    "$schema in TypeScript",
    { $schema: "./source.schema.json" },
    `the config: unknown key "$schema": it stands at the top of a JSON or YAML config, and nowhere else. Allowed: ${SOURCE_KEYS}`,
  ],
  ["no client", { client: undefined }, "client: is missing: expected object"],
  ["a name with spaces", { name: "My CRM" }, `name: ${NAME_RULE} (it is "My CRM")`],
  ["no resources", { resources: [] }, "resources: at least one resource is needed"],
  ["resources by name", { resources: { users: {} } }, "resources: expected list, received object"],
  ["a resource that is a number", { "resources.1": 5 }, "resources[1]: expected string or object (it is 5)"],
  [
    "a list",
    { resources: ["users", null, []] },
    "resources[1]: expected string or object (it is null)",
    "resources[2]: expected string or object, received list",
  ],
];
