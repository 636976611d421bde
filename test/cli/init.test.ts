import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { restlake } from "./command.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "restlake-init-"));
const SHOP = ["--name", "shop", "--base-url", "https://api.shop.test/v1", "--path", "v1/order-items"];

afterAll(() => rmSync(folder, { recursive: true }));

const read = (path: string) => readFileSync(join(folder, path), "utf8");

describe("init", () => {
  test("writes seven files, and prints what to do next", async () => {
    const { code, out, err } = await restlake(["init", "my-lake", ...SHOP, "--auth", "bearer"], folder);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n")).toEqual([
      "wrote functions/shop.ts",
      "wrote serverless.yml",
      "wrote package.json",
      "wrote .env.example",
      "wrote .gitignore",
      "wrote README.md",
      "wrote .github/workflows/restlake.yml",
      "Next steps:",
      "  cd my-lake",
      "  npm install",
      "  cp .env.example .env, and write the key into it",
      "  npx restlake check shop --live",
      "  npx restlake sync shop",
      "",
    ]);
    expect(read("my-lake/functions/shop.ts")).toContain('token: secret("token")');
    expect(read("my-lake/.env.example")).toContain("RESTLAKE_SECRET_SHOP_TOKEN=\n");
    expect(read("my-lake/.gitignore").split("\n")).toContain(".env");
    expect(parse(read("my-lake/serverless.yml"))).toMatchObject({
      service: "my-lake",
      plugins: ["restlake/plugin", "serverless-offline"],
    });
    expect(read("my-lake/serverless.yml").split("\n").length).toBeLessThanOrEqual(16);
    expect(JSON.parse(read("my-lake/package.json"))).toMatchObject({ name: "my-lake", type: "module" });
    expect(parse(read("my-lake/.github/workflows/restlake.yml"))).toHaveProperty("jobs.restlake.steps");
  });

  test("writes a YAML source and no workflow on request, with the same config", async () => {
    const args = ["init", "in-yaml", ...SHOP, "--auth", "basic", "--format", "yaml", "--no-workflow"];
    expect((await restlake(args, folder)).code).toBe(0);
    expect(existsSync(join(folder, "in-yaml/.github"))).toBe(false);
    expect(parse(read("in-yaml/functions/shop.yaml"))).toEqual({
      client: {
        base_url: "https://api.shop.test/v1",
        auth: { type: "http_basic", username: { secret: "username" }, password: { secret: "password" } },
      },
      resources: [{ name: "order_items", endpoint: { path: "v1/order-items" } }],
    });
    const checked = await restlake(["check", join(folder, "in-yaml/functions/shop.yaml")], folder);
    expect(checked).toMatchObject({ code: 0, err: "" });
  });

  test("keeps every file that exists, in an existing project too", async () => {
    mkdirSync(join(folder, "old"));
    writeFileSync(join(folder, "old/package.json"), '{"name":"mine"}');
    const { code, out } = await restlake(["init", "old", ...SHOP], folder);
    expect(code).toBe(0);
    expect(out).toContain("kept  package.json, which exists\n");
    expect(out).toContain("npm install restlake");
    expect(read("old/package.json")).toBe('{"name":"mine"}');
    const again = await restlake(["init", "old", ...SHOP], folder);
    expect(again.out).not.toContain("wrote");
  });

  test.each([
    [["init", "x"], "missing --name: expected lower-case letters, digits and underscores, such as shop"],
    [
      ["init", "x", ...SHOP, "--name", "My Shop"],
      '--name: expected lower-case letters, digits and underscores, such as shop, got "My Shop"',
    ],
    [
      ["init", "x", ...SHOP, "--base-url", "api.shop.test"],
      '--base-url: expected an http or https URL, such as https://api.your-company.com/v1, got "api.shop.test"',
    ],
    [["init", "x", ...SHOP, "--auth", "magic"], '--auth: expected "none", "bearer", "api_key" or "basic", got "magic"'],
    [["init", "123", ...SHOP], "the name of the folder has no letter: choose another folder"],
  ])("%j without a terminal is an error in one line, and writes nothing", async (args, message) => {
    const { code, err } = await restlake(args, folder);
    expect(code).toBe(2);
    expect(err.trim().split("\n")).toEqual([expect.stringContaining(message)]);
    expect(existsSync(join(folder, "x"))).toBe(false);
    expect(existsSync(join(folder, "123"))).toBe(false);
  });
});
