import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompiledTemplate, copyProject, PROJECT, packageStack } from "../infra/package.fixture.ts";
import { emptyProject, packCreate, packPackage } from "./project.fixture.ts";

const { devDependencies } = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
  devDependencies: Record<string, string>;
};

const project = emptyProject();
let api: Server;
let base_url: string;
let tarball: string;

const KEY = "key-of-the-user-7d21";

const config = () => `{
  name: "shop",
  client: { base_url: "${base_url}", auth: { type: "bearer", token: secret("token") } },
  resources: [
    { name: "users", primary_key: "id", write_disposition: "merge", endpoint: { path: "users", paginator: { type: "page_number", base_page: 1 } } },
  ],
}`;

const source = (module: string) =>
  `import { defineSource, secret } from "${module}";\n\nexport const source = defineSource(${config()});\n`;

const SERVERLESS = `service: restlake
provider:
  name: aws
  region: eu-central-1
plugins:
  - restlake/plugin
`;

beforeAll(async () => {
  api = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? "/", "http://shop");
    const page = Number(searchParams.get("page"));
    const rows = request.headers.authorization === `Bearer ${KEY}` ? [{ id: page }] : null;
    response.statusCode = rows === null ? 401 : 200;
    response.setHeader("content-type", "application/json").end(JSON.stringify(page > 3 ? [] : rows));
  }).listen(0, "127.0.0.1");
  await once(api, "listening");
  base_url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  tarball = await packPackage();
  project.write("package.json", JSON.stringify({ name: "my-lake", private: true, type: "module" }));
  project.write("functions/shop.ts", source("restlake"));
  const installed = await project.run("npm", ["install", tarball]);
  expect(installed.code, installed.err).toBe(0);
});

afterAll(() => {
  api.close();
  rmSync(project.folder, { recursive: true, force: true });
  rmSync(dirname(tarball), { recursive: true, force: true });
});

