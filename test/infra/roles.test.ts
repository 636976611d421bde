import { describe, expect, test } from "vitest";
import { finishRole, openRole, resourceRole } from "../../infra/roles.ts";
import { loadSources } from "../../infra/sources.ts";
import { defineSource, secret } from "../../lib/config/index.ts";
import { findResource, resolveSource } from "../../lib/config/resolve.ts";
import { CheckpointError, ParentError } from "../../lib/errors/index.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { silentAlarm } from "../fake-clock.ts";
import { grantsOf, guardedBucket, may, type Role, type Stored } from "./guarded-bucket.ts";

const deployed = await loadSources();

/** Returns the policy of a resource's role in the stack. */
const policyOf = (sourceName: string, resourceName: string) => {
  const source = deployed.find(({ resolved }) => resolved.name === sourceName)?.resolved;
  if (source === undefined) throw new Error(`no source ${sourceName}`);
  return resourceRole(source, findResource(source, resourceName)).Properties.Policies[0]?.PolicyDocument.Statement;
};
const lake = (...patterns: string[]) => patterns.map((pattern) => ({ "Fn::Sub": `\${Lake.Arn}/${pattern}` }));
const logs = (group: string) => ({
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: { "Fn::GetAtt": [group, "Arn"] },
});
const secretValue = (id: string) => ({
  Effect: "Allow",
  Action: ["secretsmanager:GetSecretValue"],
  Resource: { Ref: id },
});
const listing = (...prefixes: string[]) => ({
  Effect: "Allow",
  Action: ["s3:ListBucket"],
  Resource: { "Fn::GetAtt": ["Lake", "Arn"] },
  Condition: { StringLike: { "s3:prefix": prefixes } },
});

describe("the role of a resource", () => {
  const statementOf = (name: string) => {
    const refresh = {
      type: "oauth2_refresh_token" as const,
      access_token_url: "https://login.test/token",
      client_id: "c",
      refresh_token: secret("r"),
    };
    const source = resolveSource(
      defineSource({
        name: "shop",
        client: { base_url: "https://api.test", auth: { type: "bearer", token: secret("token") } },
        resources: ["orders", { name: "users", endpoint: { auth: refresh } }, { name: "regions", rows: [{ id: 1 }] }],
      }),
    );
    const [policy] = resourceRole(source, findResource(source, name)).Properties.Policies;
    return policy?.PolicyDocument.Statement.find(({ Action }) => Action.includes("secretsmanager:GetSecretValue"));
  };

  test("may write the secret only if its refresh token may rotate", () => {
    expect(statementOf("orders")?.Action).toEqual(["secretsmanager:GetSecretValue"]);
    expect(statementOf("users")).toEqual({
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"],
      Resource: { Ref: "ShopSecret" },
    });
  });

  test("E.9: may not read the secret if its rows are in the config", () => {
    expect(statementOf("regions")).toBeUndefined();
  });
});

