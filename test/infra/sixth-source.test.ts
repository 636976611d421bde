import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_BUCKET } from "../../infra/lake-folder.ts";
import { startLake } from "../../local/bucket.ts";
import { compiledStateMachines, readTemplate } from "../../local/compiled.ts";
import { startSecretsManager } from "../../local/secrets-manager/index.ts";
import { readTable } from "../cli/lake.fixture.ts";
import { type CompiledTemplate, copyProject, ofType, packageStack, runFramework, unzip } from "./package.fixture.ts";

const run = promisify(execFile);

const SHOP_FLOOR = `import { defineSource, secret } from "../lib/config/index.ts";

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
`;

/** The same source as a JSON and as a YAML file, without a name. */
const CONFIGS = {
  "json-floor.json": `{
  "$schema": "../source.schema.json",
  "client": {
    "base_url": "https://floor.example.net",
    "auth": { "type": "api_key", "name": "x-key", "api_key": { "secret": "api_key" }, "location": "header" },
    "paginator": { "type": "page_number", "base_page": 1 }
  },
  "resource_defaults": { "primary_key": "id", "columns": { "id": { "data_type": "bigint" } } },
  "resources": [
    {
      "name": "shifts",
      "endpoint": {
        "path": "machines/{machine}/shifts",
        "params": { "machine": { "type": "resolve", "resource": "machines", "field": "id" } }
      }
    },
    { "name": "machines", "endpoint": { "path": "machines" } }
  ],
  "settings": { "schedule": "rate(6 hours)", "timezone": "Europe/Vienna" }
}
`,
  "yaml-floor.yaml": `$schema: ../source.schema.json
settings:
  schedule: rate(6 hours)
  timezone: Europe/Vienna
client:
  base_url: https://floor.example.net
  auth:
    type: api_key
    name: x-key
    api_key: { secret: api_key }
    location: header
  paginator: { type: page_number, base_page: 1 }
resource_defaults:
  primary_key: id
  columns:
    id: { data_type: bigint }
resources:
  - name: shifts
    endpoint:
      path: machines/{machine}/shifts
      params:
        machine: { type: resolve, resource: machines, field: id }
  - name: machines
    endpoint: { path: machines }
`,
};

/** Invokes a handler, and prints its result as the last line. */
const CALL_HANDLER = `
  const { handler } = await import(process.argv[1]);
  const outcome = await handler({}, { awsRequestId: "1", getRemainingTimeInMillis: () => 60_000 });
  process.stdout.write(JSON.stringify(outcome));
`;

const project = copyProject();
const write = (file: string, text: string) => writeFileSync(join(project, "functions", file), text);
const remove = (file: string) => rmSync(join(project, "functions", file));

afterAll(() => rmSync(project, { recursive: true }));

