import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";
import { CheckpointError } from "../../lib/errors/index.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { partKey } from "../../lib/lake/keys.ts";
import { configHash, firstPosition, type Position } from "../../lib/lake/position.ts";
import { address, type Lake, partOf, position, RUN_ID, startLake } from "./lake.fixture.ts";

const open = (lake: Lake, first = position()) => openCommitLog(lake.ports, address, first, "x".repeat(64));
const cursor = (value: string): Partial<Position> => ({ cursors: { "": { value, hashes: [] } } });
/** Commits one part at this position, and opens the log again. */
const roundTrip = async (lake: Lake, after: Position) => {
  const log = await open(lake);
  await log.commit(await partOf(1, { position: after, parent_rows: Buffer.from("parents") }));
  return (await open(lake)).end.position;
};

describe("a position", () => {
  test.each([
    ["ASCII", 'it\'s "quoted", a=b; c,  d\\e\t\n'],
    ["umlauts", "Größe 7/8, naïve"],
    ["other scripts", "日本語 ОЦЕНКА"],
    ["emoji", "😀👩‍👧"],
    ["control characters", "\u0000\u001f\u007f\u0085\u2028\ufeff"],
    ["half a surrogate pair", "\ud800"],
    ["text that looks escaped", "\\u00e9 %C3%A9 =?UTF-8?Q?=C3=A9?="],
  ])("with %s is read back unchanged", async (_, value) => {
    await using lake = await startLake();
    const after = position({ pages: 1, ...cursor(value) });
    expect(await roundTrip(lake, after)).toEqual(after);
    expect((await lake.metadata(partKey(address, 1))).position).toMatch(/^[\x20-\x7e]*$/);
  });

  test("of the maximum length is stored in metadata, within S3's limit", async () => {
    await using lake = await startLake();
    const empty = JSON.stringify(position(cursor(""))).length;
    const after = position(cursor("y".repeat(1200 - empty)));
    expect(await roundTrip(lake, after)).toEqual(after);
    expect(await lake.keys(`state/shop/${RUN_ID}/positions/`)).toEqual([]);
  });

  test.each([1201, 1400, 1600, 1800, 2000, 2200])("of %i characters is not rejected for its size", async (length) => {
    await using lake = await startLake();
    const empty = JSON.stringify(position(cursor(""))).length;
    const after = position(cursor("y".repeat(length - empty)));
    expect(await roundTrip(lake, after)).toEqual(after);
  });

  test.each([
    ["over 2 KB", "y".repeat(5000)],
    ["over 2 KB only after escaping", "名".repeat(400)],
  ])("%s is stored in a separate object, named by its hash", async (_, value) => {
    await using lake = await startLake();
    const after = position(cursor(value));
    expect(await roundTrip(lake, after)).toEqual(after);
    const [key, ...others] = await lake.keys(`state/shop/${RUN_ID}/positions/`);
    expect(others).toEqual([]);
    const hash = createHash("sha256")
      .update(await lake.read(key!))
      .digest("hex");
    expect(key).toBe(`state/shop/${RUN_ID}/positions/${hash}.json`);
    expect(await lake.metadata(partKey(address, 1))).toMatchObject({ "position-sha256": hash });
    expect(await lake.metadata(partKey(address, 1))).not.toHaveProperty("position");
  });

  test("in a separate object is written before its part", async () => {
    await using lake = await startLake();
    await roundTrip(lake, position(cursor("y".repeat(5000))));
    const puts = lake.requests.filter(({ operation }) => operation === "PutObject").map(({ key }) => key.split("/")[0]);
    expect(puts.at(-1)).toBe("data");
    expect(puts.slice(0, -1)).toEqual(["state", "state"]);
  });

  test.each(["lost", "altered"])("whose object is %s is a CheckpointError", async (how) => {
    await using lake = await startLake();
    await roundTrip(lake, position(cursor("y".repeat(5000))));
    const [key] = await lake.keys(`state/shop/${RUN_ID}/positions/`);
    if (how === "lost") await lake.remove(key!);
    else await lake.overwrite(key!, JSON.stringify(position({ pages: 77 })));
    await expect(open(lake)).rejects.toThrow(CheckpointError);
    await expect(open(lake)).rejects.toThrow(
      /has invalid metadata \(data\/.*: state\/shop\/.*\/positions\/.* is (missing|corrupt)\): start with new_run$/,
    );
  });
});

