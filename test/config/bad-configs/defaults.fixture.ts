import { type BadConfig, DEFAULTS_KEYS, ENDPOINT, POST, post } from "./messages.fixture.ts";

export const BAD_DEFAULTS: BadConfig[] = [
  [
    "a name in resource_defaults",
    { resource_defaults: { name: "all" } },
    `resource_defaults: unknown key "name": move it to the source or a resource. Allowed keys: ${DEFAULTS_KEYS}`,
  ],
  [
    "an endpoint as a string",
    { resource_defaults: { endpoint: "all" } },
    'resource_defaults.endpoint: expected object, got "all"',
  ],
  [
    "an error in resource_defaults that affects every resource",
    { resource_defaults: { endpoint: { json: { a: 1 } } }, "resources.1": "teams" },
    `resource_defaults.endpoint.json (resources users, teams): ${POST}`,
  ],
  [
    "an error of a resource that also sets the key in resource_defaults",
    {
      resource_defaults: { endpoint: { json: { a: 1 }, method: "POST" } },
      "endpoint.json": { b: 1 },
      "endpoint.method": "GET",
    },
    `${ENDPOINT}.json: ${POST}`,
  ],
  [
    "an endpoint as a string that overrides the path of resource_defaults",
    { resource_defaults: { endpoint: { path: "all" } }, "resource.endpoint": "teams/{team}" },
    `${ENDPOINT}: {team} in the path has no value: set params.team, or bind it with type: resolve`,
  ],
  [
    "an error in a name that is also the path, next to a path in resource_defaults, which has no effect",
    { resource_defaults: { endpoint: { path: "all" } }, "resources.1": "teams/{team}" },
    "resources[1]: {team} in the path has no value: set params.team, or bind it with type: resolve",
  ],
  [
    "an unknown parent in resource_defaults",
    { resource_defaults: { endpoint: { params: { team: "{resources.team.id}" } } }, "resources.1": "teams" },
    'resource_defaults.endpoint.params.team (resources users, teams): unknown parent resource "team": did you mean "teams"? Resources: users, teams',
  ],
  [
    "a paginator of the client whose values the body cannot take",
    { "client.paginator": { type: "cursor", cursor_body_path: "next" }, endpoint: post({ data: { a: 1 } }) },
    "client.paginator (resources users): cursor_body_path needs a JSON object as the body: set endpoint.json to an object",
  ],
];
