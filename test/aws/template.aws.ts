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

/** Parameters that enable everything except the catalog, which requires a lake. */
const PARAMETERS = ["--param=schedules=on", "--param=alarms=on", "--param=alarm_email=data@example.com"];

/** Accepted findings of cfn-lint, by rule. */
const LINT_EXCEPTIONS: Record<string, string> = {
  W3005: "the framework adds a DependsOn on the role to each function, which already refers to the role",
};

/** Accepted findings of checkov, by check and resource. */
const SCAN_EXCEPTIONS: Record<string, string> = {
  "CKV_AWS_18 AWS::S3::Bucket.*":
    "CloudTrail records access to the lake; a log bucket per stack is a decision for the account",
  "CKV_AWS_21 AWS::S3::Bucket.ServerlessDeploymentBucket":
    "each deployment has a separate folder, so nothing is overwritten",
  "CKV_AWS_26 AWS::SNS::Topic.*":
    "alarms contain no data, and CloudWatch cannot publish to a topic encrypted with an AWS managed key",
  "CKV_AWS_27 AWS::SQS::Queue.*":
    "SQS encrypts with its managed key (SqsManagedSseEnabled), which the check does not recognize",
  "CKV_AWS_115 AWS::Lambda::Function.*":
    "a lease limits each resource to one invocation; reserved concurrency would reduce the account's limit",
  "CKV_AWS_116 AWS::Lambda::Function.*": "only for asynchronous invocations; state machines invoke synchronously",
  "CKV_AWS_117 AWS::Lambda::Function.*": "the functions read public APIs; in a VPC this would require a NAT gateway",
  "CKV_AWS_149 AWS::SecretsManager::Secret.*":
    "encrypted with an AWS managed key; a customer managed key is a decision for the account and requires a role",
  "CKV_AWS_158 AWS::Logs::LogGroup.*": "encrypted with an AWS managed key; neither data nor secrets are logged",
  "CKV_AWS_173 AWS::Lambda::Function.*": "no variable is a secret, and all are encrypted with an AWS managed key",
};

const folder = mkdtempSync(join(tmpdir(), "restlake-template-"));
const file = join(folder, "cloudformation-template-update-stack.json");
let template: CompiledTemplate;

beforeAll(async () => {
  ({ template } = await packageApart(folder, PARAMETERS));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Returns the findings without an exception, and the exceptions without a finding. */
const judge = (findings: string[], exceptions: Record<string, string>) => ({
  found: findings.filter((finding) => !Object.keys(exceptions).some((pattern) => matches(pattern, finding))),
  stale: Object.keys(exceptions).filter((pattern) => !findings.some((finding) => matches(pattern, finding))),
});

test("cfn-lint finds nothing in the compiled template except the accepted findings", async () => {
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

test("checkov finds nothing in the compiled template except the accepted findings", async () => {
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

test.for(Object.entries(LACKING))(
  "the template has the resources that the emulator does not support: %s",
  ([, lacks]) => {
    expect(Object.values(template.Resources).filter(lacks)).not.toEqual([]);
  },
);
