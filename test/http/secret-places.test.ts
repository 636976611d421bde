import { describe, expect, test } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";
import { createIncrementalLoading } from "../../lib/extract/incremental-loading.ts";
import { createPageReader } from "../../lib/extract/page-reader.ts";
import { createRequestBuilder } from "../../lib/extract/request-builder.ts";
import type { HttpRequest } from "../../lib/http/client.ts";
import { firstPosition } from "../../lib/lake/position.ts";
import { NO_ROW_HASHES } from "../../lib/lake/row-hashes.ts";
import type { RunRecord } from "../../lib/lake/run-record.ts";
import type { Secrets } from "../../lib/ports/secrets.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { expectNoKey } from "./leaks.fixture.ts";
import { json, type ReceivedRequest, type Responder, startServer } from "./server.ts";

const SPECIAL = `p+/=&?#%41 "'<>\\$&-0123456789`;
const ok: Responder = (_, response) => json(response, []);

interface Place {
  place: string;
  /** Part of the request that contains it. */
  more: Partial<HttpRequest>;
  /** Finds the secret in the request that was received. */
  find: (seen: ReceivedRequest) => unknown;
}

const key = { secret: "key" };
const post = (body: HttpRequest["body"]): Partial<HttpRequest> => ({ method: "POST", body });
const queryOf = ({ url }: ReceivedRequest) => new URL(url, "http://api").searchParams;

const PLACES: Place[] = [
  { place: "a header", more: { headers: { "X-Key": key } }, find: ({ headers }) => headers["x-key"] },
  { place: "a parameter", more: { secret_params: { k: key } }, find: (seen) => queryOf(seen).get("k") },
  {
    place: "a JSON body, however deep",
    more: post({ json: { auth: [{ key: key as never }] } }),
    find: ({ body }) => JSON.parse(body).auth[0].key,
  },
  {
    place: "a form",
    more: post({
      form: [
        ["a", "1"],
        ["key", key],
      ],
    }),
    find: ({ body }) => new URLSearchParams(body).get("key"),
  },
];

describe.each(PLACES)("a secret in $place", ({ more, find }) => {
  test("is filled in when the request is sent, whatever characters it contains", async () => {
    await using api = await startClient(ok, { auth: null, secret: [JSON.stringify({ key: SPECIAL })] });
    await api.send("/rows?a=1", more);
    expect(api.seen.map(find)).toEqual([SPECIAL]);
    expect(api.seen[0]?.url).toMatch(/^\/rows\?a=1/);
  });

  test.each([401, 403])("is reloaded once after %i, and a rotated one is accepted", async (status) => {
    const respond: Responder = (_, response, number) =>
      json(response, [], find(api.seen[number] as ReceivedRequest) === "new-key-1" ? 200 : status);
    await using api = await startClient(respond, { auth: null, secret: ["old-key-1", "new-key-1"] });
    expect(await api.send("/", more)).toMatchObject({ status: 200 });
    expect(api.reads).toEqual([false, true]);
    expect(api.sleeps).toEqual([]);
  });

  test("that is refused twice is an AuthError that does not show it", async () => {
    const respond: Responder = (_, response, number) =>
      response.writeHead(401).end(`refused ${JSON.stringify(api.seen[number])}`);
    await using api = await startClient(respond, { auth: null, secret: [JSON.stringify({ key: SPECIAL })] });
    const thrown = await rejection(api.send("/", more));
    expect(thrown).toMatchObject({ name: "AuthError" });
    expect(api.seen).toHaveLength(2);
    expectNoKey(SPECIAL, thrown, api.logged);
  });

  test("that is not in the secret is a SecretError, and nothing is sent", async () => {
    await using api = await startClient(ok, { auth: null, secret: ['{"other": "x"}'] });
    expect(await rejection(api.send("/", more))).toMatchObject({ name: "SecretError" });
    expect(api.seen).toEqual([]);
  });
});

test("many secrets in one request are reloaded together once", async () => {
  const more: Partial<HttpRequest> = {
    ...post({ json: { a: { secret: "a" } as never, b: [{ secret: "b" } as never] } }),
    headers: { "X-C": { secret: "c" } },
    secret_params: { d: { secret: "d" } },
  };
  const held = (n: number) => JSON.stringify({ a: `a${n}`, b: `b${n}`, c: `c${n}`, d: `d${n}`, token: `t${n}` });
  await using api = await startClient((_, response, number) => json(response, [], number === 0 ? 401 : 200), {
    auth: { type: "bearer", token: { secret: "token" } },
    secret: [held(1), held(2)],
  });
  await api.send("/", more);
  expect(api.reads).toEqual([false, false, false, false, false, true, false, false, false, false]);
  expect(api.seen[1]).toMatchObject({
    url: "/?d=d2",
    headers: { "x-c": "c2", authorization: "Bearer t2" },
    body: '{"a":"a2","b":["b2"]}',
  });
});