describe("the policy", () => {
  test("of a resource without parent or children reaches its own keys", () => {
    expect(policyOf("workforce_analytics", "tasks")).toEqual([
      logs("WorkforceAnalyticsLogGroup"),
      secretValue("WorkforceAnalyticsSecret"),
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: lake(
          "data/workforce_analytics/tasks/json/*/tasks-*",
          "manifests/workforce_analytics/tasks/*-tasks.json",
          "schemas/workforce_analytics/tasks.json",
          "state/workforce_analytics/run.json",
          "state/workforce_analytics/*/tasks.json",
          "state/workforce_analytics/*/positions/*.json",
          "state/workforce_analytics/*/keys/*",
        ),
      },
      listing(
        "data/workforce_analytics/tasks/json/*/tasks-*",
        "manifests/workforce_analytics/tasks/*-tasks.json",
        "schemas/workforce_analytics/tasks.json",
        "state/workforce_analytics/*",
      ),
    ]);
  });

  test("of a parent in an incremental source also reaches parent rows and incremental state", () => {
    expect(policyOf("order_management", "orders")).toEqual([
      logs("OrderManagementLogGroup"),
      secretValue("OrderManagementSecret"),
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: lake(
          "data/order_management/orders/json/*/orders-*",
          "manifests/order_management/orders/*-orders.json",
          "schemas/order_management/orders.json",
          "state/order_management/run.json",
          "state/order_management/*/orders.json",
          "state/order_management/*/positions/*.json",
          "state/order_management/hashes/*",
          "state/order_management/*/keys/*",
        ),
      },
      { Effect: "Allow", Action: ["s3:PutObject"], Resource: lake("state/order_management/*/parents/*.json.gz") },
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: lake(
          "state/order_management/orders.json",
          "state/order_management/products.json",
          "manifests/order_management/*/*-*.json",
          "reports/order_management/latest.json",
        ),
      },
      listing(
        "data/order_management/orders/json/*/orders-*",
        "manifests/order_management/orders/*-orders.json",
        "manifests/order_management/*/*-*.json",
        "reports/order_management/latest.json",
        "schemas/order_management/orders.json",
        "state/order_management/*",
      ),
    ]);
  });

  test("of a child may also read its parent's rows, and the manifests of its source", () => {
    expect(policyOf("order_management", "returns")).toEqual([
      logs("OrderManagementLogGroup"),
      secretValue("OrderManagementSecret"),
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:PutObject"],
        Resource: lake(
          "data/order_management/returns/json/*/returns-*",
          "manifests/order_management/returns/*-returns.json",
          "schemas/order_management/returns.json",
          "state/order_management/run.json",
          "state/order_management/*/returns.json",
          "state/order_management/*/positions/*.json",
          "state/order_management/*/keys/*",
        ),
      },
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: lake(
          "state/order_management/orders.json",
          "state/order_management/products.json",
          "manifests/order_management/*/*-*.json",
          "reports/order_management/latest.json",
          "state/order_management/*/parents/*.json.gz",
        ),
      },
      listing(
        "data/order_management/returns/json/*/returns-*",
        "manifests/order_management/returns/*-returns.json",
        "manifests/order_management/*/*-*.json",
        "reports/order_management/latest.json",
        "schemas/order_management/returns.json",
        "state/order_management/*",
      ),
    ]);
  });

  test("of every resource is shorter than IAM's limit for inline policies of 10,240 characters", () => {
    for (const { resolved } of deployed) {
      for (const { name } of resolved.resources) {
        const text = JSON.stringify(policyOf(resolved.name, name)).replaceAll("${Lake.Arn}", "x".repeat(80));
        expect(text.length).toBeLessThan(10_240);
      }
    }
  });
});

/**
 * A parent without a table, its child, the child's child, an incremental resource in Parquet, and a resource whose contract
 * allows no table.
 */
const shop = resolveSource(
  defineSource({
    name: "shop",
    client: {
      base_url: "https://api.shop.test",
      auth: { type: "api_key", name: "x-key", api_key: secret("api_key"), location: "header" },
      paginator: { type: "page_number", base_page: 1 },
    },
    resource_defaults: { primary_key: "id", columns: { id: { data_type: "bigint" } } },
    resources: [
      {
        name: "orders",
        selected: false,
        endpoint: { path: "/orders", data_selector: "data", incremental: { cursor_path: "updated_at" } },
      },
      {
        name: "lines",
        table_name: "order_lines",
        endpoint: {
          path: "/orders/{order}/lines",
          data_selector: "data",
          params: { order: { type: "resolve", resource: "orders", field: "id" } },
        },
      },
      {
        name: "notes",
        endpoint: {
          path: "/lines/{line}/notes",
          data_selector: "data",
          params: { line: { type: "resolve", resource: "lines", field: "id" } },
        },
      },
      {
        name: "audits",
        schema_contract: { tables: "discard_row" },
        endpoint: { path: "/audits", data_selector: "data" },
      },
      {
        name: "items",
        file_format: "parquet",
        endpoint: { path: "/items", data_selector: "data", incremental: { cursor_path: "updated_at" } },
      },
    ],
  }),
);

