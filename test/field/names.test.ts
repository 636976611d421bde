import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { jsonLines, restlake } from "../cli/command.fixture.ts";
import { HERE, reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";

/** Names that every object of JavaScript inherits. */
const INHERITED = ["constructor", "toString", "hasOwnProperty", "valueOf"];
const NAMES = [...INHERITED, "__proto__"];
const KEY = "key-0123456789";
/** A resource with a single page. */
const posts = (endpoint: object = {}) => ({
  name: "posts",
  endpoint: { paginator: "single_page" as const, ...endpoint },
});
const one = [{ id: 1 }];

const folder = mkdtempSync(join(tmpdir(), "restlake-names-"));

afterAll(() => rmSync(folder, { recursive: true }));

describe("D: a name of Object.prototype is an unknown key", () => {
  /** Parts of a config with a key X that they do not have. */
  const PARTS: [string, string][] = [
    ["the config", '{"name":"crm","X":1,"client":{"base_url":"https://api.acme.dev"},"resources":["a"]}'],
    ["client", '{"name":"crm","client":{"base_url":"https://api.acme.dev","X":{"a":1}},"resources":["a"]}'],
    [
      "client.auth",
      '{"name":"crm","client":{"base_url":"https://api.acme.dev","auth":{"type":"bearer","token":{"secret":"k"},"X":1}},"resources":["a"]}',
    ],
    [
      "client.paginator",
      '{"name":"crm","client":{"base_url":"https://api.acme.dev","paginator":{"type":"auto","X":1}},"resources":["a"]}',
    ],
    [
      "resource_defaults",
      '{"name":"crm","client":{"base_url":"https://api.acme.dev"},"resource_defaults":{"X":{"a":1}},"resources":["a"]}',
    ],
    [
      "resources[0]",
      '{"name":"crm","client":{"base_url":"https://api.acme.dev"},"resources":[{"name":"a","X":{"a":1}}]}',
    ],
    [
      "resources[0].endpoint",
      '{"name":"crm","client":{"base_url":"https://api.acme.dev"},"resources":[{"name":"a","endpoint":{"X":{"a":{"b":1}}}}]}',
    ],
    [
      "resources[0].columns.id",
      '{"name":"crm","client":{"base_url":"https://api.acme.dev"},"resources":[{"name":"a","columns":{"id":{"X":"text"}}}]}',
    ],
  ];

  for (const [place, config] of PARTS) {
    for (const name of NAMES) {
      test(`in ${place}: ${name}`, () => {
        const source = { config: JSON.parse(config.replace('"X"', JSON.stringify(name))), settings: {} };
        expect(() => validateSource("f", source)).toThrow(ConfigError);
        const start = `f: ${place}: unknown key "${name}". Allowed keys: `;
        expect(() => validateSource("f", source)).toThrow(
          expect.objectContaining({ message: expect.stringMatching(start.replaceAll(/[.[\]"]/g, "\\$&")) }),
        );
      });
    }
  }

  test.each(NAMES)("and an unknown value: %s", (name) => {
    const config = (more: object) => ({
      name: "crm",
      client: { base_url: "https://api.acme.dev" },
      resources: ["a"],
      ...more,
    });
    const resources = [
      {
        name: "a",
        write_disposition: name,
        file_format: name,
        schema_contract: name,
        columns: { id: { data_type: name } },
      },
    ];
    const client = { base_url: "https://api.acme.dev", auth: { type: name }, paginator: { type: name } };
    for (const given of [
      config({ resources }),
      config({ client }),
      config({ client: { ...client, auth: name, paginator: name } }),
    ]) {
      let message = "";
      try {
        validateSource("f", { config: given, settings: { timezone: name } });
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/^ConfigError: (f: [^\n]*: expected [^\n]*(\n|$)){2,}$/);
    }
  });

  test.each(NAMES)("and an unknown placeholder: %s", (name) => {
    for (const path of [`x/{resources.${name}.id}`, `x/{${name}}`, `x/{incremental.${name}}`, `x/{${name}.id}`]) {
      const resources = ["a", { name: "b", endpoint: { path } }];
      const config = { name: "crm", client: { base_url: "https://api.acme.dev" }, resources };
      expect(() => validateSource("f", { config, settings: {} })).toThrow(
        /^f: resources\[1\]\.endpoint\.path: .*(unknown|no value)/,
      );
    }
  });
});

describe("D: __proto__ as a key is an error, because the key would be lost", () => {
  test.each([
    ["params", '{"params":{"__proto__":"1"}}', "resources[0].endpoint.params"],
    ["headers", '{"headers":{"__proto__":"1"}}', "resources[0].endpoint.headers"],
    ["a JSON body", '{"method":"POST","json":{"a":[{"__proto__":{"b":1}}]}}', "resources[0].endpoint.json.a[0]"],
    ["a form", '{"method":"POST","data":{"__proto__":"1"}}', "resources[0].endpoint.data"],
  ])("in %s", (_, endpoint, place) => {
    const resources = [{ name: "a", endpoint: JSON.parse(endpoint) }];
    const config = { name: "crm", client: { base_url: "https://api.acme.dev" }, resources };
    expect(() => validateSource("f", { config, settings: {} })).toThrow(
      expect.objectContaining({ message: `f: ${place}: key "__proto__" is not supported: rename it` }),
    );
  });

  test("in columns, by name and in a list", () => {
    const columns = [JSON.parse('{"__proto__":{"data_type":"text"}}'), [{ name: "__proto__", data_type: "text" }]];
    for (const given of columns) {
      const config = {
        name: "crm",
        client: { base_url: "https://api.acme.dev" },
        resources: [{ name: "a", columns: given }],
      };
      expect(() => validateSource("f", { config, settings: {} })).toThrow(/^f: resources\[0\]\.columns.*not supported/);
    }
  });
});

describe("D: names of Object.prototype are ordinary names", () => {
  testConfig("of parameters, headers, form fields, JSON keys and columns", {
    client: { headers: { constructor: "c", tostring: "s" } as never },
    resource_defaults: { endpoint: { params: { hasOwnProperty: "d" } as never } },
    resources: [
      {
        ...posts({
          method: "POST",
          params: { constructor: 1, toString: "x", valueOf: ["a", "b"] },
          json: { constructor: { toString: { valueOf: 1 } } },
        }),
        primary_key: "constructor",
        columns: { constructor: { data_type: "bigint" }, toString: { data_type: "text" } } as never,
      },
    ],
    api: [
      [
        "POST /posts?hasOwnProperty=d&constructor=1&toString=x&valueOf=a&valueOf=b",
        { headers: { constructor: "c", tostring: "s" }, json: { constructor: { toString: { valueOf: 1 } } } },
        [{ constructor: 1, toString: 5 }],
      ],
    ],
    rows: { posts: [{ constructor: 1, to_string: "5" }] },
  });

  testConfig("of fields in rows, at any depth, also __proto__", {
    resources: [posts()],
    api: [
      [
        "GET /posts",
        reply(
          200,
          '[{"constructor":1,"__proto__":{"toString":2.50,"__proto__":3},"toString":{"valueOf":"x"},"l":[{"__proto__":1}]},{"id":9}]',
        ),
      ],
    ],
    rows: {
      posts: [
        {
          constructor: 1,
          proto__to_string: 2.5,
          proto__proto: 3,
          to_string__value_of: "x",
          l: '[{"__proto__":1}]',
          id: null,
        },
        { constructor: null, proto__to_string: null, proto__proto: null, to_string__value_of: null, l: null, id: 9 },
      ],
    },
  });

  testConfig("of fields of the parent, whose value is sent", {
    resources: [
      posts(),
      {
        name: "tags",
        include_from_parent: ["toString"],
        endpoint: { path: "tags/{resources.posts.constructor}", paginator: "single_page" },
      },
    ],
    api: [
      ["GET /posts", [{ constructor: "a/b", toString: "t" }]],
      ["GET /tags/a%2Fb", [{ tag: 1 }]],
    ],
    rows: { posts: [{ constructor: "a/b", to_string: "t" }], tags: [{ tag: 1, _posts_to_string: "t" }] },
  });

  for (const name of NAMES) {
    testConfig(`of fields that a row of the parent does not have, which is an error: ${name}`, {
      resources: [posts(), { name: "tags", endpoint: { path: `tags/{resources.posts.${name}}` } }],
      api: [["GET /posts", one]],
      fails: { tags: new RegExp(`^ResponseError: .*a row of posts has no ${name}, which`) },
    });

    testConfig(`of fields that a row of the parent does not have, which may be skipped: ${name}`, {
      resources: [
        posts(),
        {
          name: "tags",
          on_missing_parent_field: "skip",
          endpoint: { path: `tags/{resources.posts.${name}}`, incremental: { cursor_path: "at", initial_value: 1 } },
        },
      ],
      api: [["GET /posts", one]],
      rows: { posts: one, tags: [] },
      warns: { tags: [new RegExp(`skipped \\(${name}=\\(missing\\), no ${name}\\)`)] },
    });

    testConfig(`of paths that a response does not have: ${name}`, {
      resources: [
        posts({ data_selector: name }),
        {
          name: "pages",
          endpoint: { data_selector: "data", paginator: { type: "cursor", cursor_path: name, cursor_param: "c" } },
        },
        {
          name: "links",
          endpoint: { data_selector: "data", paginator: { type: "json_link", next_url_path: `meta.${name}` } },
        },
        {
          name: "news",
          endpoint: {
            paginator: "single_page",
            data_selector: "data",
            incremental: { cursor_path: name, initial_value: 1 },
          },
        },
      ],
      api: [
        ["GET /posts", { data: one }],
        ["GET /pages", { data: one }],
        ["GET /links", { data: one, meta: {} }],

        ["GET /news", { data: one }],
      ],
      anyOrder: true,
      fails: {
        posts: new RegExp(`SelectorError: .*data_selector "${name}" matches nothing`),
        news: new RegExp(`${name}`),
      },
    });

    testConfig(`of fields that the secret does not have: ${name}`, {
      client: { auth: { type: "bearer", token: secret(name) } },
      resources: [posts()],
      secrets: { other: KEY },
      api: [],
      fails: { posts: new RegExp(`^SecretError: .*no text field "${name}" \\(it has: other\\)`) },
    });

    testConfig(`of fields of the secret: ${name}`, {
      client: { auth: { type: "bearer", token: secret(name) } },
      resources: [posts()],
      secrets: JSON.parse(`{"${name}":"${KEY}"}`),
      api: [["GET /posts", { headers: { authorization: `Bearer ${KEY}` } }, [{ id: 1, note: KEY }]]],
      rows: { posts: [{ id: 1, note: "***" }] },
    });
  }

  testConfig("of the parameters of a paginator, also __proto__", {
    resources: [
      posts({
        paginator: { type: "cursor", cursor_path: "constructor", cursor_param: "__proto__" },
        data_selector: "data",
      }),
    ],
    api: [
      ["GET /posts", { data: one, constructor: "c2" }],
      ["GET /posts?__proto__=c2", { data: [{ id: 2 }] }],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }] },
  });

  test("of sources, resources and tables, over two runs, with check, --json, report and query", async () => {
    await using api = await startApi(({ url }) =>
      url.pathname.startsWith("/tags") ? [{ tag: 1, at: 1 }] : [{ id: 1, at: 1, toString: "x" }],
    );
    const incremental = { cursor_path: "at", initial_value: 0 };
    const resources = [
      ...NAMES.map((name) => ({
        name,
        write_disposition: "merge",
        primary_key: "id",
        endpoint: { path: name, incremental },
      })),
      { name: "tags", endpoint: { path: "tags/{resources.constructor.id}", incremental } },
    ];
    const config = { name: "constructor", client: { base_url: api.url, paginator: "single_page" }, resources };
    writeFileSync(join(folder, "constructor.json"), JSON.stringify(config));
    const names = ["constructor", "to_string", "has_own_property", "value_of", "proto", "tags"];
    const checked = await restlake(["check", "constructor.json", "--live"], folder);
    expect(checked).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/\n6 ok, 0 failed\n$/) });
    for (const run of [1, 2]) {
      const { code, out, err } = await restlake(["sync", "constructor.json", "--json"], folder);
      const { resources: results } = jsonLines(out).at(-1) as { resources: Record<string, unknown>[] };
      expect({ code, err, results: results.map(({ resource, status, rows }) => [resource, status, rows]) }).toEqual({
        code: 0,
        err: "",
        results: names.map((name) => [name, "done", run === 1 ? 1 : 0]),
      });
    }
    const only = await restlake(["sync", "constructor.json", "--resource", "to_string", "--new-run"], folder);
    expect(only).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/^constructor\.to_string +done/m) });
    const queried = await restlake(["query", "--json", 'select "to_string" from constructor.constructor'], folder);
    expect(queried).toMatchObject({ code: 0, err: "", out: expect.stringContaining('"to_string":"x"') });
  });
});

