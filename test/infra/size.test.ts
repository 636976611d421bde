import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAX_RESOURCES, MAX_TEMPLATE_BYTES, unsetBaseUrls, wrongSize } from "../../infra/checks.ts";
import type { StackOptions } from "../../infra/options.ts";
import { loadSources } from "../../infra/sources.ts";
import { type CompiledTemplate, copyProject, packageStack, runFramework } from "./package.fixture.ts";

let project: string;

/** Writes this many sources of fifteen resources each, and removes all others. */
const generate = (count: number) => {
  const functions = join(project, "functions");
  for (const file of readdirSync(functions)) {
    if (statSync(join(functions, file)).isFile()) rmSync(join(functions, file));
  }
  mkdirSync(functions, { recursive: true });
  for (let source = 0; source < count; source++) {
    const resources = Array.from({ length: 15 }, (_, index) => ({
      name: `resource_number_${index}`,
      endpoint: { path: `resources/${index}`, paginator: { type: "page_number", base_page: 1 } },
      write_disposition: "merge",
      primary_key: "id",
    }));
    const client = {
      base_url: "https://api.company.internal",
      auth: { type: "api_key", name: "x-api-key", api_key: { secret: "api_key" } },
    };
    writeFileSync(join(functions, `company-api-${source}.json`), JSON.stringify({ client, resources }));
  }
};

beforeAll(() => {
  project = copyProject();
  const path = join(project, "serverless.yml");
  // Overrides of unknown sources are an error.
  writeFileSync(path, readFileSync(path, "utf8").replace(/^ {4}sources:\n(?: {6,}.*\n)+/m, ""));
  // Only the template matters here. Empty handlers save the time for hundreds of bundles.
  writeFileSync(join(project, "lib/aws/lambda.ts"), "export const lambda = () => () => {};\n");
});
afterAll(() => rmSync(project, { recursive: true }));

describe("a service of ten sources with fifteen resources each, with schedules and alarms", () => {
  let template: CompiledTemplate;
  beforeAll(async () => {
    generate(10);
    ({ template } = await packageStack(project, "package", ["--stage=prod"]));
  });

  test("has fewer than 450 resources, about two per API resource", () => {
    expect(Object.keys(template.Resources).length).toBeLessThan(450);
    expect(Object.keys(template.Resources).length).toBeGreaterThan(300);
  });

  test("has a template below 80 % of CloudFormation's maximum size", () => {
    expect(JSON.stringify(template).length).toBeLessThan(0.8 * MAX_TEMPLATE_BYTES);
  });
});

describe("a stack above CloudFormation's limits", () => {
  beforeAll(() => generate(13));

  test("is rejected during packaging with advice that works", async () => {
    const whole = await runFramework(project, ["package", "--package=whole", "--stage=prod"]);
    expect(whole.code).toBe(1);
    expect(whole.output).toMatch(/the stack has too many resources \(\d{3}, maximum 480\): deploy some/);
    expect(whole.output).not.toMatch(/^\s+at /m);
    const { template } = await packageStack(project, "part", [
      "--stage=prod-a",
      "--param=only=company_api_3, company_api_7",
    ]);
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => type === "AWS::StepFunctions::StateMachine")).toHaveLength(2);
    expect(types.filter((type) => type === "AWS::Lambda::Function")).toHaveLength(2 * 15 + 2);
    expect(JSON.stringify(template)).not.toMatch(/company_api_[^37]/);
  });

  test.each([
    [MAX_RESOURCES, null],
    [MAX_RESOURCES + 1, /^the stack has too many resources \(481, maximum 480\)/],
  ])("has %i resources", (count, message) => {
    const Resources = Object.fromEntries(Array.from({ length: count }, (_, index) => [`R${index}`, { Type: "A" }]));
    const problem = wrongSize({ Resources });
    if (message === null) expect(problem).toBeNull();
    else expect(problem).toMatch(message);
  });

  test("is rejected for the size of its template, too", () => {
    const large = { Resources: { One: { Type: "A", Text: "x".repeat(MAX_TEMPLATE_BYTES) } } };
    expect(wrongSize(large)).toMatch(
      /^the stack's template is too large \(1\.05 MB, CloudFormation's maximum is 1\.05 MB\)/,
    );
  });
});

describe("a placeholder as base_url", () => {
  const options = (more: Partial<StackOptions> = {}) => ({ overrides: {}, stage: "prod", ...more }) as StackOptions;

  test("is reported for each source whose stage does not set it, with the places to set it", async () => {
    const sources = await loadSources();
    const overrides = { order_management: { base_url: "https://orders.company.internal/api" } };
    const lines = unsetBaseUrls(sources, options({ overrides } as never));
    expect(lines).toHaveLength(sources.length - 1);
    expect(lines.join("\n")).not.toContain("order_management:");
    expect(lines.at(-1)).toBe(
      "workforce_analytics: base_url is still the placeholder https://api.example.com: set it in functions/workforce-analytics.ts, set it for a stage in serverless.yml (params.prod.workforce_analytics_url, or custom.restlake.sources.workforce_analytics.base_url), or deploy only other sources (--param='only=...')",
    );
  });

  test.each([
    ["https://api.example.org/v1", true],
    ["https://crm.test", true],
    ["http://localhost:8080", true],
    ["https://example.company.internal", false],
    ["https://myexample.com", false],
  ])("%s is a placeholder: %s", async (base_url, isUnset) => {
    const [source] = await loadSources();
    const overrides = { [source?.resolved.name ?? ""]: { base_url } };
    expect(unsetBaseUrls(source ? [source] : [], options({ overrides } as never))).toHaveLength(isUnset ? 1 : 0);
  });

  test("stops a deployment before anything is uploaded, but not packaging", async () => {
    const own = copyProject();
    try {
      const { code, output } = await runFramework(own, ["deploy", "--stage=prod"]);
      expect(code).toBe(1);
      expect(output).toMatch(
        /order_management: base_url is still the placeholder https:\/\/api\.example\.com: set it in/,
      );
      expect(output).not.toMatch(/credentials|^\s+at /im);
    } finally {
      rmSync(own, { recursive: true });
    }
  });
});
