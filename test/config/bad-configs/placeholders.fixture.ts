import { type BadConfig, ENDPOINT, LITERAL_KEY, post, RESOURCE, SINGLE_BRACE, VALUES } from "./messages.fixture.ts";

export const BAD_PLACEHOLDERS: BadConfig[] = [
  [
    "a parent without a field",
    { "endpoint.params": { id: "{resources.teams}" } },
    `${ENDPOINT}.params.id: invalid placeholder {resources.teams}: write {resources.<parent>.<field>}`,
  ],
  [
    "spaces inside the braces",
    { "endpoint.headers": { "X-Id": "{ resources.teams.id }" } },
    `${ENDPOINT}.headers.X-Id: invalid placeholder { resources.teams.id }: write {resources.<parent>.<field>}`,
  ],
  [
    "resource instead of resources",
    { "endpoint.path": "teams/{resource.teams.id}" },
    `${ENDPOINT}.path: invalid placeholder {resource.teams.id} (got "teams/{resource.teams.id}"): write {resources.<parent>.<field>}`,
  ],
  [
    "a missing closing brace",
    { "endpoint.params": { q: `{resources.teams.id ${LITERAL_KEY}` } },
    `${ENDPOINT}.params.q: unclosed placeholder {resources.: write {resources.<parent>.<field>}`,
  ],
  [
    "a field with invalid JSONPath",
    { "endpoint.path": "teams/{resources.teams.ids[}" },
    `${ENDPOINT}.path: "ids[" is not a JSONPath (RFC 9535) (got "teams/{resources.teams.ids[}"): unclosed bracketed selection`,
  ],
  [
    "a Python format",
    { "endpoint.params": { id: "{resources.teams.id:05d}" } },
    `${ENDPOINT}.params.id: {resources.teams.id:05d} has the Python format ":05d": remove it, or quote the name if it is part of the field's name`,
  ],
  [
    "an abbreviated value of the incremental",
    { "endpoint.params": { since: "{incremental.start}" } },
    `${ENDPOINT}.params.since: unknown placeholder {incremental.start}: did you mean "start_value"? ${VALUES}`,
  ],
  [
    "an unknown value of the incremental",
    { "endpoint.params": { since: "{incremental.cursor_path}" } },
    `${ENDPOINT}.params.since: unknown placeholder {incremental.cursor_path}. ${VALUES}`,
  ],
  [
    "a misspelled kind in path, params and headers",
    {
      "endpoint.path": "teams/{resouces.teams.id}",
      "endpoint.params": { id: "{resource_s.teams.id}", ids: ["1", "{incremntal.lag}"] },
      "endpoint.headers": { "X-Id": "{unknown.teams.id}" },
    },
    `${ENDPOINT}.params.id: unknown placeholder {resource_s.teams.id}: did you mean {resources.teams.id}?`,
    `${ENDPOINT}.params.ids[1]: unknown placeholder {incremntal.lag}: did you mean {incremental.lag}?`,
    `${ENDPOINT}.headers.X-Id: unknown placeholder {unknown.teams.id}: write {resources.<parent>.<field>} or {incremental.<value>} or {run.opened_at}, or double the braces to send the text itself`,
  ],
  [
    "a misspelled kind in a path",
    { "endpoint.path": "teams/{resouces.teams.id}" },
    `${ENDPOINT}.path: unknown placeholder {resouces.teams.id}: did you mean {resources.teams.id}?`,
  ],
  [
    "a misspelled kind in json, data, and JSON text",
    {
      endpoint: post({ json: { a: ["{resouces.teams.id}"] } }),
      "resources.1": { name: "a", endpoint: post({ data: { id: "{resouces.teams.id}" } }) },
      "resources.2": { name: "b", endpoint: post({ data: `{"id":{resouces.teams.id}}` }) },
    },
    `${ENDPOINT}.json.a[0]: unknown placeholder {resouces.teams.id}: did you mean {resources.teams.id}?`,
    "resources[1].endpoint.data.id: unknown placeholder {resouces.teams.id}: did you mean {resources.teams.id}?",
    "resources[2].endpoint.data: unknown placeholder {resouces.teams.id}: did you mean {resources.teams.id}?",
  ],
  [
    "a single brace in a path",
    { "endpoint.path": "teams/{id" },
    `${ENDPOINT}.path: single brace outside of a placeholder (got "teams/{id"): write {{ or }} for a literal brace`,
  ],
  [
    "a single brace in a short endpoint",
    { "resource.endpoint": "teams/}" },
    `${ENDPOINT}: single brace outside of a placeholder (got "teams/}"): write {{ or }} for a literal brace`,
  ],
  [
    "a single brace in a name that is also the path",
    { "resources.1": "teams/{id", "resources.2": { name: "tags/{resources.users}" } },
    `resources[1]: ${SINGLE_BRACE}`,
    "resources[2]: invalid placeholder {resources.users}: write {resources.<parent>.<field>}",
  ],
  [
    "a single brace next to a placeholder",
    { endpoint: post({ data: `{"key": "${LITERAL_KEY}", "id": "{resources.teams.id}"}` }) },
    `${ENDPOINT}.data: ${SINGLE_BRACE}`,
  ],
  [
    "invalid placeholders in a key and deep in json",
    { endpoint: post({ json: { a: [{ "{resources.teams}": 1 }, "{incremental.x}"] } }) },
    `${ENDPOINT}.json.a[0]["{resources.teams}"]: invalid placeholder {resources.teams}: write {resources.<parent>.<field>}`,
    `${ENDPOINT}.json.a[1]: unknown placeholder {incremental.x}. ${VALUES}`,
  ],
  [
    "an invalid header name with a placeholder",
    { "endpoint.headers": { "X {resources.teams.id}": "1" } },
    `${ENDPOINT}.headers["X {resources.teams.id}"]: expected header name (letters, digits, dashes)`,
  ],
  [
    "an unknown parent",
    { "endpoint.path": "teams/{resources.team.id}", "resources.1": "teams" },
    `${ENDPOINT}.path: unknown parent resource "team": did you mean "teams"? Resources: users, teams`,
  ],
  [
    "an unknown parent in type: resolve",
    {
      "endpoint.path": "teams/{id}",
      "endpoint.params": { id: { type: "resolve", resource: "team", field: "id" } },
      "resources.1": "teams",
    },
    `${ENDPOINT}.params.id.resource: unknown parent resource "team": did you mean "teams"? Resources: users, teams`,
  ],
  [
    "names in the path without a value",
    { "endpoint.path": "teams/{team}/users/{user}" },
    `${ENDPOINT}.path: {team} in the path has no value: set params.team, or bind it with type: resolve`,
    `${ENDPOINT}.path: {user} in the path has no value: set params.user, or bind it with type: resolve`,
  ],
  [
    "a name in the path whose parameter is null",
    { "endpoint.path": "teams/{team}/users", "endpoint.params": { team: null } },
    `${ENDPOINT}.path: {team} in the path has no value: set params.team, or bind it with type: resolve`,
  ],
  [
    "a name in the path that is a property of every object",
    { "endpoint.path": "teams/{constructor}" },
    `${ENDPOINT}.path: {constructor} in the path has no value: set params.constructor, or bind it with type: resolve`,
  ],
  [
    "a list and an incremental as names in the path, next to a secret",
    {
      "endpoint.path": "{a}/{b}/{c}",
      "endpoint.params": { a: { secret: "a" }, b: [1], c: { type: "incremental", cursor_path: "at" } },
    },
    `${ENDPOINT}.params.b: list used in the path as {b}: set a string, number or boolean`,
    `${ENDPOINT}.params.c: incremental parameter used in the path as {c}: write {incremental.start_value} in the path`,
  ],
  [
    "type: resolve for a name that the path does not contain",
    { "endpoint.params": { team: { type: "resolve", resource: "teams", field: "id" } }, "resources.1": "teams" },
    `${ENDPOINT}.params.team: type: resolve without {team} in the path: add {team} to the path`,
  ],
  [
    "placeholders of two parents",
    {
      "endpoint.path": "{resources.teams.id}/{org}",
      "endpoint.params": { org: { type: "resolve", resource: "orgs", field: "id" } },
      "resources.1": "teams",
      "resources.2": "orgs",
    },
    `${RESOURCE}: several parents (teams in endpoint.path, orgs in endpoint.params.org.resource): use fields of one parent only`,
  ],
  [
    "a resource that is its own parent, and two that are each other's parents",
    {
      resources: [
        { name: "a", endpoint: "{resources.a.id}" },
        { name: "b", endpoint: "{resources.c.id}" },
        { name: "c", endpoint: "{resources.b.id}" },
        { name: "d", endpoint: "{resources.c.id}" },
      ],
    },
    "resources: circular parents (a): remove one of the references",
    "resources: circular parents (b, c): remove one of the references",
  ],
  [
    "a placeholder in the host",
    { "endpoint.path": "https://{resources.teams.host}/users", "resources.1": "teams" },
    `${ENDPOINT}.path: placeholder in the host of the path: use a fixed host, so that no row can redirect credentials`,
  ],
  [
    "a value of an incremental without an incremental",
    { "endpoint.params": { since: "{incremental.start_value}" } },
    `${ENDPOINT}.params.since: {incremental.start_value} has no value: add an incremental to this endpoint`,
  ],
  [
    "values of an incremental that do not exist in every run",
    {
      "endpoint.params": { since: "{incremental.start_value}", until: "{incremental.end_value}" },
      "endpoint.incremental": { cursor_path: "at" },
    },
    `${ENDPOINT}.params.since: {incremental.start_value} has no value in the first run: set initial_value of the incremental`,
    `${ENDPOINT}.params.until: {incremental.end_value} never has a value: set end_value of the incremental, or use end_param`,
  ],
  [
    "include_from_parent without a parent",
    { "resource.include_from_parent": ["id"] },
    `${RESOURCE}.include_from_parent: resource without a parent: name one in a placeholder {resources.<parent>.<field>}`,
  ],
  [
    "on_error and on_missing_parent_field without a parent",
    { "resource.on_error": "skip", "resource.on_missing_parent_field": "skip" },
    `${RESOURCE}.on_missing_parent_field: resource without a parent: nothing can be skipped`,
    `${RESOURCE}.on_error: resource without a parent: nothing can be skipped`,
  ],
  [
    "include_from_parent as a string",
    { "resource.include_from_parent": "id" },
    `${RESOURCE}.include_from_parent: expected list, got "id"`,
  ],
  [
    "empty braces in a path",
    { "endpoint.path": "teams/{}" },
    `${ENDPOINT}.path: empty placeholder {} in the path (got "teams/{}"): write {name} and set params.name`,
  ],
];
