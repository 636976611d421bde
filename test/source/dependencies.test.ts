import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { descendants, withAncestors } from "../../lib/source/dependencies.ts";
import { defineSource } from "../../lib/source/index.ts";
import { resolveSource } from "../../lib/source/resolve.ts";
import type { SourceConfig } from "../../lib/source/schema/index.ts";

type Resource = Exclude<SourceConfig["resources"][number], string>;

/** A resource; with a parent, its path is bound to the parent's id. */
const resource = (name: string, parent?: string, more: Partial<Resource> = {}): Resource => ({
  name,
  ...(parent === undefined
    ? {}
    : { endpoint: { path: `/${name}/{id}`, params: { id: { type: "resolve", resource: parent, field: "id" } } } }),
  ...more,
});
const resolve = (...resources: SourceConfig["resources"]) =>
  resolveSource(
    defineSource({ name: "crm", client: { base_url: "https://api.acme.dev", paginator: "single_page" }, resources }),
  ).resources;
const namesOf = (...resources: SourceConfig["resources"]) => resolve(...resources).map(({ name }) => name);
const bound = (
  name: string,
  path: string,
  params: NonNullable<Resource["endpoint"] & object>["params"] = {},
): Resource => ({
  name,
  endpoint: { path, params },
});
const by = (parent: string, field = "id") => ({ type: "resolve", resource: parent, field }) as const;

describe("order", () => {
  test("parents come before children, everything else as it was written", () => {
    expect(namesOf("a", "b", "c")).toEqual(["a", "b", "c"]);
    expect(namesOf(resource("leaf", "twig"), resource("twig", "root"), "other", "root")).toEqual([
      "other",
      "root",
      "twig",
      "leaf",
    ]);
  });

  test("in any forest, in whatever order it is written", () => {
    const forest = fc.array(fc.nat(), { minLength: 1, maxLength: 12 }).chain((picks) =>
      fc.shuffledSubarray(
        picks.map((pick, index) =>
          resource(`r${index}`, pick % (index + 1) === index ? undefined : `r${pick % (index + 1)}`),
        ),
        { minLength: picks.length },
      ),
    );
    fc.assert(
      fc.property(forest, (resources) => {
        const ordered = resolve(...resources);
        const names = ordered.map(({ name }) => name);
        expect([...names].sort()).toEqual(resources.map(({ name }) => name).sort());
        for (const [index, { parent }] of ordered.entries()) {
          if (parent !== null) expect(names.indexOf(parent.resource)).toBeLessThan(index);
        }
      }),
    );
  });

  test("a parent knows which fields its children need, each once", () => {
    const [orders] = resolve(
      "orders",
      bound("returns", "/o/{id}/{no}", { id: by("orders"), no: by("orders", "number") }),
      { ...bound("notes", "/n/{x}", { x: by("orders") }), include_from_parent: ["status", "id"] },
    );
    expect(orders?.fields_for_children).toEqual(["id", "number", "status"]);
  });
});

describe("bindings", () => {
  test("a bound parameter is kept as such, a plain one is put into the path, and neither is sent", () => {
    const [, child] = resolve(
      "teams",
      bound("users", "/{org}/teams/{id}/{org}", { id: by("teams"), org: "a b/ü", q: 1 }),
    );
    expect(child).toMatchObject({
      path: "/a%20b%2F%C3%BC/teams/{id}/a%20b%2F%C3%BC",
      params: { q: "1" },
      parent: { resource: "teams", bindings: [{ placeholder: "id", field: "id" }], include: [] },
    });
  });

  test("a plain value is taken as it is, not as a pattern", () => {
    expect(resolve(bound("users", "/{q}/x", { q: "$&$1" }))[0]?.path).toBe("/%24%26%241/x");
  });
});

describe("mistakes", () => {
  test.each<[string, SourceConfig["resources"], string]>([
    ["a name used twice", ["users", resource("users")], "crm.users: there are two resources of this name"],
    [
      "an unknown parent",
      ["users", resource("notes", "user")],
      'crm.notes: its parent "user" is not a resource of this source; there are: users, notes',
    ],
    [
      "a placeholder that nothing binds",
      [bound("users", "/teams/{team}/users")],
      "crm.users: nothing binds {team} of the path: give params.team a value or type: resolve",
    ],
    [
      "a placeholder whose value is null",
      [bound("users", "/teams/{team}/users", { team: null })],
      "crm.users: nothing binds {team} of the path: give params.team a value or type: resolve",
    ],
    [
      "a placeholder named like something inherited",
      [bound("users", "/{constructor}")],
      "crm.users: nothing binds {constructor} of the path: give params.constructor a value or type: resolve",
    ],
    [
      "a binding that the path does not use",
      ["teams", bound("users", "/users", { team: by("teams") })],
      "crm.users: params.team is bound to a parent, but the path has no {team}",
    ],
    [
      "two parents",
      ["teams", "orgs", bound("users", "/{team}/{org}", { team: by("teams"), org: by("orgs") })],
      "crm.users: is bound to several parents (teams, orgs): a resource has at most one",
    ],
    [
      "its own parent",
      [resource("users", "users")],
      "crm: these resources are each other's parents, in a circle: users",
    ],
    [
      "a circle, without those that only hang on it",
      ["root", resource("leaf", "a"), resource("a", "b"), resource("b", "c"), resource("c", "a")],
      "crm: these resources are each other's parents, in a circle: a, b, c",
    ],
    [
      "dlt's newer placeholder",
      ["teams", bound("users", "/teams/{resources.teams.info.id}/users")],
      "crm.users: {resources.teams.info.id} in the path: write {id} there, and params.id as type: resolve, resource: teams, field: info.id",
    ],
    [
      "a host that rows choose",
      ["teams", bound("users", "https://{host}.acme.dev/x", { host: by("teams") })],
      "crm.users: a parent binds the host of the path: its rows would choose where the key goes",
    ],
  ])("%s", (_, resources, message) => {
    expect(() => resolve(...resources)).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });

  test("a host that the config itself fills in, and a path that rows fill in, are fine", () => {
    expect(resolve(bound("users", "https://{host}.acme.dev/x", { host: "eu" }))[0]?.path).toBe("https://eu.acme.dev/x");
    const [, child] = resolve("teams", bound("users", "https://acme.dev/{id}", { id: by("teams") }));
    expect(child?.path).toBe("https://acme.dev/{id}");
  });
});

describe("kin", () => {
  const family = [
    { name: "root", parent: null },
    { name: "twig", parent: "root" },
    { name: "leaf", parent: "twig" },
    { name: "bud", parent: "twig" },
    { name: "other", parent: null },
  ];

  test("ancestors come along", () => {
    expect([...withAncestors(family, ["leaf", "other"])].sort()).toEqual(["leaf", "other", "root", "twig"]);
    expect([...withAncestors(family, [])]).toEqual([]);
  });

  test("descendants, without itself", () => {
    expect([...descendants(family, "root")].sort()).toEqual(["bud", "leaf", "twig"]);
    expect([...descendants(family, "leaf")]).toEqual([]);
  });
});
