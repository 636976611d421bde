import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { hasPlaceholder, literal, parseTemplate, textsIn } from "../../lib/config/template.ts";
import { DAY, MINUTE, SECOND } from "../../lib/time/durations.ts";

const messageOf = (text: string, options?: { isPath: boolean }): string => {
  try {
    parseTemplate(text, options);
  } catch (error) {
    expect(error).toMatchObject({ name: "ConfigError" });
    return (error as Error).message;
  }
  throw new Error("the template was accepted");
};

describe("parseTemplate parses", () => {
  test("a field of the parent and a value of the incremental in text", () => {
    expect(parseTemplate("a/{resources.posts.id}/{incremental.start_value}?b")).toEqual([
      { text: "a/" },
      { resource: "posts", field: "id" },
      { text: "/" },
      { incremental: "start_value" },
      { text: "?b" },
    ]);
  });

  test.each(["initial_value", "start_value", "last_value", "end_value"])("a value of the incremental: %s", (value) => {
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
  ])("any JSONPath as a field: %s", (field) => {
    expect(parseTemplate(`{resources.posts.${field}}`)).toEqual([{ resource: "posts", field }]);
  });

  test.each([
    ["blogPosts", "blog_posts"],
    ["blog-posts", "blog_posts"],
    ["v1/posts", "v1_posts"],
    ["Blog Posts", "blog_posts"],
  ])("the name of a parent as the config spells it: %s", (name, resource) => {
    expect(parseTemplate(`{resources.${name}.id}`)).toEqual([{ resource, field: "id" }]);
  });

  test("adjacent placeholders, and a single one", () => {
    expect(parseTemplate("{resources.a.x}{resources.a.y}")).toEqual([
      { resource: "a", field: "x" },
      { resource: "a", field: "y" },
    ]);
    expect(parseTemplate("{resources.a.x}")).toEqual([{ resource: "a", field: "x" }]);
  });

  test("{name} in a path only", () => {
    expect(parseTemplate("a/{id}/b", { isPath: true })).toEqual([{ text: "a/" }, { name: "id" }, { text: "/b" }]);
    expect(parseTemplate("a/{id}/b")).toEqual([{ text: "a/{id}/b" }]);
  });
});

describe("parseTemplate parses times", () => {
  test.each([
    ["{run.opened_at}", { time: "run.opened_at", offset: 0, format: null }],
    ["{now}", { time: "now", offset: 0, format: null }],
    ["{now+90s}", { time: "now", offset: 90 * SECOND, format: null }],
    ["{now - 1.5h}", { time: "now", offset: -90 * MINUTE, format: null }],
    ["{run.opened_at-30d:%Y-%m-%d}", { time: "run.opened_at", offset: -30 * DAY, format: "%Y-%m-%d" }],
    ["{run.opened_at-2w:%s}", { time: "run.opened_at", offset: -14 * DAY, format: "%s" }],
    ["{now-5m:%d/%b %Y, 100%%}", { time: "now", offset: -5 * MINUTE, format: "%d/%b %Y, 100%%" }],
  ])("%s", (source, time) => {
    expect(parseTemplate(`a${source}b`)).toEqual([{ text: "a" }, { ...time, source }, { text: "b" }]);
    expect(parseTemplate(source, { isPath: true })).toEqual([{ ...time, source }]);
    expect(hasPlaceholder(source)).toBe(true);
  });

  test.each(["{now: currentTime}", "{ now }", "{now(zone: 1)}", "{nowhere}", '{"t":"{{now}}"}'])(
    "only: %s is literal",
    (text) => {
      expect(parseTemplate(text)).toEqual([{ text }]);
    },
  );

  const syntax = "write {run.opened_at-30d:%Y-%m-%d}, with an offset in s, m, h, d or w";
  test.each([
    ["{run.opened_at-30}", `invalid placeholder {run.opened_at-30}: ${syntax}`],
    ["{run.opened_at:}", `invalid placeholder {run.opened_at:}: ${syntax}`],
    ["{ run.opened_at }", `invalid placeholder { run.opened_at }: ${syntax}`],
    ["{now-1y}", `invalid placeholder {now-1y}: ${syntax}`],
    ["{now:%Q}", "invalid placeholder {now:%Q}: unknown token %Q: choose from %Y %y %m"],
    ["{now-9999999d}", "offset of more than 1000 years in {now-9999999d}: use a smaller one"],
    ["{run.opend_at}", "unknown placeholder {run.opend_at}: did you mean {run.opened_at}?"],
    ["{runs.opened_at-1d}", "unknown placeholder {runs.opened_at-1d}: did you mean {run.opened_at}?"],
    ["{run.id}", "unknown placeholder {run.id}: write {resources.<parent>.<field>} or"],
  ])("and rejects %s", (text, message) => {
    expect(messageOf(text)).toContain(message);
  });

  test("and rejects single braces next to them", () => {
    for (const text of ['{"at":"{now}"}', '{"at":"{run.opened_at-1d:%Y}"}']) {
      expect(messageOf(text)).toBe("single brace outside of a placeholder: write {{ or }} for a literal brace");
    }
  });
});