test("a secret is not read from the cache while it is being reloaded", async () => {
  let held = "old";
  const secrets: Secrets = {
    async get(field, { force = false } = {}) {
      if (force) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        held = "new";
      }
      return `${held}-${field}`;
    },
    put: async () => {},
  };
  const fields = { a: { secret: "a" }, b: { secret: "b" }, c: { secret: "c" } } as never;
  await using api = await startClient((_, response, number) => json(response, [], number === 0 ? 401 : 200), {
    auth: null,
    secrets,
  });
  await api.send("/", post({ json: fields }));
  expect(api.seen.map(({ body }) => body)).toEqual([
    '{"a":"old-a","b":"old-b","c":"old-c"}',
    '{"a":"new-a","b":"new-b","c":"new-c"}',
  ]);
});

test("a secret parameter is added once after a redirect, even if the target echoes it", async () => {
  await using api = await startClient(
    ({ url }, response) =>
      url?.startsWith("/old") ? response.writeHead(307, { location: "/new?k=stale&x=1" }).end() : json(response, []),
    { auth: null },
  );
  await api.send("/old", { secret_params: { k: key } });
  expect(queryOf(api.seen[1]!).getAll("k")).toEqual(["key-1"]);
});

describe("links", () => {
  /** Starts a reader of the pages of a resource whose API returns links. */
  const startPages = async (respond: Responder, key: string, endpoint: object, client: object = {}) => {
    const api = await startServer(respond);
    const config = {
      name: "shop",
      client: { base_url: api.url, ...client },
      resources: [{ name: "orders", endpoint }],
    } as SourceConfig;
    const { resources } = resolveSource(defineSource(config));
    const [resource] = resources;
    if (resource === undefined) throw new Error("no resource");
    const http = await startClient(ok, { ...resource, secret: [JSON.stringify({ key })] });
    const requests = createRequestBuilder(
      { base: new URL(api.url), allow_link_local: false },
      resource,
      createIncrementalLoading(resource, { incremental: {} } as RunRecord, NO_ROW_HASHES),
      { opened_at: "2026-11-20T03:00:00Z", now: Date.now },
    );
    const logger = { debug() {}, info() {}, warn() {} };
    const budget = { hasTimeFor: () => true };
    const { redactor } = http;
    const pages = createPageReader({
      http: http.client,
      resource,
      requests,
      parents: null,
      budget,
      max_empty_pages: 100,
      redactor,
      logger,
    });
    return {
      ...api,
      pages,
      position: firstPosition(resource, "https://api.test"),
      async [Symbol.asyncDispose]() {
        await http[Symbol.asyncDispose]();
        await api[Symbol.asyncDispose]();
      },
    };
  };

  const linked: Responder = ({ url }, response, number) =>
    // Echoes every parameter, as many APIs do.
    json(response, { data: [{ n: number }], next: number < 2 ? `${url}&page=${number + 2}` : null });

  const SOURCES: [string, object, object][] = [
    ["a parameter of the endpoint", { params: { k: secret("key"), a: 1 } }, {}],
    [
      "an api_key in the query",
      { params: { a: 1 } },
      { auth: { type: "api_key", name: "k", api_key: secret("key"), location: "query" } },
    ],
  ];

  test.each(SOURCES)(
    "a secret from %s is removed from the stored link, and added to each request",
    async (_, endpoint, client) => {
      await using api = await startPages(
        linked,
        "k-1",
        { ...endpoint, paginator: "json_link", data_selector: "data" },
        client,
      );
      let position = api.position;
      for (let last = false; !last; ) {
        const page = await api.pages.read(position, 0);
        ({ position, last } = await page.after(false));
        expect(JSON.stringify(position)).not.toContain("k-1");
      }
      expect(api.seen.map((seen) => queryOf(seen).getAll("k"))).toEqual([["k-1"], ["k-1"], ["k-1"]]);
      expect(api.seen.map((seen) => queryOf(seen).getAll("page"))).toEqual([[], ["2"], ["2", "3"]]);
      expect(queryOf(api.seen[2]!).getAll("a")).toEqual(["1"]);
    },
  );

  test("a secret in a link is removed under any parameter name", async () => {
    const renaming: Responder = (_, response, number) =>
      json(response, { data: [{ n: number }], next: number < 1 ? "/orders?session=old-key-1&page=2" : null });
    const endpoint = { headers: { key: secret("key") }, paginator: "json_link", data_selector: "data" };
    await using api = await startPages(renaming, "old-key-1", endpoint);
    const { position } = await (await api.pages.read(api.position, 0)).after(false);
    expect(position.page).toEqual({ url: "/orders?page=2" });
  });
});