describe("D: names of Object.prototype as arguments are errors in one line:", () => {
  const config = {
    name: "shop",
    client: { base_url: "https://api.shop.dev", auth: { type: "bearer", token: { secret: "constructor" } } },
    resources: ["items"],
  };
  writeFileSync(join(folder, "shop.json"), JSON.stringify(config));

  for (const name of NAMES) {
    test.each([
      ["a command", [name], `unknown command "${name}"`],
      ["an option", ["sync", "shop.json", `--${name}`], `unknown option --${name}`],
      ["a source", ["check", name], name],
      ["an example", ["example", name], name],
      ["a resource", ["sync", "shop.json", "--secret", "constructor=x", "--resource", name], name],
      ["a choice", ["sync", "shop.json", "--secret", "constructor=x", "--refresh", name], `got "${name}"`],
    ])(`${name} as %s`, async (_, args, text) => {
      const { code, out, err } = await restlake(args, folder);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain(text);
      expect(err.trimEnd().split("\n")).toHaveLength(1);
    });
  }

  test("a secret that is missing", async () => {
    const { code, err } = await restlake(["sync", "shop.json", "--secret", "__proto__=x"], folder);
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringMatching(/^shop: missing secret constructor: use --secret constructor=\.\.\. /),
    });
  });
});

