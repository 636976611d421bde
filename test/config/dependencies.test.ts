import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dependencyErrors, descendants, withAncestors } from "../../lib/config/dependencies.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";

type Resource = Exclude<SourceConfig["resources"][number], string>;

/** Returns a resource. With a parent, its path is bound to the parent's id. */
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

describe("resolveSource orders resources", () => {
  test("with parents before children, otherwise as in the config", () => {
    expect(namesOf("a", "b", "c")).toEqual(["a", "b", "c"]);
    expect(namesOf(resource("leaf", "twig"), resource("twig", "root"), "other", "root")).toEqual([
      "other",
      "root",
      "twig",
      "leaf",
    ]);
  });

  test("with parents before children, for any forest in any order", () => {
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

  test("and adds to a parent the fields that its children need, each once", () => {
    const [orders] = resolve(
      "orders",
      bound("returns", "/o/{id}/{no}", { id: by("orders"), no: by("orders", "number") }),
      { ...bound("notes", "/n/{x}", { x: by("orders") }), include_from_parent: ["status", "id"] },
    );
    expect(orders?.fields_for_children).toEqual(["id", "number", "status"]);
  });
});

describe("dependencyErrors reports", () => {
  test.each<[string, SourceConfig["resources"], string]>([
    [
      "a duplicate name, also of a parent",
      ["users", resource("users"), resource("notes", "users")],
      'crm.users: name: duplicate resource name "users" (resources[0] has the same name in snake_case): rename one of them',
    ],
    [
      "names that are equal in snake_case",
      ["blogPosts", "blog-posts"],
      'crm.blog_posts: name: duplicate resource name "blog_posts" (resources[0] has the same name in snake_case): rename one of them',
    ],
    [
      "a resource that is its own parent",
      [resource("users", "users")],
      "crm: resources: circular parents (users): remove one of the references",
    ],
    [
      "circular parents, without resources that only descend from them",
      ["root", resource("leaf", "a"), resource("a", "b"), resource("b", "c"), resource("c", "a")],
      "crm: resources: circular parents (a, b, c): remove one of the references",
    ],
    [
      "two circular chains of parents, each once",
      [resource("a", "b"), resource("b", "a"), resource("c", "d"), resource("d", "c")],
      "crm: resources: circular parents (a, b): remove one of the references\ncrm: resources: circular parents (c, d): remove one of the references",
    ],
    [
      "errors of several resources",
      ["users", resource("notes", "user"), resource("tags", "usrs")],
      'crm.notes: endpoint.params.id.resource: unknown parent resource "user": did you mean "users"? Resources: users, notes, tags\n' +
        'crm.tags: endpoint.params.id.resource: unknown parent resource "usrs": did you mean "users"? Resources: users, notes, tags',
    ],
  ])("%s", (_, resources, message) => {
    expect(() => resolve(...resources)).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });

  test("circular parents in any graph, and nothing in a forest", () => {
    const parents = fc.array(fc.option(fc.nat(7)), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(parents, (picks) => {
        const links = picks.map((pick, index) => ({ name: `r${index}`, parent: pick === null ? null : `r${pick}` }));
        const leadsIntoCycle = (start: number): boolean => {
          let current: number | null = start;
          for (let step = 0; step <= picks.length && current !== null; step++) current = picks[current] ?? null;
          return current !== null;
        };
        expect(dependencyErrors(links).length > 0).toBe(picks.some((_pick, index) => leadsIntoCycle(index)));
      }),
    );
  });
});

describe("related resources", () => {
  const links = [
    { name: "root", parent: null },
    { name: "twig", parent: "root" },
    { name: "leaf", parent: "twig" },
    { name: "bud", parent: "twig" },
    { name: "other", parent: null },
  ];

  test("withAncestors adds all ancestors", () => {
    expect([...withAncestors(links, ["leaf", "other"])].sort()).toEqual(["leaf", "other", "root", "twig"]);
    expect([...withAncestors(links, [])]).toEqual([]);
  });

  test("descendants excludes the resource itself", () => {
    expect([...descendants(links, "root")].sort()).toEqual(["bud", "leaf", "twig"]);
    expect([...descendants(links, "leaf")]).toEqual([]);
  });
});
