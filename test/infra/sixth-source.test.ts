import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compiledMachines, readTemplate } from "../../infra/local/compiled.ts";
import { type CompiledTemplate, ofType, PROJECT, packageStack, runFramework } from "./package.fixture.ts";

/** What a copy of the project does without. */
const LEFT_BEHIND = [
  "node_modules",
  ".git",
  ".local",
  ".serverless",
  ".esbuild",
  ".venv",
  "coverage",
  "test",
  "docs",
  "bench",
];

const SHOP_FLOOR = `import { lambda } from "../lib/lambda.ts";
import { defineSource, secret } from "../lib/source/index.ts";

export const source = defineSource(
  {
    name: "shop_floor",
    client: {
      base_url: "https://floor.example.net",
      auth: { type: "api_key", name: "x-key", api_key: secret("api_key"), location: "header" },
      paginator: { type: "page_number", base_page: 1 },
    },
    resource_defaults: { primary_key: "id", columns: { id: { data_type: "bigint" } } },
    resources: [
      {
        name: "shifts",
        endpoint: {
          path: "machines/{machine}/shifts",
          params: { machine: { type: "resolve", resource: "machines", field: "id" } },
        },
      },
      { name: "machines", endpoint: { path: "machines" } },
    ],
  },
  { schedule: "rate(6 hours)", timezone: "Europe/Vienna" },
);
export const handler = lambda(source);
`;

const project = mkdtempSync(join(tmpdir(), "restlake-sixth-"));
const write = (file: string, text: string) => writeFileSync(join(project, "functions", file), text);
const remove = (file: string) => rmSync(join(project, "functions", file));

beforeAll(() => {
  cpSync(PROJECT, project, { recursive: true, filter: (path) => !LEFT_BEHIND.includes(basename(path)) });
  symlinkSync(join(PROJECT, "node_modules"), join(project, "node_modules"));
});
afterAll(() => rmSync(project, { recursive: true }));

describe("one more file in functions/", () => {
  let template: CompiledTemplate;
  beforeAll(async () => {
    write("shop-floor.ts", SHOP_FLOOR);
    ({ template } = await packageStack(project, join(project, "package")));
    remove("shop-floor.ts");
  }, 120_000);

  test("adds its functions, each with a role of its own", () => {
    const functions = ofType(template, "AWS::Lambda::Function");
    expect(Object.keys(functions)).toHaveLength(30);
    for (const [id, resource] of [
      ["ShopFloorMachines", "machines"],
      ["ShopFloorShifts", "shifts"],
    ]) {
      expect(functions[`${id}LambdaFunction`]?.Properties).toMatchObject({
        FunctionName: `restlake-dev-shop_floor-${resource}`,
        Handler: "functions/shop-floor.handler",
        Role: { "Fn::GetAtt": [`${id}LambdaRole`, "Arn"] },
        Environment: { Variables: { RESTLAKE_RESOURCE: resource, RESTLAKE_SECRET: "restlake/dev/shop_floor" } },
        LoggingConfig: { LogGroup: { Ref: "ShopFloorLogGroup" } },
      });
    }
    const [parent, child] = ["ShopFloorMachinesLambdaRole", "ShopFloorShiftsLambdaRole"].map((id) =>
      JSON.stringify(template.Resources[id]?.Properties.Policies),
    );
    expect(parent).toContain("/data/shop_floor/machines/json/*/machines-*");
    expect(parent).not.toContain("shifts");
    expect(child).toContain("/data/shop_floor/shifts/json/*/shifts-*");
    expect(child).toContain("/manifests/shop_floor/machines/*-machines.json");
    expect(child).not.toContain("/data/shop_floor/machines");
  });

  test("adds its machine, the parent before the child, with a role", () => {
    const machine = compiledMachines(readTemplate(join(project, "package"))).find(
      ({ source }) => source === "shop_floor",
    );
    expect(machine?.name).toBe("restlake-dev-shop_floor");
    expect([...(machine?.functions ?? [])]).toEqual([
      ["open", "restlake-dev-machine-open"],
      ["machines", "restlake-dev-shop_floor-machines"],
      ["shifts", "restlake-dev-shop_floor-shifts"],
      ["finish", "restlake-dev-machine-finish"],
    ]);
    const invoked = JSON.stringify(template.Resources.ShopFloorMachineRole?.Properties.Policies);
    expect(invoked).toContain("ShopFloorShiftsLambdaFunction");
    expect(template.Outputs.ShopFloorMachineArn?.Value).toEqual({ Ref: "ShopFloorMachine" });
  });

  test("adds its schedule, secret and log group", () => {
    expect(template.Resources.ShopFloorSchedule?.Properties).toMatchObject({
      Name: "restlake-dev-shop_floor",
      State: "DISABLED",
      ScheduleExpression: "rate(6 hours)",
      ScheduleExpressionTimezone: "Europe/Vienna",
      Target: { Arn: { Ref: "ShopFloorMachine" }, Input: "{}" },
    });
    expect(JSON.stringify(template.Resources.SchedulerRole)).toContain('{"Ref":"ShopFloorMachine"}');
    expect(template.Resources.ShopFloorSecret?.Properties.Name).toBe("restlake/dev/shop_floor");
    expect(template.Resources.ShopFloorLogGroup?.Properties.LogGroupName).toBe("/restlake/restlake-dev/shop_floor");
  });
});

describe("a file that is wrong fails packaging with one clear line", () => {
  test.each([
    [
      "an unknown key",
      "shop-floor.ts",
      SHOP_FLOOR.replace("primary_key:", "primary_kee:"),
      'functions/shop-floor.ts: resource_defaults: unknown key "primary_kee", did you mean "primary_key"? Allowed: ',
    ],
    [
      "a file that is not named after its source",
      "floor.ts",
      SHOP_FLOOR,
      "functions/floor.ts: its source is named shop_floor, so the file must be functions/shop-floor.ts",
    ],
    [
      "no handler",
      "shop-floor.ts",
      SHOP_FLOOR.replace("export const handler =", "export const handle ="),
      "functions/shop-floor.ts: exports no handler; write: export const handler = lambda(source)",
    ],
    [
      "a syntax error",
      "shop-floor.ts",
      SHOP_FLOOR.replace('"shop_floor",', '"shop_floor"'),
      "functions/shop-floor.ts:7: cannot be loaded: SyntaxError: ",
    ],
  ])("%s", async (_what, file, text, message) => {
    write(file, text);
    const { code, output } = await runFramework(project, ["package", `--package=${join(project, "broken")}`]);
    remove(file);
    expect(code).toBe(1);
    const lines = output.split("\n").filter((line) => line.includes("functions/"));
    expect(lines, output).toEqual([expect.stringContaining(`ConfigError: ${message}`)]);
    expect(output).not.toMatch(/^\s+at /m);
  });
});
