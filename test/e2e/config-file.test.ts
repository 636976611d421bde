import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { type Running, start } from "../cli/command.fixture.ts";
import { readTable } from "../cli/lake.fixture.ts";
import { KEY, PAGE, type Shop, shopConfig, startShop } from "../cli/shop.fixture.ts";
import { copyProject } from "../infra/package.fixture.ts";

const PAGES = 3;

const project = copyProject();
const inJson = join(project, "functions/json-shop.json");
const inYaml = join(project, "functions/yaml-shop.yaml");
let shop: Shop;
let running: Running;
let port: number;

/** The shop's config, without a name. */
const config = () => {
  const { name: _name, ...rest } = shopConfig({ base_url: shop.url });
  return rest;
};

beforeAll(async () => {
  shop = await startShop({ pages: PAGES });
  writeFileSync(inJson, JSON.stringify(config()));
  writeFileSync(inYaml, stringify(config()));
  for (let attempt = 0; attempt < 5; attempt++) {
    // Below the ports that systems hand out, and with luck in nobody's way.
    port = 12_000 + Math.floor(Math.random() * 15_000);
    const args = ["offline", "--out", "lake", "--port", String(port)];
    running = start(args, shop.folder, { RESTLAKE_SECRET_API_KEY: KEY }, join(project, "cli/restlake.js"));
    const isUp = running.prints(/^Everything is up/m);
    if ((await Promise.race([isUp.catch(() => null), running.ended])) === undefined) return;
    if (!/is in use/.test((await running.ended).err)) await isUp;
  }
});

afterAll(async () => {
  running.child.kill("SIGINT");
  await running.ended;
  await shop.close();
  rmSync(project, { recursive: true });
});

/** Invokes a Lambda; one that is under way while it is bundled anew never answers. */
const invoke = async (name: string, event = "{}"): Promise<unknown> => {
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/restlake-dev-${name}/invocations`;
  const answer = await fetch(url, { method: "POST", body: event, signal: AbortSignal.timeout(5_000) });
  return answer.json();
};

test.for(["json_shop", "yaml_shop"])("%s: its Lambdas run in serverless-offline as any other's", async (source) => {
  expect(await invoke(`${source}-items`)).toMatchObject({ status: "done", source, rows: PAGES * PAGE });
  const [loaded] = readTable(join(shop.folder, "lake"), source, "items");
  expect(loaded?.rows.map(({ id }) => id)).toEqual(Array.from({ length: PAGES * PAGE }, (_, index) => index + 1));
});

/** Saves a file as editors do, whole at once: half of one would be bundled. */
const save = (path: string, text: string) => {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
};

test("a file that is saved while they are up is what runs from then on", async () => {
  save(inYaml, readFileSync(inYaml, "utf8").replace("name: items", "name: things"));
  let answer: unknown;
  do {
    await sleep(200);
    answer = await invoke("yaml_shop-items").catch(() => null);
  } while (!JSON.stringify(answer).includes("there are: things, orders, lines"));
});

test("a file that is saved with a mistake in it is told of in one line", async () => {
  save(inJson, "{");
  await running.prints(/^ERROR functions\/json-shop\.json:1:2: is not JSON: Expected property name or '}'$/m);
  running.child.kill("SIGINT");
  const { out, err } = await running.ended;
  expect(out.match(/^ERROR .*$/gm)).toHaveLength(1);
  expect(out + err).not.toMatch(/^ +in /m);
});