/** Number of orders with one timestamp: enough that their hashes make a position too large for S3's metadata. */
const ORDERS = 60;
/** Number of items with one timestamp: enough that their hashes do not fit into a cursor. */
const ITEMS = 1100;
const respond = (url: URL): Response => {
  const rows = { "/orders": ORDERS, "/items": ITEMS }[url.pathname] ?? 1;
  const count = url.searchParams.get("page") === "1" ? rows : 0;
  const data = Array.from({ length: count }, (_, id) => ({ id, updated_at: "2026-11-20T00:00:00Z" }));
  return new Response(JSON.stringify({ data }), { headers: { "content-type": "application/json" } });
};

const roles: Record<string, Role> = {
  open: openRole("StateMachineLogGroup") as unknown as Role,
  finish: finishRole("StateMachineLogGroup") as unknown as Role,
  ...Object.fromEntries(
    shop.resources.map((resource) => [resource.name, resourceRole(shop, resource) as unknown as Role]),
  ),
};

/** Creates a lake that each Lambda reaches through its role, and records the grants that were used. */
const createLake = () => {
  const objects = new Map<string, Stored>();
  const used: Record<string, Set<string>> = {};
  let now = Date.parse("2026-11-20T03:00:00Z");
  const portsOf = (name: string): Ports => {
    used[name] ??= new Set();
    return {
      bucket: guardedBucket(objects, roles[name] as Role, used[name]),
      secrets: { get: async () => "a-key-of-the-shop", put: async () => {} },
      fetch: (async (input: string) => respond(new URL(input))) as typeof fetch,
      clock: { now: () => now++, sleep: async () => {}, alarm: silentAlarm, random: Math.random },
      logger: { debug() {}, info() {}, warn() {} },
      redactor: createRedactor(),
    };
  };
  const facts = { source: "shop", resources: resourceFactsOf(shop), bounds: shop.settings };
  const invocation = (id: string) => ({ id, time: 60_000 });
  return {
    objects,
    used,
    start: async (owner: string) => open(portsOf("open"), { ...facts, transitions: NO_TRANSITIONS, input: {}, owner }),
    work: (name: string, event: object) => work(portsOf(name), shop, name, event, invocation(`${name} at ${now++}`)),
    finish: async (run: object) => finish(portsOf("finish"), { ...facts, run, failures: {} } as never),
  };
};

