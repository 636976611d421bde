import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadSources } from "../../infra/sources.ts";
import { describeBundles } from "./bundles.suite.ts";
import { type CompiledTemplate, ofType, PROJECT, packageStack, runFramework } from "./package.fixture.ts";
import { describeStateMachineRoles } from "./state-machine-roles.suite.ts";
import { describeStateMachines } from "./state-machines.suite.ts";

const SOURCES = [
  "asset_management",
  "inventory_management",
  "order_management",
  "stock_analytics",
  "workforce_analytics",
];
const pascal = (name: string) => name.replaceAll(/(?:^|_)([a-z])/g, (_match, letter: string) => letter.toUpperCase());

const folder = mkdtempSync(join(tmpdir(), "restlake-package-"));
let template: CompiledTemplate;
let output: string;

beforeAll(async () => {
  ({ template, output } = await packageStack(PROJECT, folder));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Visits every value of an object at any depth, with its key. */
const walk = (value: unknown, visit: (key: string, value: unknown) => void): void => {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    visit(key, inner);
    walk(inner, visit);
  }
};

/** Returns the logical ids that a value refers to: Ref, GetAtt, `${Id}` and `${Id.Attribute}` in Sub. */
const references = (value: unknown): string[] => {
  const found: string[] = [];
  walk(value, (key, inner) => {
    if (key === "Ref") found.push(String(inner));
    if (key === "Fn::GetAtt") found.push(String(Array.isArray(inner) ? inner[0] : String(inner).split(".")[0]));
    if (key !== "Fn::Sub") return;
    const [text, names] = Array.isArray(inner) ? (inner as [string, object]) : [String(inner), {}];
    for (const [, name = ""] of text.matchAll(/\$\{([^}]+)\}/g))
      if (!(name in names)) found.push(name.split(".")[0] ?? "");
  });
  return found;
};

describe("the compiled stack", () => {
  test("has 28 Lambdas, 5 state machines, 5 schedules and 5 secrets, and about two resources per API resource", () => {
    const counts: Record<string, number> = {};
    for (const { Type } of Object.values(template.Resources)) counts[Type] = (counts[Type] ?? 0) + 1;
    expect(counts).toEqual({
      "AWS::Lambda::Function": 28,
      "AWS::IAM::Role": 28 + 5 + 1,
      "AWS::StepFunctions::StateMachine": 5,
      "AWS::Scheduler::Schedule": 5,
      "AWS::SecretsManager::Secret": 5,
      "AWS::Logs::LogGroup": 5 + 1,
      "AWS::S3::Bucket": 2,
      "AWS::S3::BucketPolicy": 2,
      "AWS::SQS::Queue": 1,
      "AWS::CloudWatch::Dashboard": 1,
    });
  });

  test("is packaged without credentials, warnings or deprecations", () => {
    expect(output.trim()).toMatch(/^Packaging restlake for stage dev \(eu-central-1\)\s+✔ Service packaged \(\d+s\)$/);
  });

  test("refers only to resources that it contains", () => {
    const known = new Set(Object.keys(template.Resources));
    const missing = references(template).filter((id) => !known.has(id) && !id.startsWith("AWS::"));
    expect(missing).toEqual([]);
    for (const [id, { DependsOn = [] }] of Object.entries(template.Resources)) {
      for (const other of [DependsOn].flat()) expect(known, `${id} depends on ${other}`).toContain(other);
    }
  });

  test("outputs the lake's name and the state machines' ARNs", () => {
    expect(template.Outputs.LakeName?.Value).toEqual({ Ref: "Lake" });
    for (const source of SOURCES) {
      expect(template.Outputs[`${pascal(source)}StateMachineArn`]?.Value).toEqual({
        Ref: `${pascal(source)}StateMachine`,
      });
    }
  });
});

