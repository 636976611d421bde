import type { ResolvedResource, ResolvedSource } from "../lib/config/resolve.ts";
import {
  ANY,
  checkpointKey,
  incrementalStateKey,
  latestReportKey,
  logAddressOf,
  manifestKey,
  parentRowsKey,
  partPattern,
  positionKey,
  reportKey,
  reportPageKey,
  runKey,
  runStatePattern,
  schemaKey,
  statePattern,
  tableKey,
} from "../lib/lake/keys.ts";
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

/** GetObject also allows HEAD, and a PUT with `If-Match` needs it. Returns no statement when there are no patterns. */
const allow = (Action: string[], patterns: string[]): Statement[] =>
  patterns.length === 0 ? [] : [{ Effect: "Allow", Action, Resource: objects(patterns) }];
const readingAndWriting = (...patterns: string[]) => allow(["s3:GetObject", "s3:PutObject"], patterns);
const reading = (...patterns: string[]) => allow(["s3:GetObject"], patterns);
const writing = (...patterns: string[]) => allow(["s3:PutObject"], patterns);

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

/** Patterns of a resource's parts and manifests, in any run. */
const logPatterns = (source: string, resource: ResolvedResource) => {
  const address = logAddressOf(source, resource, ANY);
  return { parts: partPattern(address), manifests: manifestKey(address) };
};

/** Returns the role of a resource's Lambda: the source's secret, and its own keys of the lake. */
export const resourceRole = ({ name: source, resources }: ResolvedSource, resource: ResolvedResource) => {
  const { parts, manifests } = logPatterns(source, resource);
  const schema = schemaKey(source, resource.table);
  const parentRows = parentRowsKey({ source, run_id: ANY }, ANY);
  const parent = resources.find(({ name }) => name === resource.parent?.resource);
  const parentManifests = parent && logPatterns(source, parent).manifests;
  // A start by hand may open a run, and a new run records the cursors of all incremental resources.
  const incremental = resources.filter((candidate) => candidate.incremental !== null);
  return lambdaRole([
    logging(logGroupLogicalId(source)),
    {
      Effect: "Allow",
      Action: ["secretsmanager:GetSecretValue"],
      Resource: { Ref: secretLogicalId(source) },
    },
    ...readingAndWriting(
      parts,
      ...(resource.selected ? [manifests, schema] : []),
      runKey(source),
      checkpointKey({ source, resource: resource.name, run_id: ANY }),
      positionKey({ source, run_id: ANY }, ANY),
    ),
    ...writing(...(resource.fields_for_children.length > 0 ? [parentRows] : [])),
    ...reading(
      ...incremental.map(({ name }) => incrementalStateKey(source, name)),
      ...(parentManifests ? [parentManifests, parentRows] : []),
    ),
    listing([
      ...(resource.selected ? [parts, manifests] : []),
      ...(parentManifests && parent.selected ? [parentManifests] : []),
      ...(resource.selected ? [schema] : []),
      statePattern(source),
    ]),
  ]);
};

/** Returns the role of `open`: it reads and writes the run records of all sources, and reads their incremental state. */
export const openRole = (logGroup: string) =>
  lambdaRole([
    logging(logGroup),
    ...readingAndWriting(runKey(ANY)),
    ...reading(incrementalStateKey(ANY, ANY)),
    listing([statePattern(ANY)]),
  ]);

/**
 * Returns the role of `finish`, which closes the runs of all sources: it reads manifests, checkpoints and schemas, and
 * writes incremental state, the tables' documents and reports.
 */
export const finishRole = (logGroup: string) => {
  const manifests = manifestKey({ source: ANY, table: ANY, run_id: ANY, resource: ANY, selected: true });
  const schemas = schemaKey(ANY, ANY);
  const latestReports = latestReportKey(ANY);
  return lambdaRole([
    logging(logGroup),
    // Matches run records and, because `*` includes slashes, checkpoints.
    ...readingAndWriting(incrementalStateKey(ANY, ANY)),
    // Only resources write below a run.
    { Effect: "Deny", Action: ["s3:PutObject"], Resource: objects([runStatePattern(ANY)]) },
    // A report compares its run with earlier runs.
    ...reading(manifests, schemas, latestReports),
    ...writing(reportKey(ANY, ANY), reportPageKey(ANY, ANY), tableKey(ANY, ANY, ANY)),
    listing([statePattern(ANY), manifests, schemas, latestReports]),
  ]);
};

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
