import { describe, expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { bindPath, fieldsOfParents, isSingleEntity, type Templates } from "../../lib/config/placeholders.ts";
import type { ResolvedIncremental } from "../../lib/config/resolved.ts";
import { pathText, type Report } from "../../lib/config/validation-errors.ts";

/** Returns the result of a function, and the errors that it reports. */
const withErrors = <Result>(act: (report: Report) => Result): { result: Result; errors: string[] } => {
  const errors: string[] = [];
  const result = act((path, message) => errors.push(`${pathText(path)}: ${message}`));
  return { result, errors };
};

describe("bindPath", () => {
  type Given = Parameters<typeof bindPath>[1];
  const bind = (path: string, given: Partial<Given>) =>
    withErrors((report) => bindPath(path, { plain: {}, bound: {}, cursors: [], ...given }, report));

  test("inserts a plain parameter, encoded, wherever the path names it, and does not send it", () => {
    expect(bind("/{org}/teams/{org}", { plain: { org: "a b/ü", q: "1" } })).toEqual({
      result: { path: "/a%20b%2F%C3%BC/teams/a%20b%2F%C3%BC", params: { q: "1" }, path_secrets: {} },
      errors: [],
    });
  });

  test("takes a plain value literally: no replacement patterns, no placeholders in single braces", () => {
    expect(bind("/{q}/x", { plain: { q: "$&$1" } }).result.path).toBe("/%24%26%241/x");
    expect(bind("/{q}/x", { plain: { q: "{a}" } }).result.path).toBe("/%7Ba%7D/x");
    expect(bind("/{{q}}/x", {}).result.path).toBe("/{{q}}/x");
  });

  test("keeps the placeholders of a plain value", () => {
    const plain = { q: "a b{resources.teams.id}{incremental.last_value}" };
    expect(bind("/{q}", { plain }).result.path).toBe("/a%20b{resources.teams.id}{incremental.last_value}");
  });

  test("inserts a placeholder for the field of a parent", () => {
    const bound = { id: { resource: "teams", field: "info.id" } };
    expect(bind("/{id}/{resources.teams.x}", { bound })).toEqual({
      result: { path: "/{resources.teams.info.id}/{resources.teams.x}", params: {}, path_secrets: {} },
      errors: [],
    });
  });

  test("keeps times, except where a parameter is named now", () => {
    expect(bind("/{now}/{run.opened_at:%Y}", {}).result.path).toBe("/{now}/{run.opened_at:%Y}");
    expect(bind("/{now}/{now-1d}", { plain: { now: "5" } }).result).toEqual({
      path: "/5/{now-1d}",
      params: {},
      path_secrets: {},
    });
  });

  test("reports a misspelled placeholder with the nearest one, unless a parameter has its name", () => {
    expect(bind("/{resouces.posts.id}/x", {}).errors).toEqual([
      "endpoint.path: unknown placeholder {resouces.posts.id}: did you mean {resources.posts.id}?",
    ]);
    expect(bind("/{page.size}/x", { plain: { "page.size": "5" } }).result.path).toBe("/5/x");
  });

  test("reports every name without a value, and every binding without a name in the path", () => {
    const bound = { id: { resource: "teams", field: "id" }, no: { resource: "teams", field: "no" } };
    const { errors } = bind("/{a}/{toString}/{b}/{key}/{since}", {
      bound,
      plain: { b: ["1"], key: secret("key"), unused: "1" },
      cursors: ["since"],
    });
    expect(errors).toEqual([
      "endpoint.path: {a} in the path has no value: set params.a, or bind it with type: resolve",
      "endpoint.path: {toString} in the path has no value: set params.toString, or bind it with type: resolve",
      "endpoint.params.b: list used in the path as {b}: set a string, number or boolean",
      "endpoint.params.since: incremental parameter used in the path as {since}: write {incremental.start_value} in the path",
      "endpoint.params.id: type: resolve without {id} in the path: add {id} to the path",
      "endpoint.params.no: type: resolve without {no} in the path: add {no} to the path",
    ]);
  });
});

describe("isSingleEntity", () => {
  test.each([
    "users/{id}",
    "users/{resources.users.id}",
    "users/{id}.json",
    "users/x-{id}-y",
    "users/{id}/",
    "users/{id}?full=1",
    "{resources.users.url}",
    "logs/{incremental.start_value}",
    "users/{resources.users.links[?@.rel == '/self'].id}",
    "https://acme.dev/users/{id}",
  ])("is true for %s", (path) => {
    expect(isSingleEntity(path)).toBe(true);
  });

  test.each([
    "users",
    "users/{id}/posts",
    "{resources.users.id}/posts/",
    "users?id={resources.users.id}",
    "users/{{id}}",
    "users/{resources.users.links[?@.rel == 'a'].id}/posts",
    "",
  ])("is false for %j", (path) => {
    expect(isSingleEntity(path)).toBe(false);
  });
});

describe("fieldsOfParents", () => {
  const templates = (given: Partial<Templates>): Templates => ({
    path: "users",
    params: {},
    headers: {},
    body: null,
    ...given,
  });
  const parentOf = (given: Partial<Templates>, context: Partial<Parameters<typeof fieldsOfParents>[1]> = {}) =>
    withErrors((report) =>
      fieldsOfParents(templates(given), { incremental: null, bound: {}, names: null, ...context }, report),
    );
  const ID = "{resources.teams.id}";

  test.each<[string, Partial<Templates>]>([
    ["path", { path: `teams/${ID}` }],
    ["params", { params: { team: ID } }],
    ["a list in params", { params: { team: ["1", ID] } }],
    ["the name of a parameter", { params: { [`t[${ID}]`]: "1" } }],
    ["headers", { headers: { "X-Team": ID } }],
    ["json, however deep", { body: { json: { a: [{ b: ID }] } } }],
    ["a key in json", { body: { json: { [ID]: 1 } } }],
    ["a form", { body: { form: [["team", ID]] } }],
    ["the name of a form's field", { body: { form: [[ID, secret("x")]] } }],
    ["a body as text", { body: { text: `team=${ID}` } }],
  ])("finds a parent in %s", (_where, given) => {
    expect(parentOf(given)).toEqual({ result: { resource: "teams", fields: ["id"] }, errors: [] });
  });

  test("ignores names of secrets and literal braces", () => {
    const given = { params: { key: secret(ID), q: "{{resources.teams.id}}", j: '{"a":1}' } };
    expect(parentOf(given)).toEqual({ result: null, errors: [] });
  });

  test("returns each field once, in the order of the request", () => {
    const given = { path: `${ID}/{resources.teams.org.id}`, params: { a: ID, b: "{resources.teams.x}" } };
    expect(parentOf(given).result).toEqual({ resource: "teams", fields: ["id", "org.id", "x"] });
  });

  test("reports several parents with their paths, and an unknown parent", () => {
    const bound = { org: { resource: "orgs", field: "id" } };
    const given = {
      path: "{resources.orgs.id}/x",
      params: { a: "{resources.team.id}" },
      headers: { "X-T": ID },
    };
    expect(parentOf(given, { bound, names: ["orgs", "teams"] }).errors).toEqual([
      'endpoint.params.a: unknown parent resource "team": did you mean "teams"? Resources: orgs, teams',
      ": several parents (orgs in endpoint.params.org.resource, team in endpoint.params.a, teams in endpoint.headers.X-T): use fields of one parent only",
    ]);
    expect(parentOf({ path: "{resources.else.id}" }, { names: null }).errors).toEqual([]);
  });

  test.each(["https://{resources.teams.host}/x", "HTTP://eu.{resources.teams.host}", "https://a{resources.teams.x}?y"])(
    "rejects a placeholder in the host: %s",
    (path) => {
      expect(parentOf({ path }).errors).toEqual([
        "endpoint.path: placeholder in the host of the path: use a fixed host, so that no row can redirect credentials",
      ]);
    },
  );

  test.each([
    "https://acme.dev/{resources.teams.id}",
    "https://acme.dev?t={resources.teams.id}",
    "{resources.teams.url}",
  ])("accepts a placeholder after the host: %s", (path) => {
    expect(parentOf({ path }).errors).toEqual([]);
  });

  describe("requires for a value of an incremental", () => {
    const incremental = (given: Partial<ResolvedIncremental>) =>
      ({ initial_value: null, end_value: null, ...given }) as ResolvedIncremental;
    const errorsOf = (value: string, given: Partial<ResolvedIncremental> | null) =>
      parentOf(
        { body: { json: { range: [`{incremental.${value}}`] } } },
        { incremental: given === null ? null : incremental(given) },
      ).errors;

    test.each(["initial_value", "start_value", "last_value"])("an initial_value, for %s", (value) => {
      expect(errorsOf(value, { end_value: 5 })).toEqual([
        `endpoint.json.range[0]: {incremental.${value}} has no value in the first run: set initial_value of the incremental`,
      ]);
      expect(errorsOf(value, { initial_value: 0 })).toEqual([]);
      expect(errorsOf(value, null)).toEqual([
        `endpoint.json.range[0]: {incremental.${value}} has no value: add an incremental to this endpoint`,
      ]);
    });

    test("an end_value, for end_value", () => {
      expect(errorsOf("end_value", { initial_value: 5 })).toEqual([
        "endpoint.json.range[0]: {incremental.end_value} never has a value: set end_value of the incremental, or use end_param",
      ]);
      expect(errorsOf("end_value", { end_value: 0 })).toEqual([]);
    });

    test("an incremental, and reports each path", () => {
      const params = { a: "{incremental.start_value}", b: "{incremental.last_value}" };
      expect(parentOf({ params }).errors).toEqual([
        "endpoint.params.a: {incremental.start_value} has no value: add an incremental to this endpoint",
        "endpoint.params.b: {incremental.last_value} has no value: add an incremental to this endpoint",
      ]);
    });
  });
});