describe("the Lambdas", () => {
  test("are one per resource, and open and finish, on nodejs24.x and arm64", async () => {
    const names = (await loadSources()).flatMap(({ resolved }) =>
      resolved.resources.map(({ name }) => `restlake-dev-${resolved.name}-${name}`),
    );
    const lambdas = Object.values(ofType(template, "AWS::Lambda::Function")).map(({ Properties }) => Properties);
    expect(lambdas.map(({ FunctionName }) => FunctionName).sort()).toEqual(
      [...names, "restlake-dev-state_machine-open", "restlake-dev-state_machine-finish"].sort(),
    );
    for (const properties of lambdas) {
      expect(properties).toMatchObject({
        Runtime: "nodejs24.x",
        Architectures: ["arm64"],
        TracingConfig: { Mode: "Active" },
        Environment: {
          Variables: {
            NODE_OPTIONS: "--enable-source-maps --max-old-space-size=256 --max-semi-space-size=8",
            MALLOC_ARENA_MAX: "1",
            RESTLAKE_BUCKET: { Ref: "Lake" },
            POWERTOOLS_LOG_LEVEL: "INFO",
          },
        },
      });
    }
  });

  test("receive their resource and their source's secret, and log to their source's group", () => {
    const { Properties } = template.Resources.OrderManagementReturnsLambdaFunction ?? {};
    expect(Properties).toMatchObject({
      FunctionName: "restlake-dev-order_management-returns",
      Handler: "order-management.handler",
      Timeout: 900,
      Environment: { Variables: { RESTLAKE_RESOURCE: "returns", RESTLAKE_SECRET: "restlake/dev/order_management" } },
      LoggingConfig: { LogFormat: "Text", LogGroup: { Ref: "OrderManagementLogGroup" } },
    });
    expect(template.Resources.OrderManagementSecret?.Properties.Name).toBe("restlake/dev/order_management");
  });

  test("have a role each", () => {
    const lambdas = Object.values(ofType(template, "AWS::Lambda::Function"));
    const roles = lambdas.map(({ Properties }) => (Properties.Role as { "Fn::GetAtt": [string] })["Fn::GetAtt"][0]);
    expect(new Set(roles).size).toBe(lambdas.length);
    for (const role of roles) expect(template.Resources[role]?.Type).toBe("AWS::IAM::Role");
  });
});

describe("the roles", () => {
  const policies = (properties: Record<string, unknown>) =>
    properties.Policies as { PolicyDocument: { Statement: { Action: string[]; Resource: unknown }[] } }[];

  test("contain no wildcard resource and no wildcard action", () => {
    for (const [id, { Properties }] of Object.entries(ofType(template, "AWS::IAM::Role"))) {
      for (const { PolicyDocument } of policies(Properties)) {
        for (const { Action, Resource } of PolicyDocument.Statement) {
          for (const action of Action) expect(action, id).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
          for (const resource of [Resource].flat()) {
            const text = typeof resource === "string" ? resource : (resource as { "Fn::Sub"?: string })["Fn::Sub"];
            if (typeof text !== "string") continue;
            expect(text, id).not.toBe("*");
            // A prefix of the lake, or a state machine of this account by its full name.
            expect(text, id).toMatch(
              /^(\$\{Lake\.Arn\}\/(data|manifests|schemas|state|reports|tables)\/.+|arn:[^*]+:[a-z0-9_-]+)$/,
            );
          }
        }
      }
    }
  });

  test("use a managed policy only for X-Ray, whose actions cannot be limited to resources", () => {
    const managed = Object.values(ofType(template, "AWS::IAM::Role")).flatMap(
      ({ Properties }) => (Properties.ManagedPolicyArns as { "Fn::Sub": string }[] | undefined) ?? [],
    );
    expect(new Set(managed.map((arn) => arn["Fn::Sub"]))).toEqual(
      new Set(["arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"]),
    );
  });

  test("reach their own source only", () => {
    for (const source of SOURCES) {
      const others = SOURCES.filter((other) => other !== source);
      for (const [id, role] of Object.entries(ofType(template, "AWS::IAM::Role"))) {
        if (!id.startsWith(pascal(source))) continue;
        const text = JSON.stringify(role);
        for (const other of others) {
          expect(text, id).not.toContain(`/${other}/`);
          expect(text, id).not.toContain(`${pascal(other)}Secret`);
        }
      }
    }
  });
});

