import { describe, expect, test } from "vitest";
import { startApi } from "../configs/conversation.fixture.ts";
import { API, check, KEY, write } from "./check.fixture.ts";

const config = (base_url: string) => ({
  name: "shops",
  client: { base_url, auth: { type: "api_key", name: "x-key", api_key: { secret: "api_key" } } },
  resources: [
    { name: "regions", rows: [{ code: "at", name: "Austria" }, { code: "de" }], primary_key: "code" },
    { name: "days", rows: ["mo", "tu"], write_disposition: "append" },
    { name: "shops", endpoint: { path: "regions/{resources.regions.code}/shops", paginator: "single_page" } },
  ],
});

describe("E.9: check of a source with rows in the config", () => {
  test("prints the plan: the number of rows, and no request for them", async () => {
    write("static.yaml", config(API));
    const { code, out } = await check(["static.yaml"]);
    expect(code).toBe(0);
    expect(out).toBe(`shops
  base_url    ${API}
  auth        api_key in the header x-key, secret api_key
  secrets     api_key
  schedule    none: started manually

1. regions
  rows        2 in the config, no request
  table       regions, replace by code

2. days
  rows        2 in the config, no request
  table       days, append (the same rows again in every run)

3. shops, for each row of regions
  request     GET ${API}/regions/{resources.regions.code}/shops
  pages       single_page
  rows        detected in each response
  table       shops, append
`);
  });

  test("prints that a source without any request has no auth", async () => {
    write("static-only.yaml", { ...config(API), resources: [{ name: "regions", rows: ["at"] }] });
    const { out } = await check(["static-only.yaml"]);
    expect(out).toContain("\n  auth        none\n");
  });

  test("--live prints their columns, and requests the children of the first row", async () => {
    await using api = await startApi(() => [{ id: 1 }]);
    write("static-live.json", config(api.url));
    const { code, out } = await check(["static-live.json", "--live", "--secret", `api_key=${KEY}`]);
    expect({ code, out }).toEqual({
      code: 0,
      out: `ok regions
  rows        2 in the config, no request
  columns     code text, name text

ok days
  rows        2 in the config, no request
  columns     value text

ok shops
  request     GET http://127.0.0.1:PORT/regions/at/shops
  status      200 in N ms
  rows        1 at $ (detected)
  columns     id bigint
  pages       single_page
  next        none: this is the last page

3 ok, 0 failed
`,
    });
  });

  test("--live shows an empty list, and skips its children", async () => {
    await using api = await startApi(() => []);
    write("static-empty.json", {
      ...config(api.url),
      resources: [{ name: "regions", rows: [] }, config("").resources[2]],
    });
    const { code, out } = await check(["static-empty.json", "--live", "--secret", `api_key=${KEY}`]);
    expect(code).toBe(0);
    expect(out).toContain("ok regions\n  rows        0 in the config, no request\n  columns     none yet\n");
    expect(out).toContain("-- shops\n  skipped     no row of its parent regions\n");
  });
});
