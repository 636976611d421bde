import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openForUser } from "../../cli/report/open.ts";
import { restlake } from "../cli/command.fixture.ts";
import { KEY, type Shop, startShop } from "../cli/shop.fixture.ts";
import { createWorld, leasesExpire, runMachine } from "../reliability/world.ts";
import { newestReport, reportsOf } from "./world.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "restlake-report-"));
const world = createWorld();
const put = (out: string, key: string, body: Uint8Array | string) => {
  const path = join(folder, out, "s3/lake", key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, body);
};
const report = (out: string, ...args: string[]) => restlake(["report", "--out", out, ...args], folder);
const index = (out: string) => readFileSync(join(folder, out, "reports.html"), "utf8");
const links = (page: string) => [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1] as string);
let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
  for (let night = 0; night < 3; night++) {
    await runMachine(world, world.ports(), { owner: `night ${night}` });
    leasesExpire(world);
  }
  for (const [key, { body }] of world.objects) put("lake", key, body);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await shop.close();
});

describe("npm run report", () => {
  test("writes a page with all runs, the newest first, each a link to its own page, and says where it is", async () => {
    expect(await report("lake")).toEqual({ code: 0, out: "lake/reports.html: 3 runs\n", err: "" });
    const ids = reportsOf(world).map(({ run_id }) => run_id);
    expect(links(index("lake"))).toEqual(ids.reverse().map((id) => `s3/lake/reports/shop/${id}.html`));
    for (const link of links(index("lake"))) expect(existsSync(join(folder, "lake", link)), link).toBe(true);
    expect(index("lake")).toContain("3 runs of 1 source");
  });

  test("has no link where there is no page, and leaves out what is no report, saying so", async () => {
    const { run_id } = newestReport(world);
    put("other", `reports/shop/${run_id}.json`, JSON.stringify(newestReport(world)));
    put("other", "reports/shop/20261120T030000Z-0a1b2c3d.json", '{"version":1}');
    put("other", "reports/shop/20261120T030000Z-0a1b2c3e.json", "{");
    put("other", "reports/shop/latest.json", "{");
    const { code, out, err } = await report("other");
    expect({ code, out }).toEqual({ code: 0, out: "other/reports.html: 1 run\n" });
    expect(err).toBe(
      "Left out, since they are no reports: shop/20261120T030000Z-0a1b2c3d.json, shop/20261120T030000Z-0a1b2c3e.json\n",
    );
    expect(index("other")).toContain(run_id);
    expect(links(index("other"))).toEqual([]);
  });

  test("without any run says how to get one", async () => {
    expect(await report("new", "--no-open")).toEqual({
      code: 0,
      out: "new/reports.html: no run yet; npm start makes one\n",
      err: "",
    });
    expect(index("new")).toContain("<code>npm start</code>");
  });

  test("refuses what it does not know", async () => {
    expect(await report("lake", "shop")).toMatchObject({ code: 2, err: expect.stringContaining("give options only") });
    expect(await report("lake", "--open")).toMatchObject({ code: 2, err: expect.stringContaining("--no-open") });
    expect(await report("lake", "--help")).toMatchObject({ code: 0, out: expect.stringContaining("npm run report") });
  });

  test("says so where the page cannot be written", async () => {
    mkdirSync(join(folder, "taken/reports.html"), { recursive: true });
    const { code, err } = await report("taken");
    expect(code).toBe(2);
    expect(err).toMatch(/reports\.html cannot be written \(EISDIR\)/);
  });
});

test("a display without anything that opens a page is no trouble: the path is printed anyway", async () => {
  const { DISPLAY, PATH } = process.env;
  Object.assign(process.env, { DISPLAY: ":0", PATH: folder });
  try {
    openForUser(join(folder, "lake/reports.html"));
    // An error that nobody hears would end the process now.
    await sleep(50);
  } finally {
    process.env.PATH = PATH;
    if (DISPLAY === undefined) delete process.env.DISPLAY;
    else process.env.DISPLAY = DISPLAY;
  }
});

describe("npm run sync", () => {
  const sync = (...more: string[]) =>
    restlake(["sync", shop.config("shop.json", { base_url: shop.url }), "--secret", `api_key=${KEY}`, ...more], folder);

  test("says where the page of its run is, also when it failed, and the page is there", async () => {
    shop.answerAt("/items", 1, 404);
    for (const code of [1, 0]) {
      const ended = await sync("--out", "synced", "--wait-scale", "0");
      expect(ended.code).toBe(code);
      const [, path] = /^The report:\n {2}(synced\/s3\/lake\/reports\/shop\/\S+\.html)$/m.exec(ended.out) ?? [];
      expect(readFileSync(join(folder, path ?? ""), "utf8")).toContain(code === 0 ? "shop: Done" : "shop: 1 failed");
      expect(ended.out).toContain("npm run report -- --out synced");
    }
  });

  test("keeps to JSON where JSON was asked for", async () => {
    const { out } = await sync("--out", "synced", "--json");
    expect(out).not.toContain("The report");
  });
});
