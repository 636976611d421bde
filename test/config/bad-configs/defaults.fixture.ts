import { type BadConfig, DEFAULTS_KEYS, ENDPOINT, POST, post } from "./words.fixture.ts";

export const BAD_DEFAULTS: BadConfig[] = [
  [
    "a name",
    { resource_defaults: { name: "all" } },
    `resource_defaults: unknown key "name": it belongs into the source or a resource. Allowed: ${DEFAULTS_KEYS}`,
  ],
  [
    "an endpoint as a text",
    { resource_defaults: { endpoint: "all" } },
    'resource_defaults.endpoint: expected object (it is "all")',
  ],
  [
    "a mistake that every resource has from there",
    { resource_defaults: { endpoint: { json: { a: 1 } } }, "resources.1": "teams" },
    `resource_defaults.endpoint.json (of users, teams): ${POST}`,
  ],
  [
    "a mistake that is a resource's own, though the defaults say the same",
    {
      resource_defaults: { endpoint: { json: { a: 1 }, method: "POST" } },
      "endpoint.json": { b: 1 },
      "endpoint.method": "GET",
    },
    `${ENDPOINT}.json: ${POST}`,
  ],
  [
    "a path that is a text, though the defaults have one",
    { resource_defaults: { endpoint: { path: "all" } }, "resource.endpoint": "teams/{team}" },
    `${ENDPOINT}: nothing binds {team} of the path: give params.team a value or type: resolve`,
  ],
  [
    "a path of the defaults",
    { resource_defaults: { endpoint: { path: "teams/{team}" } }, "endpoint.path": undefined, "resources.1": "teams" },
    "resource_defaults.endpoint.path (of users, teams): nothing binds {team} of the path: give params.team a value or type: resolve",
  ],
  [
    "a parent that there is not",
    { resource_defaults: { endpoint: { params: { team: "{resources.team.id}" } } }, "resources.1": "teams" },
    'resource_defaults.endpoint.params.team (of users, teams): its parent "team" is not a resource of this source, did you mean "teams"? There are: users, teams',
  ],
  [
    "a paginator of the client's that the body cannot take",
    { "client.paginator": { type: "cursor", cursor_body_path: "next" }, endpoint: post({ data: { a: 1 } }) },
    "client.paginator (of users): has a cursor_body_path, and the body is no JSON object: give the endpoint json",
  ],
];