describe("parseTemplate takes braces", () => {
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
    ["{{user.name}} {{resouces.p.id}}", [{ text: "{user.name} {resouces.p.id}" }]],
  ])("as literal if they are doubled: %s", (text, pieces) => {
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
    "{ user(first: 1.5) { id ...F } }",
    '{"rate":1.5,"name":"a.b"}',
    '{"text":"Hello {{user.name}}, {{{user.id}}}"}',
    "{1.5}",
  ])("as literal if there is no placeholder: %s", (text) => {
    expect(parseTemplate(text)).toEqual([{ text }]);
  });

  test.each(["{", "a}", "a/{id", "{resources.p.id}/}", "{{id}", "{id}}"])(
    "as an error if there is a single one in a path: %s",
    (text) => {
      expect(messageOf(text, { isPath: true })).toBe(
        "single brace outside of a placeholder: write {{ or }} for a literal brace",
      );
    },
  );

  test.each(['{"id": "{resources.p.id}"}', "{ {incremental.last_value}", "{resources.p.id}}"])(
    "as an error if there is a single one next to a placeholder: %s",
    (text) => {
      expect(messageOf(text)).toBe("single brace outside of a placeholder: write {{ or }} for a literal brace");
    },
  );

  test("so that literal() preserves any text, also in a path", () => {
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

describe("a malformed placeholder", () => {
  const parent = "write {resources.<parent>.<field>}";
  const value = "write {incremental.<value>}";
  test.each([
    ["{resources.p}", `invalid placeholder {resources.p}: ${parent}`],
    ["{resources.}", `invalid placeholder {resources.}: ${parent}`],
    ["{resources..id}", `invalid placeholder {resources..id}: ${parent}`],
    ["{ resources.p.id }", `invalid placeholder { resources.p.id }: ${parent}`],
    ["{resource.p.id}", `invalid placeholder {resource.p.id}: ${parent}`],
    ["{Resources.p.id}", `invalid placeholder {Resources.p.id}: ${parent}`],
    ["{incrementals.last_value}", `invalid placeholder {incrementals.last_value}: ${value}`],
    ["{ incremental.last_value}", `invalid placeholder { incremental.last_value}: ${value}`],
    [
      "{incremental.last}",
      'unknown placeholder {incremental.last}: did you mean "last_value"? Allowed values: initial_value',
    ],
    ["{incremental.}", "unknown placeholder {incremental.}. Allowed values: initial_value"],
    ["{resources.p.a[}", '"a[" is not a JSONPath (RFC 9535)'],
    ["{resources.p.id:05d}", '{resources.p.id:05d} has the Python format ":05d": remove it'],
    ["{resources.p.id!r}", '{resources.p.id!r} has the Python format "!r": remove it'],
  ])("is an error: %s", (text, message) => {
    expect(messageOf(text)).toContain(message);
    expect(messageOf(`/${text}/`, { isPath: true })).toContain(message);
  });

  const forms =
    "write {resources.<parent>.<field>} or {incremental.<value>} or {run.opened_at}, or double the braces to send the text itself";
  test.each([
    ["{resouces.p.id}", "{resouces.p.id}: did you mean {resources.p.id}?"],
    ["{Resurces.p.id}", "{Resurces.p.id}: did you mean {resources.p.id}?"],
    ["{ resorces.p.id }", "{ resorces.p.id }: did you mean {resources.p.id}?"],
    ["{incremetal.start_value}", "{incremetal.start_value}: did you mean {incremental.start_value}?"],
    ["{unknown.posts.id}", `{unknown.posts.id}: ${forms}`],
    ["{posts.items[0].id}", `{posts.items[0].id}: ${forms}`],
  ])("of an unknown kind is an error anywhere in a string: %s", (text, message) => {
    for (const whole of [
      text,
      `a ${text}`,
      `{"q":${text}}`,
      `{{"q":${text}}}`,
      `{{${text}}}`,
      `{resources.p.id}${text}`,
    ]) {
      expect(messageOf(whole)).toBe(`unknown placeholder ${message}`);
    }
  });

  test("without a closing brace is quoted up to its first dot only, because the rest may be a key", () => {
    expect(messageOf("{resources.p.id, key=sk-live-1")).toBe(`unclosed placeholder {resources.: ${parent}`);
    expect(messageOf('{"key": "sk-live-1", "id": {resources.p.id}}')).not.toContain("sk-live");
  });

  test("{} in a path is an error that shows the syntax", () => {
    expect(messageOf("a/{}/b", { isPath: true })).toBe(
      "empty placeholder {} in the path: write {name} and set params.name",
    );
  });

  test("is found by hasPlaceholder, as valid ones are", () => {
    expect(["{resources.p.id}", "a { incremental.x", "{resource.p"].map(hasPlaceholder)).toEqual([true, true, true]);
    expect(["{id}", "resources.p.id", "{{}}", ""].map(hasPlaceholder)).toEqual([false, false, false, false]);
  });
});

test("textsIn returns the strings of a value with their paths, including keys, without names of secrets", () => {
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
