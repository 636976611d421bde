import { describe, expect, test } from "vitest";
import { defineSource, secret } from "../../lib/source/index.ts";
import { findResource, resolveSource } from "../../lib/source/resolve.ts";
import type { SourceConfig } from "../../lib/source/schema/index.ts";
import { validateSource } from "../../lib/source/schema/validate.ts";

type Resource = SourceConfig["resources"][number];
type Given = Partial<Omit<SourceConfig, "client">> & { client?: Partial<SourceConfig["client"]> };

const configOf = ({ client, ...given }: Given = {}): SourceConfig => ({
  name: "crm",
  resources: ["users"],
  ...given,
  client: { base_url: "https://api.acme.dev", paginator: "single_page", ...client },
});

/** Resolved, after it has passed the schema. */
const resolve = (given: Given = {}) => {
  const source = defineSource(configOf(given));
  validateSource("crm.ts", source);
  return resolveSource(source);
};
const resolveOne = (resource: Resource, given: Given = {}) => resolve({ ...given, resources: [resource] }).resources[0];
const messageOf = (given: Given): string => {
  try {
    resolve(given);
  } catch (error) {
    expect(error).toMatchObject({ name: "ConfigError" });
    return (error as Error).message;
  }
  throw new Error("it was accepted");
};

describe("defaults", () => {
  test("a resource that is a string: name, table and path are the same", () => {
    expect(resolveOne("users")).toEqual({
      name: "users",
      table: "users",
      method: "GET",
      path: "users",
      params: {},
      headers: {},
      parent: null,
      paginator: { type: "single_page" },
      data_selector: null,
      incremental: null,
      error_handler: {
        retry_on_status_codes: expect.arrayContaining([429, 500, 502, 599]),
        max_retries: 4,
        backoff_factor: 2,
        min_retry_after: 0,
      },
      write_disposition: "append",
      primary_key: [],
      columns: {},
      selected: true,
      fields_for_children: [],
    });
  });

  test("429 and every 5xx are retried, nothing else", () => {
    const codes = resolveOne("users")?.error_handler.retry_on_status_codes ?? [];
    expect(codes).toHaveLength(101);
    expect(codes.filter((code) => code !== 429 && (code < 500 || code > 599))).toEqual([]);
  });

  test("an endpoint that is a string is its path", () => {
    expect(resolveOne({ name: "users", endpoint: "v2/people" })).toMatchObject({ name: "users", path: "v2/people" });
  });

  test("of the auth, the source and its settings", () => {
    expect(resolve()).toMatchObject({ auth: null, headers: {}, base_url: "https://api.acme.dev" });
    const auth = { type: "api_key", api_key: secret("token"), name: undefined } as const;
    expect(resolve({ client: { auth } }).auth).toEqual({
      type: "api_key",
      name: "Authorization",
      api_key: { secret: "token" },
      location: "header",
    });
    const settings = { schedule: "rate(1 day)", max_wait: 60, request_timeout: undefined };
    expect(resolveSource(defineSource(configOf(), settings)).settings).toEqual({
      allow_link_local: false,
      max_inline_wait: 10,
      max_wait: 60,
      max_run_age: 604_800,
      fresh_after: 43_200,
      request_timeout: 60,
      file_max_items: 500_000,
      file_max_bytes: 67_108_864,
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
  ])("of the paginator %j", (given, resolved) => {
    expect(resolve({ client: { paginator: given } }).resources[0]?.paginator).toMatchObject(resolved);
  });

  test("a stage's base_url replaces the config's", () => {
    const overrides = { base_url: "http://127.0.0.1:1" };
    expect(resolveSource(defineSource(configOf()), overrides).base_url).toBe("http://127.0.0.1:1");
    expect(resolveSource(defineSource(configOf()), { base_url: undefined }).base_url).toBe("https://api.acme.dev");
  });
});

describe("what wins", () => {
  test("resource over resource_defaults, key by key", () => {
    const resource_defaults = {
      write_disposition: "merge",
      primary_key: "id",
      table_name: "all",
      selected: false,
    } as const;
    const own = { name: "users", write_disposition: "replace", table_name: undefined } as const;
    expect(resolveOne(own, { resource_defaults })).toMatchObject({
      write_disposition: "replace",
      primary_key: ["id"],
      table: "all",
      selected: false,
    });
  });

  test("params merge one level deep; a null drops one, another endpoint's stay out", () => {
    const resource_defaults = { endpoint: { params: { expand: "all", page_size: 50, draft: false } } };
    const resources = [{ name: "users", endpoint: { params: { page_size: 10, expand: null, q: "" } } }, "teams"];
    const [users, teams] = resolve({ resource_defaults, resources }).resources;
    expect(users?.params).toEqual({ page_size: "10", draft: "false", q: "" });
    expect(teams?.params).toEqual({ expand: "all", page_size: "50", draft: "false" });
  });

  test("columns merge by name", () => {
    const resource_defaults = { columns: { id: { data_type: "bigint" }, at: { data_type: "timestamp" } } } as const;
    expect(
      resolveOne({ name: "users", columns: { id: { data_type: "text" } } }, { resource_defaults })?.columns,
    ).toEqual({
      id: { data_type: "text", nullable: true },
      at: { data_type: "timestamp", nullable: true },
    });
  });

  test("paginators are replaced, not merged: endpoint over defaults over client", () => {
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

  test("error_handler is merged over all three: what one says of min_retry_after stays when the next says max_retries", () => {
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

describe("primary_key and nullable", () => {
  test("a key column is not nullable unless it says so; a column whose name is part of the key's name is", () => {
    const column = { data_type: "bigint" } as const;
    const columns = { user_id: column, id: column, user: column, note: { ...column, nullable: false } };
    const nullables = (primary_key: string | string[]) =>
      Object.entries(resolveOne({ name: "users", primary_key, columns })?.columns ?? {})
        .filter(([, { nullable }]) => nullable)
        .map(([name]) => name);
    expect(nullables("user_id")).toEqual(["id", "user"]);
    expect(nullables(["user_id", "id"])).toEqual(["user"]);
  });

  test("one name and a list of one are the same", () => {
    expect(resolveOne({ name: "users", primary_key: "id" })?.primary_key).toEqual(["id"]);
    expect(resolveOne({ name: "users", primary_key: ["id"] })?.primary_key).toEqual(["id"]);
  });
});

describe("what only shows between the parts", () => {
  test("a resource without a paginator", () => {
    expect(messageOf({ client: { paginator: undefined } })).toBe(
      "crm.users: no paginator: give one to the endpoint, to resource_defaults or to the client",
    );
  });

  test("include_from_parent without a parent", () => {
    expect(messageOf({ resources: [{ name: "users", include_from_parent: ["id"] }] })).toBe(
      "crm.users: include_from_parent needs a parent: bind a parameter with type: resolve",
    );
  });

  test("a resource that is asked for and does not exist: those that do are named", () => {
    const source = resolve({ resources: ["users", "teams"] });
    expect(findResource(source, "teams").name).toBe("teams");
    expect(() => findResource(source, "team")).toThrow('crm: there is no resource "team"; there are: users, teams');
  });
});

test("resolving changes neither the config nor the next resolving", () => {
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
