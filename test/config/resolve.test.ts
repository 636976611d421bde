import { describe, expect, test } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { findResource, resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";

type Resource = SourceConfig["resources"][number];
type Given = Partial<Omit<SourceConfig, "client">> & { client?: Partial<SourceConfig["client"]> };

const configOf = ({ client, ...given }: Given = {}): SourceConfig => ({
  name: "crm",
  resources: ["users"],
  ...given,
  client: { base_url: "https://api.acme.dev", paginator: "single_page", ...client },
});

/** Validates and resolves a config. */
const resolve = (given: Given = {}) => {
  const source = defineSource(configOf(given));
  validateSource("crm.ts", source);
  return resolveSource(source);
};
const resolveOne = (resource: Resource, given: Given = {}) => resolve({ ...given, resources: [resource] }).resources[0];

describe("defaults", () => {
  test("of a resource as a string: name, table and path are the same", () => {
    expect(resolveOne("users")).toEqual({
      name: "users",
      table: "users",
      rows: null,
      method: "GET",
      other_origin: null,
      path_secrets: {},
      path: "users",
      params: {},
      body: null,
      headers: {},
      auth: null,
      parent: null,
      parallelized: false,
      on_missing_parent_field: "fail",
      on_error: "fail",
      max_concurrency: 4,
      paginator: { type: "single_page" },
      data_selector: null,
      key_column: null,
      on_missing_data: "fail",
      response_actions: [],
      response_format: null,
      processing_steps: [],
      incremental: null,
      error_handler: {
        retry_on_status_codes: expect.arrayContaining([429, 500, 502, 599]),
        max_retries: 4,
        backoff_factor: 2,
        min_retry_after: 0,
      },
      write_disposition: "append",
      primary_key: [],
      merge_key: [],
      hard_delete: null,
      insert_only: false,
      renamed_from: [],
      table_resources: ["users"],
      on_missing_rows: "keep",
      dedup_sort: null,
      file_format: "jsonl",
      columns: {},
      schema_contract: { tables: "evolve", columns: "evolve", data_type: "evolve" },
      max_table_nesting: 1000,
      selected: true,
      fields_for_children: [],
    });
  });

  test("retry 429 and every 5xx, and no other status", () => {
    const codes = resolveOne("users")?.error_handler.retry_on_status_codes ?? [];
    expect(codes).toHaveLength(101);
    expect(codes.filter((code) => code !== 429 && (code < 500 || code > 599))).toEqual([]);
  });

  test("of an endpoint as a string: the string is the path", () => {
    expect(resolveOne({ name: "users", endpoint: "v2/people" })).toMatchObject({ name: "users", path: "v2/people" });
  });

  test("of auth, source and settings are applied", () => {
    expect(resolve()).toMatchObject({ rate_limit: null, base_url: "https://api.acme.dev" });
    const auth = { type: "api_key", api_key: secret("token"), name: undefined } as const;
    expect(resolve({ client: { auth } }).resources[0]?.auth).toEqual({
      type: "api_key",
      name: "Authorization",
      api_key: { secret: "token" },
      location: "header",
    });
    const settings = { schedule: "rate(1 day)", max_wait: 60, request_timeout: undefined };
    expect(resolveSource(defineSource(configOf(), settings)).settings).toEqual({
      allow_link_local: false,
      allow_private_addresses: false,
      max_inline_wait: 10,
      max_wait: 60,
      max_empty_pages: 100,
      max_run_age: 604_800,
      fresh_after: 43_200,
      request_timeout: 60,
      file_max_items: 500_000,
      file_max_bytes: 33_554_432,
      file_max_seconds: 300,
    });
  });

  test.each([
    ["page_number" as const, { type: "page_number", base_page: 0, page_param: "page", stop_after_empty_page: true }],
    [
      { type: "page_number" as const, base_page: 1 },
      { base_page: 1, page_param: "page" },
    ],
    [
      { type: "offset" as const, limit: 5 },
      {
        type: "offset",
        limit: 5,
        offset: 0,
        offset_param: "offset",
        limit_param: "limit",
        stop_after_empty_page: true,
      },
    ],
  ])("of the paginator %j are applied", (given, resolved) => {
    expect(resolve({ client: { paginator: given } }).resources[0]?.paginator).toMatchObject(resolved);
  });

  test("give way to the base_url of a stage", () => {
    const overrides = { base_url: "http://127.0.0.1:1" };
    expect(resolveSource(defineSource(configOf()), overrides).base_url).toBe("http://127.0.0.1:1");
    expect(resolveSource(defineSource(configOf()), { base_url: undefined }).base_url).toBe("https://api.acme.dev");
  });
});

describe("precedence", () => {
  test("a resource overrides resource_defaults key by key", () => {
    const resource_defaults = {
      write_disposition: "merge",
      primary_key: "id",
      table_name: "all",
      selected: false,
    } as const;
    const users = { name: "users", write_disposition: "replace", table_name: undefined } as const;
    const posts = { name: "posts", selected: true, endpoint: "posts/{resources.users.id}" };
    const { resources } = resolve({ resource_defaults, resources: [users, posts] });
    expect(resources).toMatchObject([
      { write_disposition: "replace", primary_key: ["id"], table: "all", selected: false },
      { write_disposition: "merge", selected: true },
    ]);
  });

  test("params merge one level deep, null removes one, and other endpoints are unaffected", () => {
    const resource_defaults = { endpoint: { params: { expand: "all", page_size: 50, draft: false } } };
    const resources = [{ name: "users", endpoint: { params: { page_size: 10, expand: null, q: "" } } }, "teams"];
    const [users, teams] = resolve({ resource_defaults, resources }).resources;
    expect(users?.params).toEqual({ page_size: "10", draft: "false", q: "" });
    expect(teams?.params).toEqual({ expand: "all", page_size: "50", draft: "false" });
  });

  test("params: null removes all defaults, and a list replaces a list", () => {
    const resource_defaults = { endpoint: { params: { ids: [1, 2], q: "x" } } };
    expect(resolveOne({ name: "users", endpoint: { params: null } }, { resource_defaults })?.params).toEqual({});
    expect(resolveOne({ name: "users", endpoint: { params: {} } }, { resource_defaults })?.params).toEqual({
      ids: ["1", "2"],
      q: "x",
    });
    expect(resolveOne({ name: "users", endpoint: { params: { ids: [3] } } }, { resource_defaults })?.params).toEqual({
      ids: ["3"],
      q: "x",
    });
  });

  test("json merges one level deep, and deeper values are replaced", () => {
    const resource_defaults = {
      endpoint: { method: "POST", json: { page: { size: 5, sort: "id" }, q: "all" } },
    } as const;
    const bodyOf = (endpoint: object) => resolveOne({ name: "users", endpoint }, { resource_defaults })?.body;
    expect(bodyOf({})).toEqual({ json: { page: { size: 5, sort: "id" }, q: "all" } });
    expect(bodyOf({ json: {} })).toEqual({ json: { page: { size: 5, sort: "id" }, q: "all" } });
    expect(bodyOf({ json: { page: { size: 9 }, q: null } })).toEqual({ json: { page: { size: 9 }, q: null } });
    expect(bodyOf({ json: [1] })).toEqual({ json: [1] });
    const list: SourceConfig["resource_defaults"] = { endpoint: { method: "POST", json: [1] } };
    const own = { name: "users", endpoint: { json: { a: 1 } } };
    expect(resolveOne(own, { resource_defaults: list })?.body).toEqual({ json: { a: 1 } });
    expect(bodyOf({ json: null })).toBeNull();
  });

  test("a body of another kind replaces the default body", () => {
    const json = { endpoint: { method: "POST", json: { a: 1 } } } as const;
    const data = { endpoint: { method: "POST", data: { a: 1 } } } as const;
    const bodyOf = (endpoint: object, resource_defaults: typeof json | typeof data) =>
      resolveOne({ name: "users", endpoint }, { resource_defaults })?.body;
    expect(bodyOf({ data: { b: 2 } }, json)).toEqual({ form: [["b", "2"]] });
    expect(bodyOf({ json: { b: 2 } }, data)).toEqual({ json: { b: 2 } });
    expect(bodyOf({ data: { b: 2 } }, data)).toEqual({ form: [["b", "2"]] });
  });

  test("declared processing steps are in their long form", () => {
    const value = { a: 1 };
    const processing_steps = [
      { remove: "a" },
      { remove: ["b", "c"] },
      { rename: { d: "e" } },
      { add: { f: "x", g: 1, h: null, i: [2], j: { path: "k" }, l: { value } } },
      { filter: "@.a == 1" },
    ];
    expect(resolveOne({ name: "users", processing_steps })?.processing_steps).toEqual([
      { remove: ["a"] },
      { remove: ["b", "c"] },
      { rename: { d: "e" } },
      {
        add: {
          f: { text: "x" },
          g: { value: 1 },
          h: { value: null },
          i: { value: [2] },
          j: { path: "k" },
          l: { value },
        },
      },
      { filter: "@.a == 1" },
    ]);
  });

  test("a step that removes a field which a child needs is an error, unless only another field is removed", () => {
    const resources = (remove: string[]) => [
      { name: "users", processing_steps: [{ remove }] },
      { name: "posts", include_from_parent: ["geo.city"], endpoint: "users/{resources.users.id}/posts" },
    ];
    expect(() => resolve({ resources: resources(["id", "geo"]) })).toThrow(
      [
        "crm.ts: resources[0].processing_steps[0].remove: removes id, which its child posts needs after the steps: keep it",
        "crm.ts: resources[0].processing_steps[0].remove: removes geo, which its child posts needs after the steps: keep it",
      ].join("\n"),
    );
    expect(resolve({ resources: resources(["ids", "geo.street", "geo.city.name"]) }).resources).toHaveLength(2);
  });

  test("headers, incremental, response_actions and processing_steps are replaced, not merged", () => {
    const first = () => true;
    const second = () => false;
    const resource_defaults = {
      processing_steps: [{ filter: first }],
      endpoint: {
        headers: { "X-A": "1", "X-B": "2" },
        incremental: { cursor_path: "at", initial_value: 5 },
        response_actions: [{ status_code: 404, action: "ignore" }],
      },
    } as const;
    const own = {
      name: "users",
      processing_steps: [{ filter: second }],
      endpoint: {
        headers: { "X-C": "3", "X-D": null },
        incremental: { cursor_path: "id" },
        response_actions: [{ content: "busy", action: "retry" }],
      },
    };
    expect(resolveOne(own as Resource, { resource_defaults: resource_defaults as never })).toMatchObject({
      headers: { "X-C": "3" },
      incremental: { cursor_path: "id", initial_value: null },
      response_actions: [{ status_code: null, content: "busy", actions: ["retry"] }],
      processing_steps: [{ filter: second }],
    });
  });

  describe("columns", () => {
    const resource_defaults = {
      columns: { id: { data_type: "bigint", nullable: false }, at: { data_type: "timestamp" } },
    } as const;
    type Columns = Exclude<Resource, string>["columns"];
    const columnsOf = (columns: Columns, defaults: object = resource_defaults) =>
      resolveOne({ name: "users", columns }, { resource_defaults: defaults })?.columns;
    const at = { data_type: "timestamp", nullable: true };

    test("merge by name and by hint", () => {
      expect(columnsOf(undefined)).toEqual({ id: { data_type: "bigint", nullable: false }, at });
      expect(columnsOf({ id: { data_type: "text" } })).toEqual({ id: { data_type: "text", nullable: false }, at });
      expect(columnsOf({ id: { nullable: true }, no: { data_type: "date" } })).toEqual({
        id: { data_type: "bigint", nullable: true },
        at,
        no: { data_type: "date", nullable: true },
      });
    });

    test("merge in both of dlt's forms", () => {
      const merged = { id: { data_type: "text", nullable: false }, at };
      const list = {
        columns: [
          { name: "id", data_type: "bigint", nullable: false },
          { name: "at", data_type: "timestamp" },
        ],
      };
      expect(columnsOf([{ name: "id", data_type: "text" }])).toEqual(merged);
      expect(columnsOf({ id: { data_type: "text" } }, list)).toEqual(merged);
      expect(columnsOf([{ name: "id", data_type: "text" }], list)).toEqual(merged);
    });

    test.each([{ empty: {} }, { empty: [] }, { empty: null }])(
      "$empty at the resource discards the defaults",
      ({ empty }) => {
        expect(columnsOf(empty)).toEqual({});
      },
    );

    test("with a description only are not declared", () => {
      expect(columnsOf({ note: { description: "a note" } }, {})).toEqual({});
    });

    test("of dlt types that tables do not have become another type", () => {
      expect(
        columnsOf({ a: { data_type: "binary" }, b: { data_type: "time" }, c: { data_type: "wei" } }, {}),
      ).toMatchObject({ a: { data_type: "text" }, b: { data_type: "text" }, c: { data_type: "decimal" } });
    });
  });

  test("paginators are replaced, not merged: the endpoint overrides the defaults, which override the client", () => {
    const client = { paginator: { type: "page_number", page_param: "client", base_page: 7 } } as const;
    const resource_defaults = { endpoint: { paginator: { type: "page_number", page_param: "defaults" } } } as const;
    const own = { name: "users", endpoint: { paginator: { type: "page_number", base_page: 2 } } } as const;
    expect(resolveOne("users", { client })?.paginator).toMatchObject({ page_param: "client", base_page: 7 });
    expect(resolveOne("users", { client, resource_defaults })?.paginator).toMatchObject({
      page_param: "defaults",
      base_page: 0,
    });
    expect(resolveOne(own, { client, resource_defaults })?.paginator).toMatchObject({
      page_param: "page",
      base_page: 2,
    });
  });

  test("error_handler merges client, defaults and endpoint key by key", () => {
    const client = { error_handler: { min_retry_after: 60, max_retries: 1, backoff_factor: 3 } };
    const resource_defaults = { endpoint: { error_handler: { backoff_factor: 4, retry_on_status_codes: [429] } } };
    const own = { name: "users", endpoint: { error_handler: { max_retries: 2, min_retry_after: undefined } } };
    expect(resolveOne(own, { client, resource_defaults })?.error_handler).toEqual({
      min_retry_after: 60,
      max_retries: 2,
      backoff_factor: 4,
      retry_on_status_codes: [429],
    });
  });

  test("null resets a default", () => {
    const resource_defaults = {
      table_name: "all",
      write_disposition: "merge",
      primary_key: "id",
      selected: false,
      columns: { id: { data_type: "bigint" } },
      endpoint: {
        path: "/all",
        params: { a: 1 },
        headers: { "X-A": "1" },
        data_selector: "data",
        paginator: { type: "page_number" },
        incremental: { cursor_path: "at" },
        error_handler: { max_retries: 9 },
      },
    } as const;
    const own = {
      name: "users",
      table_name: null,
      write_disposition: null,
      primary_key: null,
      selected: null,
      columns: null,
      endpoint: {
        path: null,
        params: null,
        headers: null,
        data_selector: null,
        paginator: null,
        incremental: null,
        error_handler: null,
      },
    };
    expect(resolveOne(own, { resource_defaults })).toEqual(resolveOne("users"));
  });
});

describe("auth", () => {
  const token = { type: "bearer", token: secret("client") } as const;
  const other = { type: "http_basic", username: "me", password: secret("own") } as const;
  const authOf = (own: object, defaults: object = {}) =>
    resolveOne({ name: "users", endpoint: own } as Resource, {
      client: { auth: token },
      resource_defaults: { endpoint: defaults },
    })?.auth;

  test("is that of the endpoint, else of the defaults, else of the client, without merging", () => {
    expect(authOf({})).toEqual(token);
    expect(authOf({}, { auth: other })).toEqual(other);
    expect(authOf({ auth: other }, { auth: token })).toEqual(other);
  });

  test("null means no auth, whatever the other levels set", () => {
    expect(authOf({ auth: null })).toBeNull();
    expect(authOf({ auth: null }, { auth: other })).toBeNull();
    expect(authOf({}, { auth: null })).toBeNull();
    expect(resolveOne("users", { client: { auth: null } })?.auth).toBeNull();
  });

  test("with a token only is a bearer auth", () => {
    expect(authOf({ auth: { token: secret("t") } })).toEqual({ type: "bearer", token: { secret: "t" } });
  });

  test("has dlt's defaults", () => {
    const oauth2 = {
      type: "oauth2_client_credentials",
      access_token_url: "https://acme.dev/token",
      client_id: "me",
      client_secret: secret("s"),
    };
    expect(authOf({ auth: oauth2 })).toMatchObject({ ...oauth2, default_token_expiration: 3600 });
    expect(authOf({ auth: { type: "api_key", api_key: secret("k"), location: "query" } })).toEqual({
      type: "api_key",
      name: "Authorization",
      api_key: { secret: "k" },
      location: "query",
    });
  });

  test("keeps a function", () => {
    const own = (request: unknown) => request;
    expect(authOf({ auth: own })).toBe(own);
  });
});

describe("paginators", () => {
  const paginatorOf = (own: object, given: Given = {}) =>
    resolveOne({ name: "users", endpoint: own } as Resource, { client: { paginator: undefined }, ...given })?.paginator;

  test("default to auto, and an explicit auto overrides the client", () => {
    expect(paginatorOf({})).toEqual({ type: "auto" });
    expect(paginatorOf({ paginator: "auto" }, { client: { paginator: "page_number" } })).toEqual({ type: "auto" });
  });

  test("fall back to the client with null", () => {
    const given: Given = {
      client: { paginator: "header_link" },
      resource_defaults: { endpoint: { paginator: "page_number" } },
    };
    expect(paginatorOf({}, given)).toMatchObject({ type: "page_number" });
    expect(paginatorOf({ paginator: null }, given)).toMatchObject({ type: "header_link" });
  });

  test("of type json_response become json_link, in both forms", () => {
    expect(paginatorOf({ paginator: "json_response" })).toEqual({ type: "json_link", next_url_path: "next" });
    expect(paginatorOf({ paginator: { type: "json_response", next_url_path: "links.next" } })).toEqual({
      type: "json_link",
      next_url_path: "links.next",
    });
  });

  test.each([
    ["cursor", { cursor_path: "cursors.next", cursor_param: "cursor", stop_after_empty_page: false }],
    ["header_cursor", { cursor_key: "next", cursor_param: "cursor" }],
    ["json_link", { next_url_path: "next" }],
    ["header_link", { links_next_key: "next" }],
    ["single_page", {}],
  ])("of type %s have dlt's defaults", (type, defaults) => {
    expect(paginatorOf({ paginator: type })).toEqual({ type, ...defaults });
  });

  test("with a path in the body have no default for that query parameter only", () => {
    const paginator = { type: "offset", limit: 5, offset_body_path: "paging.from" };
    const resolved = paginatorOf({ method: "POST", paginator });
    expect(resolved).toMatchObject({ offset_body_path: "paging.from", limit_param: "limit" });
    expect(resolved).not.toHaveProperty("offset_param");
  });

  test("with null as a parameter have its default name", () => {
    expect(paginatorOf({ paginator: { type: "cursor", cursor_param: null } })).toMatchObject({
      cursor_param: "cursor",
    });
  });
});

describe("the single-entity rule", () => {
  const entity = (own: object = {}, given: Given = {}) => {
    const child = { name: "user", endpoint: { path: "users/{resources.users.id}", ...own } } as Resource;
    const { paginator, data_selector } = resolve({ resources: ["users", child], ...given }).resources[1] ?? {};
    return { type: paginator?.type, data_selector };
  };

  test("makes a path to a single entity one page, whose body is the row", () => {
    expect(entity()).toEqual({ type: "single_page", data_selector: "$" });
  });

  test("takes precedence over the paginator of the client, but not of endpoint and defaults", () => {
    const paginator = "page_number";
    expect(entity({}, { client: { paginator } }).type).toBe("single_page");
    expect(entity({ paginator }, { client: { paginator: "cursor" } }).type).toBe("page_number");
    expect(entity({}, { resource_defaults: { endpoint: { paginator } } }).type).toBe("page_number");
  });

  test("keeps a data_selector of endpoint or defaults, which does not affect the paginator", () => {
    expect(entity({ data_selector: "user" })).toEqual({ type: "single_page", data_selector: "user" });
    expect(entity({}, { resource_defaults: { endpoint: { data_selector: "data" } } })).toEqual({
      type: "single_page",
      data_selector: "data",
    });
  });

  test("applies again with null for both", () => {
    const resource_defaults = { endpoint: { paginator: "page_number", data_selector: "data" } } as const;
    expect(entity({ paginator: null, data_selector: null }, { resource_defaults })).toEqual({
      type: "single_page",
      data_selector: "$",
    });
  });

  test("applies to a name that a plain parameter binds", () => {
    const own = { name: "team", endpoint: { path: "teams/{id}", params: { id: 5 } } };
    expect(resolveOne(own)).toMatchObject({ path: "teams/5", paginator: { type: "single_page" }, data_selector: "$" });
  });
});

describe("names", () => {
  test("are converted to snake_case, and the path is unchanged", () => {
    expect(resolveOne("v1/BlogPosts")).toMatchObject({
      name: "v1_blog_posts",
      table: "v1_blog_posts",
      path: "v1/BlogPosts",
    });
    expect(resolveOne({ name: "Blog Posts", table_name: "My Table", endpoint: "posts" })).toMatchObject({
      name: "blog_posts",
      table: "my_table",
      path: "posts",
    });
  });

  test("of parents are converted too, in both forms", () => {
    const resources: Resource[] = [
      { name: "Blog-Posts", endpoint: "posts" },
      { name: "a", endpoint: "posts/{resources.Blog-Posts.id}" },
      {
        name: "b",
        endpoint: { path: "p/{id}", params: { id: { type: "resolve", resource: "Blog-Posts", field: "id" } } },
      },
      { name: "c", endpoint: "posts/{resources.blog_posts.id}" },
    ];
    const [, ...children] = resolve({ resources }).resources;
    expect(children.map(({ parent }) => parent?.resource)).toEqual(["blog_posts", "blog_posts", "blog_posts"]);
  });
});

describe("write_disposition and selected", () => {
  test("take the disposition from the long form", () => {
    const own = { name: "users", write_disposition: { disposition: "merge", strategy: "upsert" } } as const;
    expect(resolveOne(own)?.write_disposition).toBe("merge");
  });

  const child = (name: string, parent: string) => ({ name, endpoint: `${name}/{resources.${parent}.id}` });

  test.each(["skip" as const, { disposition: "skip" as const }])(
    "of skip mean that the resource is not selected: %j",
    (write_disposition) => {
      const { resources } = resolve({ resources: [{ name: "users", write_disposition }, child("posts", "users")] });
      expect(resources[0]).toMatchObject({ write_disposition: "append", selected: false });
    },
  );

  test("leave out a resource that is not selected, unless a selected one descends from it", () => {
    const hidden = { selected: false };
    const source = resolve({
      resources: [
        { name: "teams", ...hidden },
        { ...child("users", "teams"), ...hidden },
        child("posts", "users"),
        { ...child("tags", "posts"), ...hidden, endpoint: "tags/{resources.posts.tag}" },
        { ...child("marks", "tags"), ...hidden },
        { name: "alone", ...hidden },
      ],
    });
    expect(source.resources.map(({ name }) => name)).toEqual(["teams", "users", "posts"]);
    expect(source.unselected).toEqual(["tags", "marks", "alone"]);
    expect(source.resources.at(-1)?.fields_for_children).toEqual([]);
    expect(() => findResource(source, "alone")).toThrow(
      'resource "alone" is not loaded (selected: false, and no child is selected): set selected: true',
    );
  });

  test("of no resource are an error, unless another resource is invalid", () => {
    const none = "crm.ts: resources: no resource is selected";
    expect(() => resolveOne({ name: "users", selected: false })).toThrow(none);
    const invalid = { name: "posts", selected: 1 } as unknown as Resource;
    expect(() => resolve({ resources: [{ name: "users", selected: false }, invalid] })).toThrow(
      /^crm\.ts: resources\[1\]\.selected: expected boolean, got 1$/,
    );
  });
});

describe("incremental", () => {
  const incrementalOf = (incremental: object, more: object = {}) =>
    resolveOne({ name: "users", endpoint: { incremental }, ...more } as Resource)?.incremental;

  test("has dlt's defaults", () => {
    expect(incrementalOf({ cursor_path: "at" })).toEqual({
      cursor_path: "at",
      initial_value: null,
      end_value: null,
      last_value_func: "max",
      dedup_key: [],
      row_order: null,
      on_cursor_value_missing: "raise",
      lag: 0,
      range_start: "closed",
      range_end: "open",
      start_param: null,
      end_param: null,
      convert: null,
      cursor_datetime_formats: null,
    });
  });

  test("as a parameter sets start_param, and is removed from the parameters", () => {
    const since = { type: "incremental", cursor_path: "at", initial_value: 0 } as const;
    const own = resolveOne({ name: "users", endpoint: { params: { since, q: 1 } } });
    expect(own?.params).toEqual({ q: "1" });
    expect(own?.incremental).toMatchObject({
      cursor_path: "at",
      initial_value: 0,
      start_param: "since",
      end_param: null,
    });
    expect(own?.incremental).not.toHaveProperty("type");
  });

  test("accepts 0 and an empty string as values", () => {
    expect(incrementalOf({ cursor_path: "at", initial_value: "" })?.initial_value).toBe("");
    expect(incrementalOf({ cursor_path: "at", initial_value: 0, end_value: 0 })).toMatchObject({
      initial_value: 0,
      end_value: 0,
    });
  });

  test("identifies rows at the boundary by its own key, else the resource's, else by the whole row", () => {
    expect(incrementalOf({ cursor_path: "at" }, { primary_key: "id" })?.dedup_key).toEqual(["id"]);
    expect(incrementalOf({ cursor_path: "at", primary_key: "no" }, { primary_key: "id" })?.dedup_key).toEqual(["no"]);
    expect(incrementalOf({ cursor_path: "at", primary_key: null }, { primary_key: "id" })?.dedup_key).toEqual(["id"]);
    expect(incrementalOf({ cursor_path: "at" }, { columns: { id: { primary_key: true } } })?.dedup_key).toEqual(["id"]);
  });

  test.each([{ primary_key: [] }, { lag: 1 }, { initial_value: 1, end_value: 2 }, { range_start: "open" }])(
    "does not deduplicate rows at the boundary with %j",
    (more) => {
      expect(incrementalOf({ cursor_path: "at", ...more }, { primary_key: "id" })?.dedup_key).toBeNull();
    },
  );
});

describe("requests", () => {
  test("have params as strings, without null, and with secret references", () => {
    const params = { a: 1, b: true, c: "", d: null, e: [1, false], f: secret("f") };
    expect(resolveOne({ name: "users", endpoint: { params } })?.params).toEqual({
      a: "1",
      b: "true",
      c: "",
      e: ["1", "false"],
      f: { secret: "f" },
    });
  });

  test.each<[object, object]>([
    [
      { data: { a: 1, b: null, c: secret("c"), d: false } },
      {
        form: [
          ["a", "1"],
          ["c", { secret: "c" }],
          ["d", "false"],
        ],
      },
    ],
    [
      {
        data: [
          ["a", 1],
          ["a", 2],
          ["b", null],
        ],
      },
      {
        form: [
          ["a", "1"],
          ["a", "2"],
        ],
      },
    ],
    [{ data: "a=1" }, { text: "a=1" }],
    [{ json: { a: { secret: "a" } } }, { json: { a: { secret: "a" } } }],
  ])("have a body: %j", (own, body) => {
    expect(resolveOne({ name: "users", endpoint: { method: "POST", ...own } } as Resource)?.body).toEqual(body);
  });

  test("have response_actions in their long form", () => {
    const inspect = () => null;
    const response_actions = [inspect, { status_code: 404, action: "ignore" }, { content: "x", action: [inspect] }];
    expect(resolveOne({ name: "users", endpoint: { response_actions } } as Resource)?.response_actions).toEqual([
      { status_code: null, content: null, actions: [inspect] },
      { status_code: 404, content: null, actions: ["ignore"] },
      { status_code: null, content: "x", actions: [inspect] },
    ]);
  });

  test("have the max_concurrency of the endpoint, else of the client", () => {
    const client = { max_concurrency: 2 };
    expect(resolveOne("users", { client })?.max_concurrency).toBe(2);
    expect(resolveOne({ name: "users", endpoint: { max_concurrency: 9 } }, { client })?.max_concurrency).toBe(9);
  });
});

describe("primary_key and nullable", () => {
  test("a key column is not nullable, and a column whose name is part of its name is", () => {
    const column = { data_type: "bigint" } as const;
    const columns = { user_id: column, id: column, user: column, note: { ...column, nullable: false } };
    const nullables = (primary_key: string | string[]) =>
      Object.entries(resolveOne({ name: "users", primary_key, columns })?.columns ?? {})
        .filter(([, { nullable }]) => nullable)
        .map(([name]) => name);
    expect(nullables("user_id")).toEqual(["id", "user"]);
    expect(nullables(["user_id", "id"])).toEqual(["user"]);
  });

  test("hints of columns make the key, unless the resource names one", () => {
    const columns = { id: { primary_key: true, data_type: "bigint" }, no: { primary_key: true }, at: {} } as const;
    expect(resolveOne({ name: "users", columns })).toMatchObject({
      primary_key: ["id", "no"],
      columns: { id: { nullable: false } },
    });
    expect(resolveOne({ name: "users", columns, primary_key: "at" })?.primary_key).toEqual(["at"]);
    expect(resolveOne({ name: "users", columns, primary_key: [] })?.primary_key).toEqual(["id", "no"]);
  });

  test("a name and a list of one name are the same", () => {
    expect(resolveOne({ name: "users", primary_key: "id" })?.primary_key).toEqual(["id"]);
    expect(resolveOne({ name: "users", primary_key: ["id"] })?.primary_key).toEqual(["id"]);
  });
});

describe("resolveSource", () => {
  test("reports all errors between parts at once, by resource and path", () => {
    const resources: Resource[] = [
      { name: "users", include_from_parent: ["id"] },
      { name: "Tags", endpoint: "tags/{tag}" },
      {
        name: "search",
        endpoint: { json: { q: 1 }, incremental: { cursor_path: "at" }, params: { s: "{incremental.end_value}" } },
      },
    ];
    expect(() => resolveSource(defineSource(configOf({ resources })))).toThrow(
      expect.objectContaining({
        name: "ConfigError",
        message: [
          "crm.users: include_from_parent: resource without a parent: name one in a placeholder {resources.<parent>.<field>}",
          "crm.tags: endpoint.path: {tag} in the path has no value: set params.tag, or bind it with type: resolve",
          "crm.search: endpoint.params.s: {incremental.end_value} never has a value: set end_value of the incremental, or use end_param",
          'crm.search: endpoint.json: GET request with a body: set method: "POST"',
        ].join("\n"),
        place: { source: "crm", resource: "users" },
      }),
    );
  });

  test("makes resources available to findResource, which lists them if the name is unknown", () => {
    const source = resolve({ resources: ["users", "teams"] });
    expect(findResource(source, "teams").name).toBe("teams");
    expect(() => findResource(source, "team")).toThrow('crm: unknown resource "team": choose from users, teams');
  });
});

test("resolveSource changes neither the config nor later results", () => {
  const config = configOf({
    resource_defaults: { endpoint: { params: { team: "a/b" } } },
    resources: [
      { name: "users", endpoint: "teams/{team}/users" },
      { name: "tasks", endpoint: "teams/{team}/tasks" },
    ],
  });
  const before = structuredClone(config);
  const source = defineSource(config);
  const once = resolveSource(source);
  once.resources[0]?.error_handler.retry_on_status_codes.push(1);
  expect(resolveSource(source).resources.map(({ path, params }) => ({ path, params }))).toEqual([
    { path: "teams/a%2Fb/users", params: {} },
    { path: "teams/a%2Fb/tasks", params: {} },
  ]);
  expect(resolveSource(source).resources[0]?.error_handler.retry_on_status_codes).toHaveLength(101);
  expect(config).toEqual(before);
});