describe("the npm package", () => {
  test("has no tests, and installs no package but esbuild", async () => {
    const listed = await project.run("tar", ["tzf", tarball]);
    const files = listed.out.trim().split("\n");
    expect(files).toContain("package/cli/restlake.js");
    expect(files).toContain("package/schema.json");
    expect(files.filter((file) => /test|\.ts$/.test(file) && !/examples\//.test(file))).toEqual([]);
    const { packages } = JSON.parse(readFileSync(join(project.folder, "package-lock.json"), "utf8")) as {
      packages: Record<string, { optional?: boolean; peer?: boolean }>;
    };
    const required = Object.entries(packages).filter(([path, { optional }]) => path !== "" && !optional);
    expect(required.map(([path]) => path)).toEqual(["node_modules/esbuild", "node_modules/restlake"]);
  });

  test("checks all sources without an argument", async () => {
    expect(await project.restlake(["check"])).toEqual({
      code: 0,
      out: "ok shop: 1 resource\n1 ok, 0 failed\n",
      err: "",
    });
  });

  test("checks a source, and names commands as they are in this project", async () => {
    const { code, out, err } = await project.restlake(["check", "shop"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain(`GET ${base_url}/users?page=1`);
    const help = await project.restlake(["sync", "--help"]);
    expect(help.out).toMatch(/^usage: npx restlake sync <source> \[options\]$/m);
  });

  test("loads a source into a lake on disk, reads the key from .env unless the environment has it, and finds the project from a folder in it", async () => {
    project.write(".env", `# of the shop\nRESTLAKE_SECRET_SHOP_TOKEN="${KEY}"\n`);
    const wrong = await project.restlake(["sync", "shop"], { RESTLAKE_SECRET_SHOP_TOKEN: "of the shell" });
    expect(wrong.err).toContain("AuthError");
    const { code, out, err } = await project.restlake(["sync", "shop"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^done +shop\.users: 3 rows, 4 pages, 1 part$/m);
    expect(out).toContain('npx restlake query "select * from shop.users limit 10"');
    expect(existsSync(join(project.folder, ".local/s3/lake/data/shop/users"))).toBe(true);
    const entry = join(project.folder, "node_modules/restlake/cli/restlake.js");
    const inside = await project.run("sh", ["-c", `cd functions && node ${entry} check shop`]);
    expect(inside).toMatchObject({ code: 0, err: "" });
  });

  test("writes the page of all runs", async () => {
    const { code, out } = await project.restlake(["report", "--no-open"]);
    expect(code).toBe(0);
    expect(out).toMatch(/1 run/);
  });

  test.each([
    [["query"], "DuckDB is not installed: run npm install --save-dev @duckdb/node-api"],
    [
      ["package"],
      /^the Serverless Framework is not installed in .*: run npm install --save-dev serverless@npm:osls serverless-offline$/,
    ],
    [["deploy", "--stge", "prod"], "unknown option --stge: did you mean --stage?"],
    [["chek", "shop"], 'unknown command "chek": did you mean check?'],
    [["check", "shap"], 'unknown source "shap" (no such file in functions/): did you mean shop?'],
  ])("%j fails with one line that says what to do", async (args, message) => {
    const { code, err } = await project.restlake(args);
    expect(code).toBe(2);
    expect(err.trim().split("\n")).toEqual([message instanceof RegExp ? expect.stringMatching(message) : message]);
  });
});

describe("the plugin in the project's own serverless.yml", () => {
  let template: CompiledTemplate;
  beforeAll(async () => {
    project.write("serverless.yml", SERVERLESS);
    const installed = await project.run("npm", ["install", "--save-dev", `serverless@${devDependencies.serverless}`]);
    expect(installed.code, installed.err).toBe(0);
    const packaged = await project.restlake(["package"]);
    expect(packaged.code, packaged.out + packaged.err).toBe(0);
    template = JSON.parse(
      readFileSync(join(project.folder, ".serverless/cloudformation-template-update-stack.json"), "utf8"),
    ) as CompiledTemplate;
  });

  test("compiles the same resources as this repository does for the same source", async () => {
    const copy = copyProject();
    project.write("unused", "");
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(copy, "functions/shop.ts"), source("../lib/config/index.ts"));
    const own = await packageStack(copy, join(copy, "package"), ["--param=only=shop"]);
    rmSync(copy, { recursive: true, force: true });
    const comparable = ({ Resources }: CompiledTemplate) =>
      JSON.parse(JSON.stringify(Resources).replaceAll(/"S3Key":"[^"]*"/g, '"S3Key":""')) as object;
    expect(comparable(template)).toEqual(comparable(own.template));
  });
});

describe.each(["ts", "yaml"])("a project that init writes, in %s,", (format) => {
  const created = emptyProject();
  afterAll(() => rmSync(created.folder, { recursive: true, force: true }));

  test("installs, checks, loads, queries and packages its source", async () => {
    const options = ["--name", "shop", "--base-url", base_url, "--path", "users?page=1", "--auth", "bearer"];
    const wrote = await project.restlake(["init", created.folder, ...options, "--format", format]);
    expect(wrote, wrote.err).toMatchObject({ code: 0 });
    const installed = await created.run("npm", ["install", tarball]);
    expect(installed.code, installed.err).toBe(0);
    expect(await created.restlake(["check"])).toMatchObject({
      code: 0,
      out: expect.stringContaining("1 ok, 0 failed"),
    });
    created.write(".env", `RESTLAKE_SECRET_SHOP_TOKEN=${KEY}\n`);
    const loaded = await created.restlake(["sync", "shop"]);
    expect(loaded.code, loaded.err).toBe(0);
    const queried = await created.restlake(["query", "select id from shop.users", "--json"]);
    expect(queried).toEqual({ code: 0, out: '{"id":1}\n', err: "" });
    const packaged = await created.restlake(["package"]);
    expect(packaged.code, packaged.out + packaged.err).toBe(0);
    expect(existsSync(join(created.folder, ".serverless/shop.zip"))).toBe(true);
  });
});

test("create-restlake, of the same version, writes a project in an empty folder", async () => {
  const [own, create] = ["package.json", "create-restlake/package.json"].map((path) =>
    JSON.parse(readFileSync(join(PROJECT, path), "utf8")),
  );
  expect(create.version).toBe(own.version);
  expect(create.dependencies).toEqual({ restlake: own.version });
  const empty = emptyProject();
  const packed = await packCreate();
  const installed = await empty.run("npm", ["install", "--no-save", tarball, packed]);
  expect(installed.code, installed.err).toBe(0);
  const options = ["--name", "shop", "--base-url", base_url, "--path", "users"];
  const created = await empty.run("npx", ["--no-install", "create-restlake", "my-lake", ...options]);
  expect(created.code, created.err).toBe(0);
  expect(created.out).toContain("  cd my-lake\n");
  expect(existsSync(join(empty.folder, "my-lake/functions/shop.ts"))).toBe(true);
  rmSync(empty.folder, { recursive: true, force: true });
  rmSync(dirname(packed), { recursive: true, force: true });
});
