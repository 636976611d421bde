import type { ResolvedResource, ResolvedSource } from "../lib/source/resolve.ts";
import {
  functionKey,
  functionLogicalId,
  logGroupLogicalId,
  machineName,
  type StackName,
  secretLogicalId,
} from "./names.ts";

/** CloudFormation's id of a function's role. */
export const roleLogicalId = (key: string): string => `${key}Role`;

/** One statement of a policy. */
interface Statement {
  Effect: "Allow";
  Action: string[];
  Resource: unknown;
  Condition?: object;
}

const LAKE = { "Fn::GetAtt": ["Lake", "Arn"] };
const objects = (pattern: string) => ({ "Fn::Sub": `\${Lake.Arn}/${pattern}` });

/** Without ListBucket a missing key answers 403 instead of 404; with it, 403 never means absent (DESIGN 10). */
const listing = (prefixes: string[]): Statement => ({
  Effect: "Allow",
  Action: ["s3:ListBucket"],
  Resource: LAKE,
  Condition: { StringLike: { "s3:prefix": prefixes } },
});

const reading = (...patterns: string[]): Statement => ({
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: patterns.map(objects),
});

const writing = (...patterns: string[]): Statement => ({
  Effect: "Allow",
  Action: ["s3:GetObject", "s3:PutObject"],
  Resource: patterns.map(objects),
});

const logging = (logGroup: string): Statement => ({
  Effect: "Allow",
  Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
  Resource: { "Fn::GetAtt": [logGroup, "Arn"] },
});

const role = (service: string, statements: Statement[], more: object = {}) => ({
  Type: "AWS::IAM::Role",
  Properties: {
    AssumeRolePolicyDocument: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
    },
    Policies: [{ PolicyName: "restlake", PolicyDocument: { Version: "2012-10-17", Statement: statements } }],
    ...more,
  },
});

/** X-Ray knows no resources, only `*`: its own managed policy is the narrowest thing there is. */
const TRACING = {
  ManagedPolicyArns: [{ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess" }],
};

const lambdaRole = (statements: Statement[]) => role("lambda.amazonaws.com", statements, TRACING);

const dataPatterns = (source: string, { name, table, selected }: ResolvedResource): string[] =>
  selected
    ? [`data/${source}/${table}/*/${name}-*`, `manifests/${source}/${table}/*-${name}.json`]
    : [`state/${source}/*/log/${name}-*`];

/** What the Lambda of one resource may do: its own secret, its own log, its own prefixes. */
export const resourceRole = (source: ResolvedSource, resource: ResolvedResource) => {
  const { name } = source;
  const parent = source.resources.find((candidate) => candidate.name === resource.parent?.resource);
  const ofParent = parent === undefined ? [] : dataPatterns(name, parent).slice(-1);
  const incremental = source.resources.filter((candidate) => candidate.incremental !== null);
  const isFamily = parent !== undefined || resource.fields_for_children.length > 0;
  const readable = [
    ...incremental.map((candidate) => `state/${name}/${candidate.name}.json`),
    ...ofParent,
    ...(parent === undefined ? [] : [`state/${name}/*/parents/*`]),
  ];
  return lambdaRole([
    logging(logGroupLogicalId(name)),
    {
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: { Ref: secretLogicalId(name) },
    },
    writing(
      ...dataPatterns(name, resource),
      `schemas/${name}/${resource.table}.json`,
      `state/${name}/run.json`,
      `state/${name}/*/${resource.name}.json`,
      `state/${name}/*/positions/*`,
      ...(resource.fields_for_children.length > 0 ? [`state/${name}/*/parents/*`] : []),
    ),
    ...(readable.length > 0 ? [reading(...readable)] : []),
    listing([
      ...(resource.selected ? [`data/${name}/${resource.table}/*`, `manifests/${name}/${resource.table}/*`] : []),
      ...(isFamily && parent?.selected ? [`manifests/${name}/${parent.table}/*`] : []),
      `schemas/${name}/${resource.table}.json`,
      `state/${name}/*`,
    ]),
  ]);
};

/** `open` reads and takes the open runs of all sources, and reads where their incremental resources stand. */
export const openRole = (logGroup: string) =>
  lambdaRole([logging(logGroup), writing("state/*/run.json"), reading("state/*.json"), listing(["state/*"])]);

/** `finish` closes the runs of all sources: manifests in; incremental state and reports out. */
export const finishRole = (logGroup: string) =>
  lambdaRole([
    logging(logGroup),
    writing("state/*.json"),
    writing("reports/*"),
    reading("manifests/*"),
    listing(["state/*", "manifests/*"]),
  ]);

/** A machine invokes its own Lambdas, and starts itself anew before its history is full. */
export const machineRole = (stack: StackName, source: ResolvedSource, machineFunctions: string[]) =>
  role("states.amazonaws.com", [
    {
      Effect: "Allow",
      Action: ["lambda:InvokeFunction"],
      Resource: [...machineFunctions, ...source.resources.map(({ name }) => functionKey(source.name, name))].map(
        (key) => ({
          "Fn::GetAtt": [functionLogicalId(key), "Arn"],
        }),
      ),
    },
    {
      Effect: "Allow",
      Action: ["states:StartExecution"],
      // By name: the machine itself depends on this role.
      Resource: {
        "Fn::Sub": `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:${machineName(stack, source.name)}`,
      },
    },
  ]);

/** What EventBridge Scheduler may do: start the machines. */
export const schedulerRole = (machines: string[]) =>
  role("scheduler.amazonaws.com", [
    { Effect: "Allow", Action: ["states:StartExecution"], Resource: machines.map((id) => ({ Ref: id })) },
  ]);