describe("with its role alone", () => {
  test("every Lambda works: in an empty lake, when repeated, started by hand, and in the next run", async () => {
    const { objects, used, start, work, finish } = createLake();
    const runAll = async (owner: string) => {
      const run = await start(owner);
      expect(run.status).toBe("open");
      for (const { name } of shop.resources) expect(await work(name, { run })).toMatchObject({ status: "done" });
      for (const { name } of shop.resources) expect(await work(name, { run })).toMatchObject({ status: "done" });
      expect(await finish(run)).toMatchObject({ status: "done", resources: 5 });
    };
    await runAll("first");
    for (const { name } of shop.resources) expect(await work(name, {})).toMatchObject({ status: "done" });
    // Started by hand, each Lambda may open a run, which reads the state of all incremental resources.
    for (const { name, parent } of shop.resources) {
      const byHand = work(name, { new_run: true });
      if (parent === null) expect(await byHand).toMatchObject({ status: "done" });
      else await expect(byHand).rejects.toThrow(ParentError);
    }
    await runAll("second");
    // Without a state, the manifests of earlier runs show that it was lost.
    for (const key of ["state/shop/items.json", "state/shop/orders.json"]) {
      const state = objects.get(key) as Stored;
      objects.delete(key);
      await expect(start("third")).rejects.toThrow(CheckpointError);
      for (const { name } of shop.resources) await expect(work(name, {})).rejects.toThrow(CheckpointError);
      objects.set(key, state);
    }

    expect([...objects.keys()].some((key) => key.includes("/positions/"))).toBe(true);
    expect([...objects.keys()].filter((key) => key.endsWith(".parquet"))).not.toEqual([]);
    expect([...objects.keys()].some((key) => key.startsWith("tables/shop/audits/"))).toBe(false);
    expect([...objects.keys()].filter((key) => /^state\/shop\/[a-z]+\.json$/.test(key)).sort()).toEqual([
      "state/shop/items.json",
      "state/shop/orders.json",
      "state/shop/run.json",
    ]);

    // No other grants exist. Any position and cursor may be large, and listing is for keys that may be absent.
    for (const [name, role] of Object.entries(roles)) {
      const spare = grantsOf(role)
        .filter(({ effect, action }) => effect === "Allow" && action.startsWith("s3:") && action !== "s3:ListBucket")
        .map(({ action, pattern }) => `${action} ${pattern}`)
        .filter((grant) => !used[name]?.has(grant) && !/\/(positions|hashes|keys)\//.test(grant))
        // Its contract may change.
        .filter((grant) => grant !== "s3:PutObject schemas/shop/audits.json");
      expect(spare, name).toEqual([]);
    }
    expect(used.orders).toContain("s3:GetObject state/shop/*/positions/*.json");
    expect(used.orders).toContain("s3:PutObject state/shop/*/positions/*.json");
    expect(used.items).toContain("s3:GetObject state/shop/hashes/*");
    expect(used.items).toContain("s3:PutObject state/shop/hashes/*");
  });

  test("a start by hand opens a run in an empty lake", async () => {
    const { work } = createLake();
    expect(await work("items", {})).toMatchObject({ status: "done", rows: ITEMS });
  });

  test("a child whose parent is not done throws ParentError instead of StorageError", async () => {
    const { start, work } = createLake();
    const run = await start("first");
    await expect(work("lines", { run })).rejects.toMatchObject({ name: "ParentError" });
    await expect(work("notes", { run })).rejects.toMatchObject({ name: "ParentError" });
  });
});

describe("a role does not allow", () => {
  const run = "20261120T030000Z-1a2b3c4d";
  test.each([
    ["items", "s3:PutObject", `data/shop/order_lines/json/dt=2026-11-20/${run}/lines-000001.json.gz`],
    ["items", "s3:GetObject", `data/shop/order_lines/json/dt=2026-11-20/${run}/lines-000001.json.gz`],
    ["items", "s3:GetObject", `data/other/items/json/dt=2026-11-20/${run}/items-000001.json.gz`],
    ["items", "s3:PutObject", `manifests/shop/order_lines/${run}-lines.json`],
    ["items", "s3:PutObject", `state/shop/${run}/orders.json`],
    ["items", "s3:PutObject", "state/shop/items.json"],
    ["items", "s3:GetObject", `state/shop/${run}/parents/aa.json.gz`],
    ["items", "s3:GetObject", "state/other/run.json"],
    ["items", "s3:ListBucket", "state/other/run.json"],
    ["lines", "s3:PutObject", `state/shop/${run}/log/orders-manifest.json`],
    ["lines", "s3:GetObject", `state/shop/${run}/log/orders-000001.json.gz`],
    ["orders", "s3:GetObject", `state/shop/${run}/parents/aa.json.gz`],
    ["open", "s3:PutObject", "state/shop/items.json"],
    ["open", "s3:GetObject", `data/shop/items/json/dt=2026-11-20/${run}/items-000001.json.gz`],
    ["finish", "s3:PutObject", `state/shop/${run}/items.json`],
    ["finish", "s3:PutObject", `state/shop/${run}/log/orders-manifest.json`],
    ["finish", "s3:PutObject", `manifests/shop/items/${run}-items.json`],
    ["finish", "s3:GetObject", `data/shop/items/json/dt=2026-11-20/${run}/items-000001.json.gz`],
  ])("%s: %s %s", (name, action, key) => {
    expect(may(roles[name] as Role, action, key)).toBe(false);
  });
});