describe("a new file in functions/", () => {
  let template: CompiledTemplate;
  beforeAll(async () => {
    const files = Object.entries({ "shop-floor.ts": SHOP_FLOOR, ...CONFIGS });
    for (const [file, text] of files) write(file, text);
    ({ template } = await packageStack(project, join(project, "package")));
    for (const [file] of files) remove(file);
  });

  test("adds Lambdas, each with its own role", () => {
    const functions = ofType(template, "AWS::Lambda::Function");
    expect(Object.keys(functions)).toHaveLength(28 + 3 * 2);
    for (const [id, resource] of [
      ["ShopFloorMachines", "machines"],
      ["ShopFloorShifts", "shifts"],
    ]) {
      expect(functions[`${id}LambdaFunction`]?.Properties).toMatchObject({
        FunctionName: `restlake-dev-shop_floor-${resource}`,
        Handler: "shop-floor.handler",
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

  test("adds a state machine with a role, and the parent before the child", () => {
    const stateMachine = compiledStateMachines(readTemplate(join(project, "package"))).find(
      ({ source }) => source === "shop_floor",
    );
    expect(stateMachine?.name).toBe("restlake-dev-shop_floor");
    expect([...(stateMachine?.lambdas ?? [])]).toEqual([
      ["open", "restlake-dev-state_machine-open"],
      ["machines", "restlake-dev-shop_floor-machines"],
      ["shifts", "restlake-dev-shop_floor-shifts"],
      ["finish", "restlake-dev-state_machine-finish"],
    ]);
    const invoked = JSON.stringify(template.Resources.ShopFloorStateMachineRole?.Properties.Policies);
    expect(invoked).toContain("ShopFloorShiftsLambdaFunction");
    expect(template.Outputs.ShopFloorStateMachineArn?.Value).toEqual({ Ref: "ShopFloorStateMachine" });
  });

  test("adds a schedule, a secret and a log group", () => {
    expect(template.Resources.ShopFloorSchedule?.Properties).toMatchObject({
      Name: "restlake-dev-shop_floor",
      State: "DISABLED",
      ScheduleExpression: "rate(6 hours)",
      ScheduleExpressionTimezone: "Europe/Vienna",
      Target: { Arn: { Ref: "ShopFloorStateMachine" }, Input: "{}" },
    });
    expect(JSON.stringify(template.Resources.SchedulerRole)).toContain('{"Ref":"ShopFloorStateMachine"}');
    expect(template.Resources.ShopFloorSecret?.Properties.Name).toBe("restlake/dev/shop_floor");
    expect(template.Resources.ShopFloorLogGroup?.Properties.LogGroupName).toBe("/restlake/restlake-dev/shop_floor");
  });
});

describe.for(Object.keys(CONFIGS))("the same source as %s", (file) => {
  const kind = file.split("-")[0] as string;
  const source = `${kind}_floor`;
  const key = `${kind[0]?.toUpperCase()}${kind.slice(1)}Floor`;
  let template: CompiledTemplate;
  let files: Map<string, Buffer>;
  beforeAll(() => {
    template = readTemplate(join(project, "package")) as CompiledTemplate;
    files = unzip(join(project, "package", `${kind}-floor.zip`));
  });

  const textOf = (id: string): string => JSON.stringify(template.Resources[id]);

  test("gets the same Lambdas, roles, state machine, schedule, secret and log group as the TypeScript file", () => {
    const inTypeScript = Object.keys(template.Resources).filter((id) => id.startsWith("ShopFloor"));
    expect(inTypeScript).toHaveLength(2 * 2 + 5);
    for (const id of inTypeScript) {
      const own = textOf(id.replace("ShopFloor", key))
        .replaceAll(key, "ShopFloor")
        .replaceAll(source, "shop_floor")
        .replaceAll(`${kind}-floor`, "shop-floor");
      expect(JSON.parse(own), id).toEqual(JSON.parse(textOf(id)));
    }
  });

  test("is bundled as a module without parser and config schema", () => {
    expect([...files.keys()].sort()).toEqual([`${kind}-floor.mjs`, `${kind}-floor.mjs.map`]);
    const { sources } = JSON.parse(String(files.get(`${kind}-floor.mjs.map`))) as { sources: string[] };
    expect(sources.join("\n")).toContain("lib/aws/lambda.ts");
    expect(sources.join("\n")).not.toMatch(/node_modules\/(zod|yaml)\//);
    const ours = sources.filter((path) => !path.includes("node_modules/"));
    expect(ours.join("\n")).not.toMatch(/lib\/config\/schema\/|infra\//);
  });

  test("has a Lambda that loads the API into the lake", async () => {
    const asked: (string | undefined)[] = [];
    const api = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers["x-key"]}`);
      const { searchParams } = new URL(request.url ?? "/", "http://floor");
      response
        .setHeader("content-type", "application/json")
        .end(searchParams.get("page") === "1" ? '[{"id": 7}]' : "[]");
    }).listen(0, "127.0.0.1");
    await once(api, "listening");
    const out = join(project, "lake");
    const lake = await startLake(out);
    const name = `restlake/dev/${source}`;
    const secretsManager = await startSecretsManager({ secrets: { [name]: '{"api_key": "floor-key"}' } });
    for (const [path, content] of files) {
      mkdirSync(dirname(join(project, "bundles", path)), { recursive: true });
      writeFileSync(join(project, "bundles", path), content);
    }
    const module = join(project, "bundles", `${kind}-floor.mjs`);
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", CALL_HANDLER, module], {
      env: {
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "local",
        AWS_SECRET_ACCESS_KEY: "local",
        AWS_ENDPOINT_URL_S3: lake.url,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
        RESTLAKE_ALLOWED_ADDRESSES: "127.0.0.1",
        RESTLAKE_BUCKET: LOCAL_BUCKET,
        RESTLAKE_SECRET: name,
        RESTLAKE_RESOURCE: "machines",
        POWERTOOLS_SERVICE_NAME: "restlake-dev",
        RESTLAKE_BASE_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
      },
    });
    await Promise.all([once(api.close(), "close"), lake.close(), secretsManager.close()]);
    expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ status: "done", source, rows: 1 });
    expect(asked).toEqual(["/machines?page=1 floor-key", "/machines?page=2 floor-key"]);
    expect(readTable(out, source, "machines")).toMatchObject([{ rows: [{ id: 7 }] }]);
    // Metrics in CloudWatch's embedded format, by stage and source only: each combination of dimensions is billed.
    const lines = stdout.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
    const [counted, ...others] = lines.filter(({ _aws }) => _aws !== undefined);
    expect(others).toEqual([]);
    expect(counted).toMatchObject({
      service: "restlake-dev",
      source,
      resource: "machines",
      rows: 1,
      pages: 2,
      parts: 1,
    });
    const [metrics] = counted._aws.CloudWatchMetrics;
    expect(metrics).toMatchObject({ Namespace: "restlake", Dimensions: [["service", "source"]] });
    expect(metrics.Metrics.map(({ Name }: { Name: string }) => Name).sort()).toEqual(
      ["discarded_rows", "pages", "parts", "retries", "rows", "waited_seconds"].sort(),
    );
    // Every log line names run, source and resource.
    const logged = lines.filter(({ message }) => message === "part");
    expect(logged).toMatchObject([{ source, resource: "machines", run_id: expect.stringMatching(/^\d{8}T\d{6}Z-/) }]);
  });
});

describe("packaging fails with one line for", () => {
  test.each([
    [
      "an unknown key",
      "shop-floor.ts",
      SHOP_FLOOR.replace("primary_key:", "primary_kee:"),
      'functions/shop-floor.ts: resource_defaults: unknown key "primary_kee": did you mean "primary_key"? Allowed keys: ',
    ],
    [
      "a file that is not named after its source",
      "floor.ts",
      SHOP_FLOOR,
      "functions/floor.ts: the file is not named after its source (shop_floor): rename it to functions/shop-floor.ts",
    ],
    [
      "a syntax error",
      "shop-floor.ts",
      SHOP_FLOOR.replace('"shop_floor",', '"shop_floor"'),
      "functions/shop-floor.ts:6: cannot be loaded: SyntaxError: ",
    ],
    [
      "a tab in YAML",
      "yaml-floor.yaml",
      CONFIGS["yaml-floor.yaml"].replace("  schedule:", "\tschedule:"),
      "functions/yaml-floor.yaml:3:1: invalid YAML: tab in the indentation: use spaces",
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
