import { type BadConfig, ENDPOINT, LITERAL_KEY, LONE_BRACE, post, RESOURCE, VALUES } from "./words.fixture.ts";

export const BAD_PLACEHOLDERS: BadConfig[] = [
  [
    "half a parent's",
    { "endpoint.params": { id: "{resources.teams}" } },
    `${ENDPOINT}.params.id: {resources.teams} is no placeholder: write {resources.<parent>.<field>}`,
  ],
  [
    "one with blanks",
    { "endpoint.headers": { "X-Id": "{ resources.teams.id }" } },
    `${ENDPOINT}.headers.X-Id: { resources.teams.id } is no placeholder: write {resources.<parent>.<field>}`,
  ],
  [
    "one in the singular",
    { "endpoint.path": "teams/{resource.teams.id}" },
    `${ENDPOINT}.path: {resource.teams.id} is no placeholder: write {resources.<parent>.<field>} (it is "teams/{resource.teams.id}")`,
  ],
  [
    "one that does not end",
    { "endpoint.params": { q: `{resources.teams.id ${LITERAL_KEY}` } },
    `${ENDPOINT}.params.q: {resources. without its end is no placeholder: write {resources.<parent>.<field>}`,
  ],
  [
    "a field that is no JSONPath",
    { "endpoint.path": "teams/{resources.teams.ids[}" },
    `${ENDPOINT}.path: "ids[" is not a JSONPath (RFC 9535): unclosed bracketed selection (it is "teams/{resources.teams.ids[}")`,
  ],
  [
    "a format of Python's",
    { "endpoint.params": { id: "{resources.teams.id:05d}" } },
    `${ENDPOINT}.params.id: {resources.teams.id:05d} has Python's format ":05d": leave it out; if it is part of the field's name, quote the name`,
  ],
  [
    "an incremental's value that there is not",
    { "endpoint.params": { since: "{incremental.start}" } },
    `${ENDPOINT}.params.since: {incremental.start} names nothing, did you mean "start_value"? ${VALUES}`,
  ],
  [
    "an incremental's value like no other",
    { "endpoint.params": { since: "{incremental.cursor_path}" } },
    `${ENDPOINT}.params.since: {incremental.cursor_path} names nothing. ${VALUES}`,
  ],
  ["a lone brace in a path", { "endpoint.path": "teams/{id" }, `${ENDPOINT}.path: ${LONE_BRACE} (it is "teams/{id")`],
  ["a lone brace in a short path", { "resource.endpoint": "teams/}" }, `${ENDPOINT}: ${LONE_BRACE} (it is "teams/}")`],
  [
    "a lone brace in a name that is the path",
    { "resources.1": "teams/{id", "resources.2": { name: "tags/{resources.users}" } },
    `resources[1]: ${LONE_BRACE}`,
    "resources[2]: {resources.users} is no placeholder: write {resources.<parent>.<field>}",
  ],
  [
    "a lone brace beside a placeholder",
    { endpoint: post({ data: `{"key": "${LITERAL_KEY}", "id": "{resources.teams.id}"}` }) },
    `${ENDPOINT}.data: ${LONE_BRACE}`,
  ],
  [
    "in a key, and deep in json",
    { endpoint: post({ json: { a: [{ "{resources.teams}": 1 }, "{incremental.x}"] } }) },
    `${ENDPOINT}.json.a[0]["{resources.teams}"]: {resources.teams} is no placeholder: write {resources.<parent>.<field>}`,
    `${ENDPOINT}.json.a[1]: {incremental.x} names nothing. ${VALUES}`,
  ],
  [
    "in the name of a header",
    { "endpoint.headers": { "X {resources.teams.id}": "1" } },
    `${ENDPOINT}.headers["X {resources.teams.id}"]: must be letters, digits and dashes`,
  ],
  [
    "a parent that there is not",
    { "endpoint.path": "teams/{resources.team.id}", "resources.1": "teams" },
    `${ENDPOINT}.path: its parent "team" is not a resource of this source, did you mean "teams"? There are: users, teams`,
  ],
  [
    "a parent that there is not, in the older form",
    {
      "endpoint.path": "teams/{id}",
      "endpoint.params": { id: { type: "resolve", resource: "team", field: "id" } },
      "resources.1": "teams",
    },
    `${ENDPOINT}.params.id.resource: its parent "team" is not a resource of this source, did you mean "teams"? There are: users, teams`,
  ],
  [
    "a name of the path that nothing binds",
    { "endpoint.path": "teams/{team}/users/{user}" },
    `${ENDPOINT}.path: nothing binds {team} of the path: give params.team a value or type: resolve`,
    `${ENDPOINT}.path: nothing binds {user} of the path: give params.user a value or type: resolve`,
  ],
  [
    "a name of the path that is null",
    { "endpoint.path": "teams/{team}/users", "endpoint.params": { team: null } },
    `${ENDPOINT}.path: nothing binds {team} of the path: give params.team a value or type: resolve`,
  ],
  [
    "a name of the path like something inherited",
    { "endpoint.path": "teams/{constructor}" },
    `${ENDPOINT}.path: nothing binds {constructor} of the path: give params.constructor a value or type: resolve`,
  ],
  [
    "a secret, a list and an incremental in the path",
    {
      "endpoint.path": "{a}/{b}/{c}",
      "endpoint.params": { a: { secret: "a" }, b: [1], c: { type: "incremental", cursor_path: "at" } },
    },
    `${ENDPOINT}.params.a: is a secret, which cannot go into the path as {a}`,
    `${ENDPOINT}.params.b: is a list, which cannot go into the path as {b}`,
    `${ENDPOINT}.params.c: is an incremental, which the path cannot take as {c}: it is sent as a parameter`,
  ],
  [
    "a binding that the path does not have",
    { "endpoint.params": { team: { type: "resolve", resource: "teams", field: "id" } }, "resources.1": "teams" },
    `${ENDPOINT}.params.team: is bound to a parent, but the path has no {team}`,
  ],
  [
    "two parents",
    {
      "endpoint.path": "{resources.teams.id}/{org}",
      "endpoint.params": { org: { type: "resolve", resource: "orgs", field: "id" } },
      "resources.1": "teams",
      "resources.2": "orgs",
    },
    `${RESOURCE}: is bound to several parents (teams in endpoint.path, orgs in endpoint.params.org.resource): a resource has at most one`,
  ],
  [
    "its own parent, and another circle",
    {
      resources: [
        { name: "a", endpoint: "{resources.a.id}" },
        { name: "b", endpoint: "{resources.c.id}" },
        { name: "c", endpoint: "{resources.b.id}" },
        { name: "d", endpoint: "{resources.c.id}" },
      ],
    },
    "resources: these are each other's parents, in a circle: a",
    "resources: these are each other's parents, in a circle: b, c",
  ],
  [
    "a host that rows choose",
    { "endpoint.path": "https://{resources.teams.host}/users", "resources.1": "teams" },
    `${ENDPOINT}.path: a placeholder is in the host of the path: rows would choose where the key goes`,
  ],
  [
    "an incremental's value without an incremental",
    { "endpoint.params": { since: "{incremental.start_value}" } },
    `${ENDPOINT}.params.since: {incremental.start_value} needs an incremental at this endpoint`,
  ],
  [
    "an incremental's values that are not always there",
    {
      "endpoint.params": { since: "{incremental.start_value}", until: "{incremental.end_value}" },
      "endpoint.incremental": { cursor_path: "at" },
    },
    `${ENDPOINT}.params.since: {incremental.start_value} has no value in the first run: give the incremental an initial_value`,
    `${ENDPOINT}.params.until: {incremental.end_value} never has a value: give the incremental an end_value, or use end_param`,
  ],
  [
    "include_from_parent without a parent",
    { "resource.include_from_parent": ["id"] },
    `${RESOURCE}.include_from_parent: needs a parent: name one in a placeholder, {resources.<parent>.<field>}`,
  ],
  [
    "include_from_parent as a text",
    { "resource.include_from_parent": "id" },
    `${RESOURCE}.include_from_parent: expected list (it is "id")`,
  ],
  [
    "no name in a path",
    { "endpoint.path": "teams/{}" },
    `${ENDPOINT}.path: has {}, which names nothing: write {name}, and bind it by params.name (it is "teams/{}")`,
  ],
];
