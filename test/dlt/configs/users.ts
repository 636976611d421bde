import type { Api, ApiRequest } from "../api.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";

/** Rows of the parent; each has a field of each kind. */
export const USERS = [
  {
    id: 1,
    name: "Ada",
    slug: "ada l",
    score: 1.5,
    team: { id: "t1", lead: { id: 9 } },
    tags: ["x", "y"],
    "e-mail": "ada",
  },
  { id: 2, name: "Bob", slug: "b/c", score: 2, team: { id: "t2", lead: { id: 8 } }, tags: ["z"], "e-mail": "bob" },
];

/** Responds to each request of a child with one row that shows its path, query and body. */
export const echo = ({ path, query, body }: ApiRequest) => [
  { path, query: JSON.stringify(query), body: JSON.stringify(body) },
];

/** Responds to the requests of the parent and the child. */
export const api: Api = (request) => (request.path === "/users" ? USERS : echo(request));

/** The parent. A list is a table in dlt, unless it is declared as JSON. */
export const USERS_RESOURCE = { name: "users", columns: { tags: { data_type: "json" } } };

/** A parent `users` and a child `posts`. */
export const child = (endpoint: unknown, hints: object = {}, more: Partial<Comparison> = {}): Comparison => ({
  client: { paginator: "single_page" },
  resources: [USERS_RESOURCE, { name: "posts", ...hints, endpoint }],
  api,
  anyOrder: true,
  ...more,
});
