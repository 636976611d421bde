import type { ResolvedResource, ResolvedSource } from "../lib/config/resolve.ts";
import { FILE_FORMATS } from "../lib/lake/keys.ts";
import {
  functionKey,
  functionLogicalId,
  logGroupLogicalId,
  type StackName,
  secretLogicalId,
  stateMachineName,
} from "./names.ts";
import { START_FAILURES } from "./schedules.ts";

/** CloudFormation's id of a function's role; no machine's role can have the same, whatever a resource is called. */
export const roleLogicalId = (key: string): string => `${key}LambdaRole`;

/** CloudFormation's id of a machine's role. */
export const machineRoleLogicalId = (machineId: string): string => `${machineId}Role`;

/** One statement of a policy. */
interface Statement {
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: unknown;
  Condition?: object;
}

const LAKE = { "Fn::GetAtt": ["Lake", "Arn"] };
const objects = (patterns: string[]) => patterns.map((pattern) => ({ "Fn::Sub": `\${Lake.Arn}/${pattern}` }));

/**
 * Without ListBucket a missing key answers 403 instead of 404; with it, 403 never means absent (DESIGN 10). S3 compares
 * the condition with the whole key that was asked for.
 */
const listing = (prefixes: string[]): Statement => ({
  Effect: "Allow",
  Action: ["s3:ListBucket"],
  Resource: LAKE,
  Condition: { StringLike: { "s3:prefix": prefixes } },
});

/** GetObject is for HEAD too, and for a PUT with `If-Match`. None when there is nothing to reach. */
const allow = (Action: string[], patterns: string[]): Statement[] =>
  patterns.length === 0 ? [] : [{ Effect: "Allow", Action, Resource: objects(patterns) }];
const changing = (...patterns: string[]) => allow(["s3:GetObject", "s3:PutObject"], patterns);
const reading = (...patterns: string[]) => allow(["s3:GetObject"], patterns);
const adding = (...patterns: string[]) => allow(["s3:PutObject"], patterns);

const logging = (logGroup: string): Statement => ({
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: { "Fn::GetAtt": [logGroup, "Arn"] },
});

const role = (service: string, statements: Statement[], trust: object = {}, more: object = {}) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole", ...trust }],
    },
    Policies: [{ PolicyName: "restlake", PolicyDocument: { Version: "2012-10-17", Statement: statements } }],
    ...more,
  },
});

/**
 * Against the confused deputy: only this account's machines and schedules. Lambda has no such condition: a role can be
 * passed to a function of its own account only.
 */
const OF_THIS_ACCOUNT = { Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } } };

/** X-Ray knows no resources, only `*`: its own managed policy is the narrowest thing there is. */
const TRACING = {
  ManagedPolicyArns: [{ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess" }],
};

const lambdaRole = (statements: Statement[]) => role("lambda.amazonaws.com", statements, {}, TRACING);

/** Where the parts of a resource lie, in any run, and its manifests (DESIGN 4). */
const logPatterns = (source: string, { name, table, selected, file_format }: ResolvedResource) =>
  selected
    ? {
        parts: `data/${source}/${table}/${FILE_FORMATS[file_format].folder}/*/${name}-*`,
        manifests: `manifests/${source}/${table}/*-${name}.json`,
      }
    : { parts: `state/${source}/*/log/${name}-*`, manifests: `state/${source}/*/log/${name}-manifest.json` };

/** What the Lambda of one resource may do: its own secret, its own log, its own prefixes. */
export const resourceRole = (source: ResolvedSource, resource: ResolvedResource) => {
  const { name } = source;
  const { parts, manifests } = logPatterns(name, resource);
  const schema = `schemas/${name}/${resource.table}.json`;
  const parent = source.resources.find((candidate) => candidate.name === resource.parent?.resource);
  const ofParent = parent && logPatterns(name, parent);
  // A start by hand opens a run when there is none, and with it fixes where all incremental resources start.
  const incremental = source.resources.filter((candidate) => candidate.incremental !== null);
  return lambdaRole([
    logging(logGroupLogicalId(name)),
    {
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: { Ref: secretLogicalId(name) },
    },
    ...changing(
      parts,
      ...(resource.selected ? [manifests, schema] : []),
      `state/${name}/run.json`,
      `state/${name}/*/${resource.name}.json`,
      `state/${name}/*/positions/*`,
    ),
    ...adding(...(resource.fields_for_children.length > 0 ? [`state/${name}/*/parents/*`] : [])),
    ...reading(
      ...incremental.map((candidate) => `state/${name}/${candidate.name}.json`),
      ...(ofParent ? [ofParent.manifests, `state/${name}/*/parents/*`] : []),
    ),
    listing([
      ...(resource.selected ? [parts, manifests] : []),
      ...(ofParent && parent.selected ? [ofParent.manifests] : []),
      ...(resource.selected ? [schema] : []),
      `state/${name}/*`,
    ]),
  ]);
};

/** `open` reads and takes the open runs of all sources, and reads where their incremental resources stand. */
export const openRole = (logGroup: string) =>
  lambdaRole([logging(logGroup), ...changing("state/*/run.json"), ...reading("state/*.json"), listing(["state/*"])]);

/**
 * `finish` closes the runs of all sources: manifests, checkpoints and schemas in; incremental state, tables' documents and
 * reports out.
 */
export const finishRole = (logGroup: string) =>
  lambdaRole([
    logging(logGroup),
    ...changing("state/*.json"),
    // What lies below a run_id is the resources' own.
    { Effect: "Deny", Action: ["s3:PutObject"], Resource: objects(["state/*/*Z-*/*"]) },
    // A report compares its run with those before.
    ...reading("manifests/*.json", "schemas/*.json", "reports/*/latest.json"),
    ...adding("reports/*", "tables/*"),
    listing(["state/*", "manifests/*", "schemas/*", "reports/*/latest.json"]),
  ]);

/** A machine invokes its own Lambdas, and starts itself anew before its history is full. */
export const machineRole = (stack: StackName, source: ResolvedSource, machineFunctions: string[]) =>
  role(
    "states.amazonaws.com",
    [
      {
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: [...machineFunctions, ...source.resources.map(({ name }) => functionKey(source.name, name))].map(
          (key) => ({ "Fn::GetAtt": [functionLogicalId(key), "Arn"] }),
        ),
      },
      {
        Effect: "Allow",
        Action: ["states:StartExecution"],
        // By name: the machine itself depends on this role.
        Resource: {
          "Fn::Sub": `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:${stateMachineName(stack, source.name)}`,
        },
      },
    ],
    OF_THIS_ACCOUNT,
    TRACING,
  );

/** What EventBridge Scheduler may do: start the machines, and put away the starts that failed. */
export const schedulerRole = (machines: string[]) =>
  role(
    "scheduler.amazonaws.com",
    [
      { Effect: "Allow", Action: ["states:StartExecution"], Resource: machines.map((id) => ({ Ref: id })) },
      { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: { "Fn::GetAtt": [START_FAILURES, "Arn"] } },
    ],
    OF_THIS_ACCOUNT,
  );
