import { HERE } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { child, echo } from "./users.ts";

const PLACEHOLDERS: Record<string, Comparison> = {
  "placeholder in the path": child({ path: "users/{resources.users.id}/posts" }),
  "placeholder in the path, endpoint as text": child("users/{resources.users.id}/posts"),
  "placeholder at the end of the path": child({ path: "users/{resources.users.id}" }),
  "placeholder of a nested field": child({ path: "teams/{resources.users.team.id}/posts" }),
  "placeholder of a field three levels deep": child({ path: "leads/{resources.users.team.lead.id}/posts" }),
  "placeholder of an item of a list": child({ path: "tags/{resources.users.tags[0]}/posts" }),
  "placeholder of a string with a space": child(
    { path: "users/{resources.users.name}/posts" },
    {},
    { api: (request) => (request.path === "/users" ? [{ name: "Ada L" }] : echo(request)) },
  ),
  "placeholder of a string with a slash": child(
    { path: "by/{resources.users.slug}/posts" },
    {},
    { differs: { "a value in a path": ["requests", "rows"] } },
  ),
  "placeholder of a fraction": child({ path: "scores/{resources.users.score}/posts" }),
  "several placeholders in the path": child({
    path: "teams/{resources.users.team.id}/users/{resources.users.id}/posts",
  }),
  "a placeholder twice": child({ path: "users/{resources.users.id}/of/{resources.users.id}/posts" }),
  "placeholder in the query of the path": child({ path: "posts?user={resources.users.id}" }),
  "placeholder in params": child({ path: "posts", params: { user: "{resources.users.id}", size: 2 } }),
  "placeholder in params, with text around": child({
    path: "posts",
    params: { filter: "user:{resources.users.id},all" },
  }),
  "placeholder in the name of a parameter": child({ path: "posts", params: { "filter[{resources.users.id}]": "x" } }),
  "placeholder in a list of params": child({ path: "posts", params: { user: ["{resources.users.id}", "0"] } }),
  "placeholder in headers": child({ path: "posts", headers: { "x-user": "{resources.users.name}" } }),
  "placeholder in json keeps the type": child({
    path: "posts",
    method: "POST",
    json: { user: "{resources.users.id}" },
  }),
  "placeholder in json keeps lists and objects": child({
    path: "posts",
    method: "POST",
    json: { tags: "{resources.users.tags}", team: "{resources.users.team}" },
  }),
  "placeholder in json, with text around": child({
    path: "posts",
    method: "POST",
    json: { q: "user:{resources.users.id}" },
  }),
  "placeholder in nested json": child({
    path: "posts",
    method: "POST",
    json: { and: [{ user: { eq: "{resources.users.id}" } }] },
  }),
  "placeholder in a key of json": child({ path: "posts", method: "POST", json: { "user {resources.users.id}": 1 } }),
  "placeholder in data": child({ path: "posts", method: "POST", data: { user: "{resources.users.id}" } }),
  "placeholder and doubled braces": child({ path: "posts", params: { q: "{{user}}:{resources.users.id}" } }),
  "placeholder of a key with a dash": child({ path: "mails/{resources.users.e-mail}/posts" }),
  "placeholder of a field that is missing": child({ path: "users/{resources.users.nick}/posts" }, {}, { fails: true }),
  "placeholder of null": child(
    { path: "users/{resources.users.id}/posts" },
    {},
    {
      api: (request) => (request.path === "/users" ? [{ id: null, name: "x" }] : echo(request)),
      differs: { "null in a placeholder": ["outcome"] },
    },
  ),
  "placeholder of an empty text": child(
    { path: "users/{resources.users.id}/posts" },
    {},
    {
      api: (request) => (request.path === "/users" ? [{ id: "", name: "x" }] : echo(request)),
      differs: { "null in a placeholder": ["outcome"] },
    },
  ),
  "placeholder of a boolean": child(
    { path: "posts", params: { active: "{resources.users.active}" } },
    {},
    {
      api: (request) => (request.path === "/users" ? [{ id: 1, active: true }] : echo(request)),
      differs: { booleans: ["requests", "rows"] },
    },
  ),
  "placeholder of a resource that does not exist": child(
    { path: "users/{resources.people.id}/posts" },
    {},
    { fails: true },
  ),
  "placeholder with a typo in its context": child({ path: "users/{resouces.users.id}/posts" }, {}, { fails: true }),
  "placeholder with a typo in params": child(
    { path: "posts", params: { q: "{resouces.users.id}" } },
    {},
    { fails: true },
  ),
  "placeholder without a field": child({ path: "users/{resources.users}/posts" }, {}, { fails: true }),
  "placeholder with a format spec": child(
    "users/{resources.users.id:05d}/posts",
    {},
    { differs: { "format specs": ["outcome"] } },
  ),
  "placeholder in a header of the client": child(
    "posts/{resources.users.id}/all",
    {},
    {
      client: { paginator: "single_page", headers: { "x-user": "{resources.users.id}" } },
      differs: { "placeholders of the client": ["outcome"] },
    },
  ),
  "doubled braces in a path": child(
    "users/{resources.users.id}/{{posts}}",
    {},
    { differs: { "braces in a path": ["outcome"] } },
  ),
  "single braces in params": child(
    { path: "posts/{resources.users.id}/all", params: { q: "{a}" } },
    {},
    { differs: { "single braces": ["outcome"] } },
  ),
  "placeholder that is a URL": child(
    { path: "{resources.users.url}" },
    {},
    { api: (request) => (request.path === "/users" ? [{ url: `${HERE}/a/posts` }] : echo(request)) },
  ),
};

const RESOLVE: Record<string, Comparison> = {
  "resolve in the path": child({
    path: "users/{user}/posts",
    params: { user: { type: "resolve", resource: "users", field: "id" } },
  }),
  "resolve with other params": child({
    path: "users/{user}/posts",
    params: { size: 2, user: { type: "resolve", resource: "users", field: "id" } },
  }),
  "resolve of a nested field": child({
    path: "teams/{team}/posts",
    params: { team: { type: "resolve", resource: "users", field: "team.id" } },
  }),
  "several resolves": child({
    path: "teams/{team}/users/{user}/posts",
    params: {
      team: { type: "resolve", resource: "users", field: "team.id" },
      user: { type: "resolve", resource: "users", field: "id" },
    },
  }),
  "resolve at the end of the path": child({
    path: "users/{user}",
    params: { user: { type: "resolve", resource: "users", field: "id" } },
  }),
  "resolve and a placeholder": child({
    path: "teams/{team}/users/{resources.users.id}/posts",
    params: { team: { type: "resolve", resource: "users", field: "team.id" } },
  }),
  "resolve that the path does not name": child(
    { path: "posts", params: { user: { type: "resolve", resource: "users", field: "id" } } },
    {},
    { fails: true },
  ),
  "resolve of a resource that does not exist": child(
    { path: "users/{user}/posts", params: { user: { type: "resolve", resource: "people", field: "id" } } },
    {},
    { fails: true },
  ),
  "resolve of a missing field": child(
    { path: "users/{user}/posts", params: { user: { type: "resolve", resource: "users", field: "nick" } } },
    {},
    { fails: true },
  ),
};

/** Fields of the parent in requests of a child: placeholders and `resolve`. */
export const BOUND: Record<string, Comparison> = { ...PLACEHOLDERS, ...RESOLVE };
