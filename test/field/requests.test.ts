import { describe } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { testConfig } from "../configs/case.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };

describe("A.25: the query of a URL", () => {
  testConfig("of base_url is sent with that of the path and the parameters", {
    client: { base_url: "/api?tenant=a%20b" },
    resources: [{ name: "posts", endpoint: { path: "posts?page=1", params: { q: "x y" }, paginator: "single_page" } }],
    api: [["GET /api/posts?tenant=a%20b&page=1&q=x+y", one]],
    rows,
  });

  testConfig("keeps every byte that the config wrote, whatever is added", {
    client: { auth: { type: "api_key", name: "key", api_key: secret("key"), location: "query" } },
    resources: [
      {
        name: "posts",
        endpoint: {
          path: "posts?$filter=(a%20eq%20b)&at=12:30&x=1",
          params: { x: 2, token: secret("key") },
          paginator: { type: "offset", limit: 1, stop_after_short_page: true },
        },
      },
    ],
    secrets: { key: "key-0123456789" },
    api: [
      ["GET /posts?$filter=(a%20eq%20b)&at=12:30&x=2&offset=0&limit=1&token=key-0123456789&key=key-0123456789", one],
      ["GET /posts?$filter=(a%20eq%20b)&at=12:30&x=2&offset=1&limit=1&token=key-0123456789&key=key-0123456789", []],
    ],
    rows,
  });

  testConfig("keeps (, $, : and %20 of base_url and path, with parameters and without", {
    client: { base_url: "/api?$b=(1:2)%20" },
    resources: [
      { name: "posts", endpoint: { path: "posts?$p=(3:4)%20", params: { q: "x y" }, paginator: "single_page" } },
      { name: "tags", endpoint: { path: "tags", paginator: "single_page" } },
      { name: "users", endpoint: { path: "users", params: { page: 1 }, paginator: "single_page" } },
    ],
    api: [
      ["GET /api/posts?$b=(1:2)%20&$p=(3:4)%20&q=x+y", one],
      ["GET /api/tags?$b=(1:2)%20", one],
      ["GET /api/users?$b=(1:2)%20&page=1", one],
    ],
  });

  testConfig("keeps every byte of a next link, without the key that it echoes", {
    client: { auth: { type: "api_key", name: "key", api_key: secret("key"), location: "query" } },
    resources: [{ name: "posts", endpoint: { paginator: "json_link", data_selector: "data" } }],
    secrets: { key: "key-0123456789" },
    api: [
      ["GET /posts?key=key-0123456789", { data: one, next: "/posts?$after=(1:2)%20&key=key-0123456789" }],
      ["GET /posts?$after=(1:2)%20&key=key-0123456789", { data: [] }],
    ],
    rows,
  });
});
