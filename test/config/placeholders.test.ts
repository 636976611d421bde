import { describe, expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { bindPath, fieldsOfParents, isSingleEntity, type Templates } from "../../lib/config/placeholders.ts";
import type { ResolvedIncremental } from "../../lib/config/resolved.ts";
import { pathText, type Report } from "../../lib/config/validation-errors.ts";

/** What was reported while something was done. */
const telling = <Result>(act: (report: Report) => Result): { result: Result; told: string[] } => {
  const told: string[] = [];
  const result = act((path, message) => told.push(`${pathText(path)}: ${message}`));
  return { result, told };
};

describe("names in a path", () => {
  type Given = Parameters<typeof bindPath>[1];
  const bind = (path: string, given: Partial<Given>) =>
    telling((report) => bindPath(path, { plain: {}, bound: {}, cursors: [], ...given }, report));

  test("a plain parameter is put in, encoded, wherever it is named, and is not sent then", () => {
    expect(bind("/{org}/teams/{org}", { plain: { org: "a b/ü", q: "1" } })).toEqual({
      result: { path: "/a%20b%2F%C3%BC/teams/a%20b%2F%C3%BC", params: { q: "1" } },
      told: [],
    });
  });

  test("a plain value is taken as it is, not as a pattern, and its braces are literal", () => {
    expect(bind("/{q}/x", { plain: { q: "$&$1" } }).result.path).toBe("/%24%26%241/x");
    expect(bind("/{q}/x", { plain: { q: "{a}" } }).result.path).toBe("/%7Ba%7D/x");
    expect(bind("/{{q}}/x", {}).result.path).toBe("/{{q}}/x");
  });

  test("a plain value's own placeholders stay", () => {
    const plain = { q: "a b{resources.teams.id}{incremental.last_value}" };
    expect(bind("/{q}", { plain }).result.path).toBe("/a%20b{resources.teams.id}{incremental.last_value}");
  });

  test("a parent's field is put in as its placeholder", () => {
    const bound = { id: { resource: "teams", field: "info.id" } };
    expect(bind("/{id}/{resources.teams.x}", { bound })).toEqual({
      result: { path: "/{resources.teams.info.id}/{resources.teams.x}", params: {} },
      told: [],
    });
  });

  test("every name that nothing binds is told, and every binding that the path does not have", () => {
    const bound = { id: { resource: "teams", field: "id" }, no: { resource: "teams", field: "no" } };
    const { told } = bind("/{a}/{toString}/{b}/{key}/{since}", {
      bound,
      plain: { b: ["1"], key: secret("key"), unused: "1" },
      cursors: ["since"],
    });
    expect(told).toEqual([
      "endpoint.path: nothing binds {a} of the path: give params.a a value or type: resolve",
      "endpoint.path: nothing binds {toString} of the path: give params.toString a value or type: resolve",
      "endpoint.params.b: is a list, which cannot go into the path as {b}",
      "endpoint.params.key: is a secret, which cannot go into the path as {key}",
      "endpoint.params.since: is an incremental, which the path cannot take as {since}: it is sent as a parameter",
      "endpoint.params.id: is bound to a parent, but the path has no {id}",
      "endpoint.params.no: is bound to a parent, but the path has no {no}",
    ]);
  });
});

describe("the single-entity rule", () => {
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
  ])("one thing: %s", (path) => {
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
  ])("a list: %s", (path) => {
    expect(isSingleEntity(path)).toBe(false);
  });
});

describe("the parent that a request names", () => {
  const templates = (given: Partial<Templates>): Templates => ({
    path: "users",
    params: {},
    headers: {},
    body: null,
    ...given,
  });
  const parentOf = (given: Partial<Templates>, known: Partial<Parameters<typeof fieldsOfParents>[1]> = {}) =>
    telling((report) =>
      fieldsOfParents(templates(given), { incremental: null, bound: {}, names: null, ...known }, report),
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
  ])("in %s alone is enough", (_where, given) => {
    expect(parentOf(given)).toEqual({ result: { resource: "teams", fields: ["id"] }, told: [] });
  });

  test("none, where nothing names one: a secret's name and literal braces do not", () => {
    const given = { params: { key: secret(ID), q: "{{resources.teams.id}}", j: '{"a":1}' } };
    expect(parentOf(given)).toEqual({ result: null, told: [] });
  });

  test("its fields, each once, in the order in which they stand", () => {
    const given = { path: `${ID}/{resources.teams.org.id}`, params: { a: ID, b: "{resources.teams.x}" } };
    expect(parentOf(given).result).toEqual({ resource: "teams", fields: ["id", "org.id", "x"] });
  });

  test("several are told with their places, and so is one that there is not", () => {
    const bound = { org: { resource: "orgs", field: "id" } };
    const given = {
      path: "{resources.orgs.id}/x",
      params: { a: "{resources.team.id}" },
      headers: { "X-T": ID },
    };
    expect(parentOf(given, { bound, names: ["orgs", "teams"] }).told).toEqual([
      'endpoint.params.a: its parent "team" is not a resource of this source, did you mean "teams"? There are: orgs, teams',
      ": is bound to several parents (orgs in endpoint.params.org.resource, team in endpoint.params.a, teams in endpoint.headers.X-T): a resource has at most one",
    ]);
    expect(parentOf({ path: "{resources.else.id}" }, { names: null }).told).toEqual([]);
  });

  test.each(["https://{resources.teams.host}/x", "HTTP://eu.{resources.teams.host}", "https://a{resources.teams.x}?y"])(
    "it cannot choose the host: %s",
    (path) => {
      expect(parentOf({ path }).told).toEqual([
        "endpoint.path: a placeholder is in the host of the path: rows would choose where the key goes",
      ]);
    },
  );

  test.each([
    "https://acme.dev/{resources.teams.id}",
    "https://acme.dev?t={resources.teams.id}",
    "{resources.teams.url}",
  ])("it may choose what is behind the host: %s", (path) => {
    expect(parentOf({ path }).told).toEqual([]);
  });

  describe("an incremental's value", () => {
    const incremental = (given: Partial<ResolvedIncremental>) =>
      ({ initial_value: null, end_value: null, ...given }) as ResolvedIncremental;
    const told = (value: string, given: Partial<ResolvedIncremental> | null) =>
      parentOf(
        { body: { json: { range: [`{incremental.${value}}`] } } },
        { incremental: given === null ? null : incremental(given) },
      ).told;

    test.each(["initial_value", "start_value", "last_value"])("%s needs an initial_value", (value) => {
      expect(told(value, { end_value: 5 })).toEqual([
        `endpoint.json.range[0]: {incremental.${value}} has no value in the first run: give the incremental an initial_value`,
      ]);
      expect(told(value, { initial_value: 0 })).toEqual([]);
      expect(told(value, null)).toEqual([
        `endpoint.json.range[0]: {incremental.${value}} needs an incremental at this endpoint`,
      ]);
    });

    test("end_value needs an end_value", () => {
      expect(told("end_value", { initial_value: 5 })).toEqual([
        "endpoint.json.range[0]: {incremental.end_value} never has a value: give the incremental an end_value, or use end_param",
      ]);
      expect(told("end_value", { end_value: 0 })).toEqual([]);
    });

    test("each place is told", () => {
      const params = { a: "{incremental.start_value}", b: "{incremental.last_value}" };
      expect(parentOf({ params }).told).toEqual([
        "endpoint.params.a: {incremental.start_value} needs an incremental at this endpoint",
        "endpoint.params.b: {incremental.last_value} needs an incremental at this endpoint",
      ]);
    });
  });
});