describe("the storage", () => {
  test("keeps the lake private, encrypted, TLS-only, versioned and cleaned up, even when the stack is deleted", () => {
    expect(template.Resources.Lake).toEqual({
      Type: "AWS::S3::Bucket",
      DeletionPolicy: "RetainExceptOnCreate",
      UpdateReplacePolicy: "Retain",
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
        },
        VersioningConfiguration: { Status: "Enabled" },
        LifecycleConfiguration: {
          Rules: [
            {
              Id: "abort-incomplete-uploads",
              Status: "Enabled",
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
            },
            {
              Id: "expire-old-state",
              Status: "Enabled",
              Prefix: "state/",
              NoncurrentVersionExpiration: { NoncurrentDays: 30 },
            },
          ],
        },
      },
    });
    expect(template.Resources.LakePolicy?.Properties).toEqual({
      Bucket: { Ref: "Lake" },
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [{ "Fn::GetAtt": ["Lake", "Arn"] }, { "Fn::Sub": "${Lake.Arn}/*" }],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    });
  });

  test("keeps the deployment bucket private, encrypted and TLS-only", () => {
    expect(template.Resources.ServerlessDeploymentBucket?.Properties).toMatchObject({
      BucketEncryption: {},
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
    });
    expect(JSON.stringify(template.Resources.ServerlessDeploymentBucketPolicy)).toContain("aws:SecureTransport");
  });

  test("creates a secret per source, without a value", () => {
    for (const source of SOURCES) {
      expect(template.Resources[`${pascal(source)}Secret`]).toEqual({
        Type: "AWS::SecretsManager::Secret",
        DeletionPolicy: "RetainExceptOnCreate",
        UpdateReplacePolicy: "Retain",
        Properties: { Name: `restlake/dev/${source}`, Description: `restlake: credentials of ${source}, as JSON` },
      });
    }
  });

  test("keeps the logs of a source in one group, for 30 days", () => {
    for (const name of [...SOURCES, "state_machine"]) {
      expect(template.Resources[`${pascal(name)}LogGroup`]?.Properties).toEqual({
        LogGroupName: `/restlake/restlake-dev/${name}`,
        RetentionInDays: 30,
      });
    }
  });
});

describe("the schedules", () => {
  const stateIn = async (stage: string) => {
    const { code, output } = await runFramework(PROJECT, [
      "print",
      `--stage=${stage}`,
      "--format=json",
      "--path=resources",
    ]);
    expect(code, output).toBe(0);
    return ofType(JSON.parse(output.slice(output.indexOf("{"))), "AWS::Scheduler::Schedule");
  };

  test("start the state machine with {} at the time in the source's settings, and are disabled in dev", async () => {
    for (const { source, resolved } of await loadSources()) {
      expect(template.Resources[`${pascal(resolved.name)}Schedule`]?.Properties).toEqual({
        Name: `restlake-dev-${resolved.name}`,
        Description: `restlake: starts ${resolved.name}`,
        State: "DISABLED",
        ScheduleExpression: source.settings.schedule,
        ScheduleExpressionTimezone: source.settings.timezone ?? "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        Target: {
          Arn: { Ref: `${pascal(resolved.name)}StateMachine` },
          RoleArn: { "Fn::GetAtt": ["SchedulerRole", "Arn"] },
          Input: "{}",
          DeadLetterConfig: { Arn: { "Fn::GetAtt": ["StartFailures", "Arn"] } },
          RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
        },
      });
    }
  });

  test("are enabled in prod", async () => {
    const schedules = Object.values(await stateIn("prod"));
    expect(schedules.map(({ Properties }) => Properties.State)).toEqual(SOURCES.map(() => "ENABLED"));
    expect(schedules.map(({ Properties }) => Properties.Name)).toEqual(
      SOURCES.map((source) => `restlake-prod-${source}`),
    );
  });
});

describeStateMachines(() => ({ folder, template }));
describeStateMachineRoles(() => template);
describeBundles(() => ({ folder, template }));
