import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { hasPlaceholder, literal, parseTemplate, textsIn } from "../../lib/config/template.ts";

const messageOf = (text: string, options?: { isPath: boolean }): string => {
  try {
    parseTemplate(text, options);
  } catch (error) {
    expect(error).toMatchObject({ name: "ConfigError" });
    return (error as Error).message;
  }
  throw new Error("it was accepted");
};

describe("placeholders", () => {
  test("a parent's field and an incremental's value, among text", () => {
    expect(parseTemplate("a/{resources.posts.id}/{incremental.start_value}?b")).toEqual([
      { text: "a/" },
      { resource: "posts", field: "id" },
      { text: "/" },
      { incremental: "start_value" },
      { text: "?b" },
    ]);
  });

  test.each(["initial_value", "start_value", "last_value", "end_value"])("of an incremental: %s", (value) => {
    expect(parseTemplate(`{incremental.${value}}`)).toEqual([{ incremental: value }]);
  });

  test.each([
    "id",
    "a.b.c",
    "items[0].id",
    "items[-1].id",
    "items[0:2].id",
    "items[?@.main == true].id",
    "$.id",
    "we-ird",
    "'x.y'",
    "'a:b'",
    '"a!b"',
    "@odata",
  ])("a field may be any JSONPath: %s", (field) => {
    expect(parseTemplate(`{resources.posts.${field}}`)).toEqual([{ resource: "posts", field }]);
  });

  test.each([
    ["blogPosts", "blog_posts"],
    ["blog-posts", "blog_posts"],
    ["v1/posts", "v1_posts"],
    ["Blog Posts", "blog_posts"],
  ])("a parent is named as it is written: %s", (written, resource) => {
    expect(parseTemplate(`{resources.${written}.id}`)).toEqual([{ resource, field: "id" }]);
  });

  test("two of them side by side, and one alone", () => {
    expect(parseTemplate("{resources.a.x}{resources.a.y}")).toEqual([
      { resource: "a", field: "x" },
      { resource: "a", field: "y" },
    ]);
    expect(parseTemplate("{resources.a.x}")).toEqual([{ resource: "a", field: "x" }]);
  });

  test("a name means something in a path only", () => {
    expect(parseTemplate("a/{id}/b", { isPath: true })).toEqual([{ text: "a/" }, { name: "id" }, { text: "/b" }]);
    expect(parseTemplate("a/{id}/b")).toEqual([{ text: "a/{id}/b" }]);
  });
});

describe("braces", () => {
  test.each([
    ["", []],
    ["plain", [{ text: "plain" }]],
    ["{{x}}", [{ text: "{x}" }]],
    ["{{{{x}}}}", [{ text: "{{x}}" }]],
    ['{{"a":1}}', [{ text: '{"a":1}' }]],
    ["a {{ b", [{ text: "a { b" }]],
    ["{{{resources.p.id}}}", [{ text: "{" }, { resource: "p", field: "id" }, { text: "}" }]],
    ['{{"id": {resources.p.id}}}', [{ text: '{"id": ' }, { resource: "p", field: "id" }, { text: "}" }]],
    ["{{resources.p.id}}", [{ text: "{resources.p.id}" }]],
  ])("doubled, they are literal: %s", (text, pieces) => {
    expect(parseTemplate(text)).toEqual(pieces);
    expect(parseTemplate(text, { isPath: true })).toEqual(pieces);
  });

  test.each([
    '{"a":1}',
    '{"a":{"b":[{}]}}',
    "{",
    "}",
    "a } b { c",
    "{}",
    "{0}",
    "{x!r}",
    "query { posts { id } }",
    "{posts{id}}",
    "{ resources { id } }",
    "{ resources ...F }",
  ])("pasted as they are, away from a placeholder, they mean themselves: %s", (text) => {
    expect(parseTemplate(text)).toEqual([{ text }]);
  });

  test.each(["{", "a}", "a/{id", "{resources.p.id}/}", "{{id}", "{id}}"])(
    "a lone one in a path is refused: %s",
    (text) => {
      expect(messageOf(text, { isPath: true })).toBe(
        "has a single brace that is part of no placeholder: double it, as {{ or }}",
      );
    },
  );

  test.each(['{"id": "{resources.p.id}"}', "{ {incremental.last_value}", "{resources.p.id}}"])(
    "a lone one beside a placeholder is refused: %s",
    (text) => {
      expect(messageOf(text)).toBe("has a single brace that is part of no placeholder: double it, as {{ or }}");
    },
  );

  test("nothing is lost: any text with its braces doubled means itself, in a path, too", () => {
    const pieces = fc.array(fc.constantFrom("{", "}", "{{", "a", "{resources.a.b}", "{x}", "/"), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, (texts) => {
        const text = texts.join("");
        const whole = text === "" ? [] : [{ text }];
        expect(parseTemplate(literal(text))).toEqual(whole);
        expect(parseTemplate(literal(text), { isPath: true })).toEqual(whole);
      }),
    );
  });
});