describe("a config that changed after the run started", () => {
  const orders = {
    name: "orders",
    endpoint: { path: "/orders", data_selector: "data", params: { a: 1, b: 2 }, incremental: { cursor_path: "at" } },
  };
  const lines = {
    name: "lines",
    endpoint: { path: "/{id}/lines", params: { id: { type: "resolve", resource: "orders", field: "id" } } },
  };
  const base = {
    name: "shop",
    client: { base_url: "https://api.test", paginator: { type: "page_number", base_page: 1 }, error_handler: {} },
    resources: [orders, lines],
  };
  const resolve = (changes: object) => resolveSource(defineSource({ ...base, ...changes } as unknown as SourceConfig));
  const hashes = (changes: object) => {
    const { resources, base_url } = resolve(changes);
    return resources.map((resource) => configHash(resource, base_url));
  };
  const withUrl = (base_url: string) => hashes({ client: { ...base.client, base_url } });
  const withHeaders = (headers: object) => ({ client: { ...base.client, headers } });
  const [ordersHash, linesHash] = hashes({});
  const withEndpoint = (changes: object) => ({
    resources: [{ ...orders, endpoint: { ...orders.endpoint, ...changes } }, lines],
  });

  test.each<[string, object]>([
    ["paginator", { client: { ...base.client, paginator: { type: "page_number", base_page: 0 } } }],
    ["path", withEndpoint({ path: "/v2/orders" })],
    ["params", withEndpoint({ params: { a: 2, b: 2 } })],
    ["incremental", withEndpoint({ incremental: { cursor_path: "updated" } })],
    ["method", withEndpoint({ method: "POST" })],
    ["body", withEndpoint({ method: "POST", json: { a: 1 } })],
    ["headers", withHeaders({ "X-Tenant": "a" })],
    ["secret of a header", withHeaders({ "X-Tenant": { secret: "tenant" } })],
    ["base_url", { client: { ...base.client, base_url: "https://other.test" } }],
    ["path of base_url", { client: { ...base.client, base_url: "https://api.test/eu" } }],
  ])("in its %s makes the position invalid", (_, changes) => {
    expect(hashes(changes)[0]).not.toBe(ordersHash);
  });

  test("in the binding to its parent makes the position invalid", () => {
    const endpoint = { ...lines.endpoint, params: { id: { type: "resolve", resource: "orders", field: "number" } } };
    expect(hashes({ resources: [orders, { ...lines, endpoint }] })).toEqual([
      ordersHash,
      expect.not.stringMatching(linesHash!),
    ]);
  });

  test("in a header's value, not in the case of its name, makes the position invalid", () => {
    const [tenant] = hashes(withHeaders({ "X-Tenant": "a" }));
    expect(hashes(withHeaders({ "x-tenant": "a" }))[0]).toBe(tenant);
    expect(hashes(withHeaders({ "X-Tenant": "b" }))[0]).not.toBe(tenant);
  });

  test("in the port of a server on the same machine does not stop the run", () => {
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      expect(withUrl(`http://${host}:8080`)).toEqual(withUrl(`http://${host}:9090`));
      expect(withUrl(`http://${host}:8080/a`)).not.toEqual(withUrl(`http://${host}:8080/b`));
    }
    expect(withUrl("https://api.test:8080")).not.toEqual(withUrl("https://api.test:9090"));
  });

  test("in the order of its parent's fields does not stop the run", () => {
    const child = (params: object) => ({
      resources: [orders, { name: "lines", endpoint: { path: "/lines", params } }],
    });
    const params = { a: "{resources.orders.id}", b: "{resources.orders.number}" };
    expect(hashes(child({ b: params.b, a: params.a }))).toEqual(hashes(child(params)));
    expect(hashes(child({ a: params.a }))).not.toEqual(hashes(child(params)));
  });

  test.each<[string, object]>([
    ["data_selector", withEndpoint({ data_selector: "items" })],
    ["order of params", withEndpoint({ params: { b: 2, a: 1 } })],
    ["processing_steps", { resources: [{ ...orders, processing_steps: [{ filter: () => true }] }, lines] }],
    ["declared steps", { resources: [{ ...orders, processing_steps: [{ remove: "note" }] }, lines] }],
    ["max_table_nesting", { resources: [{ ...orders, max_table_nesting: 1 }, lines] }],
    ["scheme of base_url", { client: { ...base.client, base_url: "http://api.test/" } }],
    ["User-Agent", withHeaders({ "User-Agent": "loader" })],
    ["retries", { client: { ...base.client, error_handler: { max_retries: 9 } } }],
    ["columns", { resources: [{ ...orders, columns: { id: { data_type: "bigint" } } }, lines] }],
  ])("in its %s does not stop the run", (_, changes) => {
    expect(hashes(changes)).toEqual([ordersHash, linesHash]);
  });

  test("is a CheckpointError that names new_run, once a part is written", async () => {
    await using lake = await startLake();
    const changed = position({ config_hash: "other" });
    expect((await open(lake, changed)).end.part).toBe(0);
    await roundTrip(lake, position({ pages: 1 }));
    await expect(open(lake, changed)).rejects.toThrow(CheckpointError);
    await expect(open(lake, changed)).rejects.toThrow(/shop\.orders: the config changed after run .*new_run/);
  });

  test("starts at a position of plain JSON", () => {
    const { resources, base_url } = resolve({});
    for (const resource of resources) {
      const first = firstPosition(resource, base_url);
      expect(JSON.parse(JSON.stringify(first))).toEqual(first);
      expect(first.parent).toEqual(resource.name === "lines" ? { part: 1, row: 0 } : null);
    }
  });
});
