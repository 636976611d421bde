import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { copyProject } from "../infra/package.fixture.ts";
import { start } from "./command.fixture.ts";

const project = copyProject();
const functions = join(project, "functions");

afterAll(() => rmSync(project, { recursive: true }));

const check = (...args: string[]) => start(["check", ...args], project, {}, join(project, "cli/restlake.js")).ended;

describe("check without a source", () => {
  test("prints a line for each valid source, and the errors of the others", async () => {
    writeFileSync(join(functions, "crm.yaml"), "client: { base_url: https://crm.test }\nresorces: [users]\n");
    writeFileSync(join(functions, "loud.ts"), 'throw new Error("not today");\n');
    const { code, out, err } = await check();
    expect(code).toBe(2);
    expect(out.split("\n")).toEqual([
      "ok asset_management: 3 resources",
      "ok inventory_management: 1 resource",
      "ok order_management: 11 resources",
      "ok stock_analytics: 6 resources",
      "ok workforce_analytics: 5 resources",
      "5 ok, 2 failed",
      "",
    ]);
    expect(err).toMatch(/^functions\/crm\.yaml: .*unknown key "resorces": did you mean "resources"\?/m);
    expect(err).toMatch(/^functions\/loud\.ts:1: cannot be loaded: Error: not today$/m);
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("works with one source that is not a sample, and without any it says what to add", async () => {
    for (const name of readdirSync(functions)) rmSync(join(functions, name));
    writeFileSync(join(functions, "crm.yaml"), "client: { base_url: https://crm.test }\nresources: [users]\n");
    expect(await check()).toEqual({ code: 0, out: "ok crm: 1 resource\n1 ok, 0 failed\n", err: "" });
    rmSync(join(functions, "crm.yaml"));
    const { code, err } = await check();
    expect(code).toBe(2);
    expect(err).toBe(`no source in ${functions}: add a .ts, .json or .yaml file with the config of an API\n`);
  });

  test.each(["--live", "--resource=users", "--secret=token=x", "--base-url=http://127.0.0.1:9"])(
    "refuses %s, which is about one source",
    async (option) => {
      const { code, err } = await check(option);
      expect(code).toBe(2);
      expect(err).toBe(`${option.split("=")[0]} without a source: write its name\n`);
    },
  );
});
