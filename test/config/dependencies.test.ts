import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dependencyErrors, descendants, withAncestors } from "../../lib/config/dependencies.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";

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

describe("mistakes", () => {
  test.each<[string, SourceConfig["resources"], string]>([
    [
      "a name used twice, also by the parent of others",
      ["users", resource("users"), resource("notes", "users")],
      'crm.users: name: is "users" in snake_case, and so is resources[0]: give it a name of its own',
    ],
    [
      "a name used twice once it is in snake_case",
      ["blogPosts", "blog-posts"],
      'crm.blog_posts: name: is "blog_posts" in snake_case, and so is resources[0]: give it a name of its own',
    ],
    [
      "its own parent",
      [resource("users", "users")],
      "crm: resources: these are each other's parents, in a circle: users",
    ],
    [
      "a circle, without those that only hang on it",
      ["root", resource("leaf", "a"), resource("a", "b"), resource("b", "c"), resource("c", "a")],
      "crm: resources: these are each other's parents, in a circle: a, b, c",
    ],
    [
      "two circles, each once",
      [resource("a", "b"), resource("b", "a"), resource("c", "d"), resource("d", "c")],
      "crm: resources: these are each other's parents, in a circle: a, b\ncrm: resources: these are each other's parents, in a circle: c, d",
    ],
    [
      "several mistakes of several resources",
      ["users", resource("notes", "user"), resource("tags", "usrs")],
      'crm.notes: endpoint.params.id.resource: its parent "user" is not a resource of this source, did you mean "users"? There are: users, notes, tags\n' +
        'crm.tags: endpoint.params.id.resource: its parent "usrs" is not a resource of this source, did you mean "users"? There are: users, notes, tags',
    ],
  ])("%s", (_, resources, message) => {
    expect(() => resolve(...resources)).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });

  test("any forest is free of them, and any circle in it is told", () => {
    const parents = fc.array(fc.option(fc.nat(7)), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(parents, (picks) => {
        const family = picks.map((pick, index) => ({ name: `r${index}`, parent: pick === null ? null : `r${pick}` }));
        const leadsIntoCircle = (start: number): boolean => {
          let current: number | null = start;
          for (let step = 0; step <= picks.length && current !== null; step++) current = picks[current] ?? null;
          return current !== null;
        };
        expect(dependencyErrors(family).length > 0).toBe(picks.some((_pick, index) => leadsIntoCircle(index)));
      }),
    );
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
