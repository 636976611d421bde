import { describe, expect, test } from "vitest";
import { rejection, startClient } from "./client.fixture.ts";
import { json, startServer } from "./server.ts";

describe("a redirect inside the origin", () => {
  test.each([301, 302, 303, 307, 308])("with %i is followed with the key", async (status) => {
    await using api = await startClient(({ url }, response) =>
      url === "/old?page=2"
        ? response.writeHead(status, { location: "/new?page=2" }).end()
        : json(response, { ok: true }),
    );
    expect((await api.get("/old?page=2")).body).toEqual({ ok: true });
    expect(api.seen.map(({ url }) => url)).toEqual(["/old?page=2", "/new?page=2"]);
    expect(api.seen[1]?.headers["x-api-key"]).toBe("key-1");
    expect(api.client.stats).toMatchObject({ requests: 2, retries: 0 });
  });

  test("with a relative target is resolved against the URL that redirected, not the first one", async () => {
    await using api = await startClient(({ url }, response) => {
      if (url === "/v1/rows") return response.writeHead(302, { location: "/v2/list/" }).end();
      if (url === "/v2/list/") return response.writeHead(302, { location: "rows" }).end();
      return json(response, url);
    });
    expect((await api.get("/v1/rows")).body).toBe("/v2/list/rows");
  });

  test("adds a key to the query once, even if the target echoes it", async () => {
    await using api = await startClient(
      ({ url }, response) =>
        url?.startsWith("/old")
          ? response.writeHead(302, { location: `/new?api_key=stale&x=1` }).end()
          : json(response, []),
      { auth: { type: "api_key", name: "api_key", api_key: { secret: "api_key" }, location: "query" } },
    );
    await api.get("/old");
    expect(api.seen[1]?.url).toBe("/new?x=1&api_key=key-1");
  });

  test("to a target with user and password is followed without them", async () => {
    await using api = await startClient(({ url, headers }, response) =>
      url === "/old"
        ? response.writeHead(302, { location: `http://someone:else@${headers.host}/new` }).end()
        : json(response, headers.authorization ?? null),
    );
    expect((await api.get("/old")).body).toBeNull();
  });

  test("to a URL that fails is retried from the first URL", async () => {
    await using api = await startClient(({ url }, response, number) => {
      if (url === "/old") return response.writeHead(302, { location: "/new" }).end();
      return json(response, [], number === 1 ? 503 : 200);
    });
    expect(await api.get("/old")).toMatchObject({ status: 200 });
    expect(api.seen.map(({ url }) => url)).toEqual(["/old", "/new", "/old", "/new"]);
  });

  test("with a large body leaves no connection open", async () => {
    await using api = await startClient(({ url }, response) =>
      url === "/old"
        ? response.writeHead(302, { location: "/new" }).end(Buffer.alloc(1 << 22, "x"))
        : json(response, []),
    );
    for (let i = 0; i < 10; i++) await api.get("/old");
    expect(api.connections()).toBeLessThanOrEqual(2);
  });
});

describe("a redirect loop", () => {
  test.each([
    ["to itself", () => "/loop"],
    ["between two URLs", (url = "") => (url === "/a" ? "/b" : "/a")],
    ["to a new URL each time", (url = "") => `${url}x`],
  ])("%s fails after the fifth redirect, without retries", async (_, target) => {
    await using api = await startClient(({ url }, response) =>
      response.writeHead(302, { location: target(url) }).end(),
    );
    expect(await rejection(api.get("/a"))).toMatchObject({
      name: "ResponseError",
      message: "the API redirected more than 5 times: check base_url and path",
    });
    expect(api.seen).toHaveLength(6);
  });
});

describe("a redirect to another origin", () => {
  const targets: [string, (other: string, own: string) => string][] = [
    ["another port", (other) => `${other}/steal`],
    ["another host without scheme", (other) => other.replace("http:", "")],
    ["another host with backslashes", (other) => other.replace("http://", "/\\")],
    ["another host with our own as its user", (other, own) => other.replace("http://", `${own}@`)],
    ["another scheme", (_, own) => own.replace("http:", "https:")],
    ["another name of the same host", (_, own) => own.replace("127.0.0.1", "localhost")],
    ["the metadata service", () => "http://169.254.169.254/latest/meta-data/"],
    ["a file", () => "file:///etc/passwd"],
    ["data", () => "data:application/json,[]"],
  ];
  test.each(targets)("such as %s is refused, and no request is sent there", async (_, target) => {
    await using other = await startServer((_request, response) => json(response, ["stolen"]));
    await using api = await startClient((_request, response) =>
      response.writeHead(302, { location: target(other.url, api.url) }).end(),
    );
    expect(await rejection(api.get())).toMatchObject({
      name: "ResponseError",
      message: expect.stringContaining("to another origin"),
    });
    expect(other.seen).toEqual([]);
    expect(api.fetches()).toBe(1);
    expect(api.sleeps).toEqual([]);
  });

  test("is refused after a redirect inside the origin, too", async () => {
    await using other = await startServer((_, response) => json(response, ["stolen"]));
    await using api = await startClient(({ url }, response) =>
      response.writeHead(307, { location: url === "/new" ? other.url : "/new" }).end(),
    );
    expect(await rejection(api.get())).toMatchObject({
      name: "ResponseError",
      message: `the response points to another origin, ${other.url} (expected ${api.url}): refused, no credentials were sent there`,
    });
    expect(other.seen).toEqual([]);
  });

  test("or to an invalid URL is an error", async () => {
    await using api = await startClient((_, response) => response.writeHead(302, { location: "http://[::" }).end());
    expect(await rejection(api.get())).toMatchObject({
      name: "ResponseError",
      message: "the response points to an invalid URL: check base_url and path",
    });
  });
});
