import { expect, test } from "vitest";
import { defineSource, secret } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig } from "../../lib/config/schema/index.ts";
import { work } from "../../lib/run/work.ts";
import { startLake } from "../lake/lake.fixture.ts";
import { json, startServer } from "./server.ts";

/** Loads all resources; returns the headers of their requests, the fields that were read, and the token requests. */
const loadAll = async (client: object, resources: object[]) => {
  await using lake = await startLake();
  await using api = await startServer((_, response) => json(response, [{ id: 1 }]));
  await using tokens = await startServer((_, response, number) => json(response, { access_token: `token-${number}` }));
  const asText = JSON.stringify({ client: { ...client, base_url: api.url }, resources }).replaceAll(
    "TOKENS",
    tokens.url,
  );
  const config = { name: "shop", ...JSON.parse(asText) } as SourceConfig;
  const source = resolveSource(defineSource(config));
  const reads: string[] = [];
  const ports = {
    ...lake.ports,
    secrets: {
      async get(field: string) {
        reads.push(field);
        return `value-of-${field}`;
      },
      put: async () => {},
    },
  };
  for (const { name } of source.resources) {
    expect(await work(ports, source, name, {}, { id: name, time: 60_000 })).toMatchObject({ status: "done" });
  }
  return {
    headers: Object.fromEntries(api.seen.map(({ url, headers }) => [url, headers])),
    reads,
    tokens: tokens.seen,
  };
};

test("an endpoint's auth replaces the client's, null removes it, and without one the client's applies", async () => {
  const { headers, reads, tokens } = await loadAll({ auth: { type: "bearer", token: secret("client") } }, [
    { name: "a", endpoint: { paginator: "single_page" } },
    {
      name: "b",
      endpoint: { paginator: "single_page", auth: { type: "api_key", name: "X-Key", api_key: secret("b") } },
    },
    { name: "c", endpoint: { paginator: "single_page", auth: null } },
    { name: "d", endpoint: { paginator: "single_page", auth: { token: secret("d") } } },
    {
      name: "e",
      endpoint: {
        paginator: "single_page",
        auth: {
          type: "oauth2_client_credentials",
          access_token_url: "TOKENS",
          client_id: "me",
          client_secret: secret("e"),
        },
      },
    },
  ]);
  expect(headers["/a"]?.authorization).toBe("Bearer value-of-client");
  expect(headers["/b"]).toMatchObject({ "x-key": "value-of-b" });
  expect(headers["/b"]).not.toHaveProperty("authorization");
  expect(headers["/c"]).not.toHaveProperty("authorization");
  expect(headers["/d"]?.authorization).toBe("Bearer value-of-d");
  expect(headers["/e"]?.authorization).toBe("Bearer token-0");
  expect(tokens).toHaveLength(1);
  expect(reads).toEqual(["client", "b", "d", "e"]);
});

test("a resource without auth reads no secret, and sends none", async () => {
  const { headers, reads } = await loadAll({ auth: { token: secret("client") } }, [
    { name: "open", endpoint: { paginator: "single_page", auth: null } },
  ]);
  expect(reads).toEqual([]);
  expect(JSON.stringify(headers)).not.toContain("value-of");
});

test("a token server with a link-local address is refused before anything is sent", async () => {
  const auth = {
    type: "oauth2_client_credentials",
    access_token_url: "http://169.254.169.254/token",
    client_id: "me",
    client_secret: secret("e"),
  };
  await expect(loadAll({ auth }, [{ name: "a", endpoint: { paginator: "single_page" } }])).rejects.toThrow(
    /access_token_url http:\/\/169\.254\.169\.254 is a link-local address/,
  );
});