describe("D: a tab or a line break in a path", () => {
  for (const character of ["\t", "\n", "\r"]) {
    const encoded = encodeURIComponent(character);

    testConfig(`of the config is sent encoded, and does not make a .. segment: ${encoded}`, {
      client: { base_url: "/v1" },
      resources: [posts({ path: `users/.${character}./admin?q=a${character}b` })],
      api: [[`GET /v1/users/.${encoded}./admin?q=a${encoded}b`, one]],
      rows: { posts: one },
    });

    testConfig(`of an absolute path of the config is sent encoded: ${encoded}`, {
      resources: [posts({ path: `${HERE}/users/.${character}./admin` })],
      api: [[`GET /users/.${encoded}./admin`, one]],
      rows: { posts: one },
    });

    for (const [form, value, request] of [
      ["a segment", `.${character}.`, `/users/.${encoded}./x`],
      ["a part of a segment", `a${character}`, `/users/a${encoded}/x`],
    ]) {
      testConfig(`of a row of the parent is sent encoded as ${form}: ${encoded}`, {
        resources: [
          posts(),
          { name: "tags", endpoint: { path: "users/{resources.posts.id}/x", paginator: "single_page" } },
        ],
        api: [
          ["GET /posts", [{ id: value }]],
          [`GET ${request}`, [{ tag: 1 }]],
        ],
        rows: { posts: [{ id: value }], tags: [{ tag: 1 }] },
      });
    }

    for (const start of ["", HERE]) {
      testConfig(`of a row whose value is the whole path is sent encoded: ${start}${encoded}`, {
        resources: [
          posts(),
          { name: "tags", endpoint: { path: "{resources.posts.url}", paginator: "single_page", data_selector: "$" } },
        ],
        api: [
          ["GET /posts", [{ url: `${start}/users/.${character}./admin` }]],
          [`GET /users/.${encoded}./admin`, [{ tag: 1 }]],
        ],
        rows: { tags: [{ tag: 1 }], posts: [{ url: expect.any(String) }] },
      });
    }
  }

  for (const id of ["..", ".", "%2e%2e"]) {
    testConfig(`is not needed: a whole path with the segment ${id} is refused`, {
      resources: [posts(), { name: "tags", endpoint: { path: "{resources.posts.url}" } }],
      api: [["GET /posts", [{ url: `/users/${id}/admin` }]]],
      fails: { tags: /^ResponseError: .*has a \. or \.\. segment, which would request another path: refused/ },
    });
  }
});
