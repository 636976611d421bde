import { describe, expect, test } from "vitest";
import type { HttpOptions } from "../../lib/http/client.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { json } from "./server.ts";

const SPECIAL = `p+/=&?#%41 "'<>;é\\`;
const auth = (location: "header" | "query" | "cookie", name = "api_key"): HttpOptions["auth"] => ({
  type: "api_key",
  name,
  api_key: { secret: "api_key" },
  location,
});

describe("an API key", () => {
  test("is sent in a header and nowhere else", async () => {
    await using api = await startClient((_, response) => json(response, []), { auth: auth("header", "X-Api-Key") });
    await api.get("/rows?page=1");
    expect(api.seen).toHaveLength(1);
    expect(api.seen[0]).toMatchObject({ url: "/rows?page=1", headers: { "x-api-key": "key-1" } });
  });

  test("is sent in the query, next to the other parameters", async () => {
    await using api = await startClient((_, response) => json(response, []), { auth: auth("query") });
    await api.get("/rows?page=1");
    expect(api.seen[0]?.url).toBe("/rows?page=1&api_key=key-1");
    expect(JSON.stringify(api.seen[0]?.headers)).not.toContain("key-1");
  });

  test("is sent in a cookie, next to the other cookies", async () => {
    await using api = await startClient((_, response) => json(response, []), {
      auth: auth("cookie", "session"),
      headers: { Cookie: "lang=en" },
    });
    await api.get("/rows");
    expect(api.seen[0]).toMatchObject({ url: "/rows", headers: { cookie: "lang=en; session=key-1" } });
  });

  test("arrives unchanged in the query, whatever characters it contains", async () => {
    await using api = await startClient((_, response) => json(response, []), {
      auth: auth("query"),
      secret: [JSON.stringify({ api_key: SPECIAL })],
    });
    await api.get("/rows?api_key=overridden");
    expect(new URL(api.seen[0]?.url ?? "", api.url).searchParams.getAll("api_key")).toEqual([SPECIAL]);
  });

  test("arrives unchanged in a header, with every character that a header allows", async () => {
    await using api = await startClient((_, response) => json(response, []), { secret: [`p+/=&?#%41 "'<>;\\~`] });
    await api.get();
    expect(api.seen[0]?.headers["x-api-key"]).toBe(`p+/=&?#%41 "'<>;\\~`);
  });

  test.each([
    ["header", "a typographic quote", "key\u201d"],
    ["header", "a line break", "key\r\nX-Evil: 1"],
    ["cookie", "a semicolon", "key;admin=1"],
  ] as const)("that is not allowed in a %s (%s) is a SecretError, not an unreachable API", async (location, _, key) => {
    await using api = await startClient((_, response) => json(response, []), {
      auth: auth(location),
      secret: [JSON.stringify({ api_key: key })],
    });
    const error = await rejection(api.get());
    expect(error).toMatchObject({
      name: "SecretError",
      message: expect.stringContaining('field "api_key" of the secret'),
    });
    expect((error as Error).message).not.toContain(key);
    expect(api.seen).toEqual([]);
  });

  test("is trimmed of white space, such as the final line break of an editor", async () => {
    await using api = await startClient((_, response) => json(response, []), {
      auth: auth("query"),
      secret: [' {"api_key": "key-1\\n"}\n'],
    });
    await api.get("/rows");
    expect(api.seen[0]?.url).toBe("/rows?api_key=key-1");
  });

  test("is not read for a source without auth", async () => {
    await using api = await startClient((_, response) => json(response, []), { auth: null });
    await api.get();
    expect(api.reads).toEqual([]);
  });
});

describe("a header of the config", () => {
  test("has one value for all cases of its name: the request overrides the client, and the client overrides the default", async () => {
    await using api = await startClient((_, response) => json(response, []), {
      headers: { accept: "application/vnd.api+json", "X-VERSION": "1", "X-Lang": "en" },
    });
    await api.get("/", 0, undefined, { "x-version": "2" });
    expect(api.seen[0]?.headers).toMatchObject({
      accept: "application/vnd.api+json",
      "x-version": "2",
      "x-lang": "en",
    });
  });

  test("is overridden by the header of the API key, in any case", async () => {
    await using api = await startClient((_, response) => json(response, []), { headers: { "X-API-KEY": "old" } });
    await api.get();
    expect(api.seen[0]?.headers["x-api-key"]).toBe("key-1");
  });

  test("may contain a secret, which is reloaded after a 401", async () => {
    await using api = await startClient(
      ({ headers }, response) => json(response, [], headers["x-token"] === "key-2" ? 200 : 401),
      { auth: null, headers: { "X-Token": { secret: "api_key" } }, secret: ["key-1", "key-2"] },
    );
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.reads).toEqual([false, true]);
  });

  test("that cannot be sent is a ConfigError without a request", async () => {
    await using api = await startClient((_, response) => json(response, []), { headers: { "X-Name": "“crm”" } });
    expect(await rejection(api.get())).toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(/^the value contains a character that is not allowed in header X-Name/),
    });
    expect(api.seen).toEqual([]);
  });
});

describe("responses of 401 and 403", () => {
  test.each([401, 403])("after %i the secret is reloaded once, and the rotated key is accepted", async (status) => {
    await using api = await startClient(
      ({ headers }, response) => json(response, { ok: true }, headers["x-api-key"] === "key-2" ? 200 : status),
      { secret: ["key-1", "key-2"] },
    );
    expect((await api.get()).body).toEqual({ ok: true });
    expect(api.reads).toEqual([false, true]);
    expect(api.seen.map(({ headers }) => headers["x-api-key"])).toEqual(["key-1", "key-2"]);
    expect(api.sleeps).toEqual([]);
  });

  test.each([401, 403])("a second %i is an AuthError without retries", async (status) => {
    await using api = await startClient((_, response) => json(response, {}, status));
    expect(await rejection(api.get())).toMatchObject({
      name: "AuthError",
      message: `the API returned ${status} ({}) again after the secret was reloaded: put a valid key into the secret, or correct how auth sends it`,
    });
    expect(api.reads).toEqual([false, true]);
    expect(api.seen).toHaveLength(2);
    expect(api.sleeps).toEqual([]);
  });

  test("later pages use the reloaded key without another reload", async () => {
    await using api = await startClient(
      ({ headers }, response) => json(response, [], headers["x-api-key"] === "key-2" ? 200 : 401),
      { secret: ["key-1", "key-2"] },
    );
    await api.get("/1");
    await api.get("/2");
    expect(api.reads).toEqual([false, true, false]);
  });

  test("without any secret nothing is reloaded, and the message says to set client.auth", async () => {
    await using api = await startClient((_, response) => json(response, {}, 401), { auth: null });
    expect(await rejection(api.get())).toMatchObject({
      name: "AuthError",
      message: "the API returned 401 ({}), and the config sends no credentials: set client.auth",
    });
    expect(api.seen).toHaveLength(1);
  });

  test("a 403 in retry_on_status_codes is throttling, and is retried", async () => {
    await using api = await startClient((_, response, number) => json(response, [], number < 3 ? 403 : 200), {
      error_handler: { retry_on_status_codes: [403] },
    });
    expect(await api.get()).toMatchObject({ status: 200 });
    expect(api.seen).toHaveLength(4);
    expect(api.sleeps).toHaveLength(1);
  });
});
