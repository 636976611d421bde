import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stringify } from "yaml";
import { readTable } from "../cli/lake.fixture.ts";
import { KEY, PAGE, type Shop, shopConfig, startShop } from "../cli/shop.fixture.ts";
import { copyProject } from "../infra/package.fixture.ts";
import { until } from "../until.ts";
import { type Offline, startOffline } from "./offline.fixture.ts";

const PAGES = 3;
const SECOND = 1000;

const project = copyProject();
const inJson = join(project, "functions/json-shop.json");
const inYaml = join(project, "functions/yaml-shop.yaml");
let shop: Shop;
let offline: Offline;

/** The shop's config, without a name. */
const config = () => {
  const { name: _name, ...rest } = shopConfig({ base_url: shop.url });
  return rest;
};

beforeAll(async () => {
  shop = await startShop({ pages: PAGES });
  writeFileSync(inJson, JSON.stringify(config()));
  writeFileSync(inYaml, stringify(config()));
  const command = join(project, "cli/restlake.js");
  offline = await startOffline(shop.folder, { RESTLAKE_SECRET_API_KEY: KEY }, command);
});

afterAll(async () => {
  offline.running.child.kill("SIGINT");
  await offline.running.ended;
  offline.descendants.stop();
  await shop.close();
  rmSync(project, { recursive: true });
});

test.for(["json_shop", "yaml_shop"])(
  "the Lambdas of %s run in serverless-offline like those of a TypeScript source",
  async (source) => {
    expect(await offline.invoke(`restlake-dev-${source}-items`)).toMatchObject({
      status: "done",
      source,
      rows: PAGES * PAGE,
    });
    const [loaded] = readTable(join(shop.folder, "lake"), source, "items");
    expect(loaded?.rows.map(({ id }) => id)).toEqual(Array.from({ length: PAGES * PAGE }, (_, index) => index + 1));
  },
);

/** Saves a file in one step, as editors do. Otherwise half of it could be bundled. */
const save = (path: string, text: string) => {
  writeFileSync(`${path}~`, text);
  renameSync(`${path}~`, path);
};

test("a saved file takes effect while the Lambdas are running", async () => {
  save(inYaml, readFileSync(inYaml, "utf8").replace("name: items", "name: things"));
  // An invocation during bundling gets no response: it is cancelled, and the next one has more time.
  let patience = 5 * SECOND;
  await until("the new version responds", async () => {
    const invoked = offline.invoke("restlake-dev-yaml_shop-items", "{}", AbortSignal.timeout(patience));
    const response = await invoked.catch(() => null);
    if (response === null) patience *= 2;
    return JSON.stringify(response).includes("things, orders, lines");
  });
});

test("an error in a saved file is printed in one line", async () => {
  save(inJson, "{");
  const { running } = offline;
  await running.prints(/^ERROR functions\/json-shop\.json:1:2: invalid JSON: Expected property name or '}'$/m);
  running.child.kill("SIGINT");
  const { out, err } = await running.ended;
  expect(out.match(/^ERROR .*$/gm)).toHaveLength(1);
  expect(out + err).not.toMatch(/^ +in /m);
});
