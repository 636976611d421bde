import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFile } from "../../cli/report/open-file.ts";
import { restlake } from "../cli/command.fixture.ts";
import { KEY, type Shop, startShop } from "../cli/shop.fixture.ts";
import { createWorld, leasesExpire, runStateMachine } from "../reliability/world.ts";
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
  for (let run = 0; run < 3; run++) {
    await runStateMachine(world, world.ports(), { owner: `run ${run}` });
    leasesExpire(world);
  }
  for (const [key, { body }] of world.objects) put("lake", key, body);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await shop.close();
});

describe("npm run report", () => {
  test("writes an index of all runs, newest first, with links to their pages, and prints its path", async () => {
    expect(await report("lake")).toEqual({ code: 0, out: "lake/reports.html: 3 runs\n", err: "" });
    const ids = reportsOf(world).map(({ run_id }) => run_id);
    expect(links(index("lake"))).toEqual(ids.reverse().map((id) => `s3/lake/reports/shop/${id}.html`));
    for (const link of links(index("lake"))) expect(existsSync(join(folder, "lake", link)), link).toBe(true);
    expect(index("lake")).toContain("3 runs of 1 source");
  });

  test("omits links to missing pages, and leaves out invalid reports with a message", async () => {
    const { run_id } = newestReport(world);
    put("other", `reports/shop/${run_id}.json`, JSON.stringify(newestReport(world)));
    put("other", "reports/shop/20261120T030000Z-0a1b2c3d.json", '{"version":1}');
    put("other", "reports/shop/20261120T030000Z-0a1b2c3e.json", "{");
    put("other", "reports/shop/latest.json", "{");
    const { code, out, err } = await report("other");
    expect({ code, out }).toEqual({ code: 0, out: "other/reports.html: 1 run\n" });
    expect(err).toBe(
      "Skipped invalid reports: shop/20261120T030000Z-0a1b2c3d.json, shop/20261120T030000Z-0a1b2c3e.json\n",
    );
    expect(index("other")).toContain(run_id);
    expect(links(index("other"))).toEqual([]);
  });

  test("explains how to start a run when there is none", async () => {
    expect(await report("new", "--no-open")).toEqual({
      code: 0,
      out: "new/reports.html: no runs yet (npm start creates some)\n",
      err: "",
    });
    expect(index("new")).toContain("<code>npm start</code>");
  });

  test("rejects unknown arguments and options", async () => {
    expect(await report("lake", "shop")).toMatchObject({
      code: 2,
      err: expect.stringContaining('unexpected argument "shop": npm run report takes options only'),
    });
    expect(await report("lake", "--open")).toMatchObject({ code: 2, err: expect.stringContaining("--no-open") });
    expect(await report("lake", "--help")).toMatchObject({ code: 0, out: expect.stringContaining("npm run report") });
  });

  test("reports that the index cannot be written", async () => {
    mkdirSync(join(folder, "taken/reports.html"), { recursive: true });
    const { code, err } = await report("taken");
    expect(code).toBe(2);
    expect(err).toMatch(/reports\.html: cannot be written \(EISDIR\)/);
  });
});

test("openFile does not fail on a display without a program that opens pages", async () => {
  const { DISPLAY, PATH } = process.env;
  Object.assign(process.env, { DISPLAY: ":0", PATH: folder });
  try {
    openFile(join(folder, "lake/reports.html"));
    // An unhandled error would end the process here.
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

  test("prints the path of its report page, for a failed run too", async () => {
    shop.respondAt("/items", 1, 404);
    for (const code of [1, 0]) {
      const ended = await sync("--out", "synced", "--wait-scale", "0");
      expect(ended.code).toBe(code);
      const [, path] = /^Report:\n {2}(synced\/s3\/lake\/reports\/shop\/\S+\.html)$/m.exec(ended.out) ?? [];
      expect(readFileSync(join(folder, path ?? ""), "utf8")).toContain(code === 0 ? "shop: Done" : "shop: 1 failed");
      expect(ended.out).toContain("npm run report -- --out synced");
    }
  });

  test("prints no path with --json", async () => {
    const { out } = await sync("--out", "synced", "--json");
    expect(out).not.toContain("Report:");
  });
});
