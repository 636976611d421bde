import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { matches } from "../infra/guarded-bucket.ts";
import type { CompiledTemplate } from "../infra/package.fixture.ts";
import { LACKING } from "./emulated-template.ts";
import { REGION } from "./emulator.fixture.ts";
import { packageApart } from "./packaged.fixture.ts";
import { runPython } from "./python.fixture.ts";

/** Everything that can be in the stack but the catalog, which comes out of a lake. */
const PARAMETERS = ["--param=schedules=on", "--param=alarms=on", "--param=alarm_email=data@example.com"];

/** What cfn-lint says and is left as it is, by rule. */
const LINT_EXCEPTIONS: Record<string, string> = {
  W3005: "the framework writes each function's DependsOn on its role, which the function refers to as well",
};

/** What checkov says and is left as it is, by check and resource. */
const SCAN_EXCEPTIONS: Record<string, string> = {
  "CKV_AWS_18 AWS::S3::Bucket.*":
    "who reads the lake is CloudTrail's to tell; a log bucket per stack is the account's decision",
  "CKV_AWS_21 AWS::S3::Bucket.ServerlessDeploymentBucket":
    "each deployment has a folder of its own, nothing is overwritten",
  "CKV_AWS_26 AWS::SNS::Topic.*":
    "alarms hold no data, and CloudWatch cannot publish to a topic that AWS's own key encrypts",
  "CKV_AWS_27 AWS::SQS::Queue.*": "SQS encrypts with its own key (SqsManagedSseEnabled), which the check does not know",
  "CKV_AWS_115 AWS::Lambda::Function.*":
    "a lease lets one invocation work on a resource; reserved concurrency takes from the account",
  "CKV_AWS_116 AWS::Lambda::Function.*": "for asynchronous invocations, and machines invoke synchronously",
  "CKV_AWS_117 AWS::Lambda::Function.*":
    "the functions read public APIs; in a VPC they would need a NAT gateway for it",
  "CKV_AWS_149 AWS::SecretsManager::Secret.*":
    "AWS's own key encrypts; a customer's key is the account's decision, and needs a role for it",
  "CKV_AWS_158 AWS::Logs::LogGroup.*": "AWS's own key encrypts; no data and no secret is logged",
  "CKV_AWS_173 AWS::Lambda::Function.*": "no variable is a secret, and AWS's own key encrypts them",
};

const folder = mkdtempSync(join(tmpdir(), "restlake-template-"));
const file = join(folder, "cloudformation-template-update-stack.json");
let template: CompiledTemplate;

beforeAll(async () => {
  ({ template } = await packageApart(folder, PARAMETERS));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Findings without an exception, and exceptions that nothing was found for. */
const judge = (findings: string[], exceptions: Record<string, string>) => ({
  found: findings.filter((finding) => !Object.keys(exceptions).some((pattern) => matches(pattern, finding))),
  stale: Object.keys(exceptions).filter((pattern) => !findings.some((finding) => matches(pattern, finding))),
});

test("cfn-lint finds nothing in the compiled template but what is justified here", async () => {
  const { out } = await runPython("emulator", "cfn-lint", ["--format", "json", "--regions", REGION, "--", file]);
  const findings = JSON.parse(out) as { Rule: { Id: string }; Message: string }[];
  const wrong = findings
    .filter(({ Rule }) => !(Rule.Id in LINT_EXCEPTIONS))
    .map(({ Rule, Message }) => `${Rule.Id} ${Message}`);
  expect(wrong).toEqual([]);
  expect(
    judge(
      findings.map(({ Rule }) => Rule.Id),
      LINT_EXCEPTIONS,
    ).stale,
  ).toEqual([]);
});

test("checkov finds nothing in the compiled template but what is justified here", async () => {
  const { out } = await runPython("scanner", "checkov", [
    ...["--file", file, "--framework", "cloudformation"],
    ...["--output", "json", "--compact", "--quiet", "--skip-download"],
  ]);
  const { results, summary } = JSON.parse(out) as {
    results: { failed_checks: { check_id: string; resource: string }[] };
    summary: { passed: number; parsing_errors: number; resource_count: number };
  };
  expect(summary.parsing_errors).toBe(0);
  expect(summary.passed).toBeGreaterThan(Object.keys(template.Resources).length);
  const findings = results.failed_checks.map(({ check_id, resource }) => `${check_id} ${resource}`);
  expect(judge(findings, SCAN_EXCEPTIONS)).toEqual({ found: [], stale: [] });
});

test.for(Object.entries(LACKING))("what the emulator lacks is in the template: %s", ([, lacks]) => {
  expect(Object.values(template.Resources).filter(lacks)).not.toEqual([]);
});