describe("what is meant as a placeholder and is none is refused, and not sent as it is", () => {
  const parent = "write {resources.<parent>.<field>}";
  const value = "write {incremental.<value>}";
  test.each([
    ["{resources.p}", `{resources.p} is no placeholder: ${parent}`],
    ["{resources.}", `{resources.} is no placeholder: ${parent}`],
    ["{resources..id}", `{resources..id} is no placeholder: ${parent}`],
    ["{ resources.p.id }", `{ resources.p.id } is no placeholder: ${parent}`],
    ["{resource.p.id}", `{resource.p.id} is no placeholder: ${parent}`],
    ["{Resources.p.id}", `{Resources.p.id} is no placeholder: ${parent}`],
    ["{incrementals.last_value}", `{incrementals.last_value} is no placeholder: ${value}`],
    ["{ incremental.last_value}", `{ incremental.last_value} is no placeholder: ${value}`],
    ["{incremental.last}", '{incremental.last} names nothing, did you mean "last_value"? There are'],
    ["{incremental.}", "{incremental.} names nothing. There are"],
    ["{resources.p.a[}", '"a[" is not a JSONPath (RFC 9535)'],
    ["{resources.p.id:05d}", '{resources.p.id:05d} has Python\'s format ":05d": leave it out'],
    ["{resources.p.id!r}", '{resources.p.id!r} has Python\'s format "!r": leave it out'],
  ])("%s", (text, message) => {
    expect(messageOf(text)).toContain(message);
    expect(messageOf(`/${text}/`, { isPath: true })).toContain(message);
  });

  test("of a text that does not end, nothing but its beginning is quoted: there may be a key in it", () => {
    expect(messageOf("{resources.p.id, key=sk-live-1")).toBe(
      `{resources. without its end is no placeholder: ${parent}`,
    );
    expect(messageOf('{"key": "sk-live-1", "id": {resources.p.id}}')).not.toContain("sk-live");
  });

  test("a path with {} is told how names are written", () => {
    expect(messageOf("a/{}/b", { isPath: true })).toBe(
      "has {}, which names nothing: write {name}, and bind it by params.name",
    );
  });

  test("whether a text has one is known without reading it", () => {
    expect(["{resources.p.id}", "a { incremental.x", "{resource.p"].map(hasPlaceholder)).toEqual([true, true, true]);
    expect(["{id}", "resources.p.id", "{{}}", ""].map(hasPlaceholder)).toEqual([false, false, false, false]);
  });
});

test("the texts of a value are found with their places, keys included; a secret's name is none", () => {
  expect(textsIn({ a: "x", "{k}": [1, "y", { b: null, c: "z" }], s: secret("key") }, ["root"])).toEqual([
    { path: ["root", "a"], text: "a" },
    { path: ["root", "a"], text: "x" },
    { path: ["root", "{k}"], text: "{k}" },
    { path: ["root", "{k}", 1], text: "y" },
    { path: ["root", "{k}", 2, "b"], text: "b" },
    { path: ["root", "{k}", 2, "c"], text: "c" },
    { path: ["root", "{k}", 2, "c"], text: "z" },
    { path: ["root", "s"], text: "s" },
  ]);
});
