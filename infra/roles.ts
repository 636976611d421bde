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
  rowHashesKey,
  runKey,
  runStatePattern,
  STATE_PREFIX,
  schemaKey,
  seenKeysKey,
  statePattern,
  tableKey,
} from "../lib/lake/keys.ts";
import {
  lambdaKey,
  lambdaLogicalId,
  logGroupLogicalId,
  type StackName,
  secretLogicalId,
  stateMachineLogicalId,
  stateMachineName,
} from "./names.ts";
import { START_FAILURES } from "./schedules.ts";

/** Returns the logical id of a Lambda's role. It never equals that of a state machine's role, whatever a resource is named. */
export const lambdaRoleLogicalId = (key: string): string => `${key}LambdaRole`;

/** Returns the logical id of a source's state machine's role. */
export const stateMachineRoleLogicalId = (source: string): string => `${stateMachineLogicalId(source)}Role`;

/** A statement of an IAM policy. */
interface Statement {
  Effect: "Allow" | "Deny";
  Action: string[];
  Resource: unknown;
  Condition?: object;
}

const LAKE = { "Fn::GetAtt": ["Lake", "Arn"] };
const objects = (patterns: string[]) => patterns.map((pattern) => ({ "Fn::Sub": `\${Lake.Arn}/${pattern}` }));

/**
 * Without ListBucket, S3 returns 403 for a missing key. With it, 403 always means that access is denied. S3 compares the
 * condition with the whole requested key.
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
 * Prevents the confused deputy problem: only state machines and schedules of this account may assume the role. Lambda needs
 * no such condition, because a role can only be passed to a Lambda of the same account.
 */
const OF_THIS_ACCOUNT = { Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } } };

/** X-Ray's actions cannot be limited to resources, so its managed policy is the narrowest possible. */
const TRACING = {
  ManagedPolicyArns: [{ "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess" }],
};

const lambdaRole = (statements: Statement[]) => role("lambda.amazonaws.com", statements, {}, TRACING);

/** Patterns of a resource's parts and manifests, in any run. */
const logPatterns = (source: string, resource: ResolvedResource) => {
  const address = logAddressOf(source, resource, ANY);
  return { parts: partPattern(address), manifests: manifestKey(address) };
};

/**
 * Returns the patterns of the earlier runs, which show whether the incremental state of a resource was lost. All manifests of
 * a source are one pattern, because the number of resources is not limited, and the length of a policy is.
 */
const historyPatterns = (source: string, incremental: ResolvedResource[]): string[] => {
  const manifests = incremental.map(({ selected }) =>
    manifestKey({ source, table: ANY, run_id: ANY, resource: ANY, selected }),
  );
  return incremental.length === 0 ? [] : [...new Set(manifests), latestReportKey(source)];
};

/** Whether a pattern is not part of the pattern of a source's state. */
const isOutsideState = (pattern: string): boolean => !pattern.startsWith(STATE_PREFIX);

/** Whether a resource stores refresh tokens that its token server replaces. */
const writesSecret = ({ auth }: ResolvedResource): boolean =>
  typeof auth === "object" && auth?.type === "oauth2_refresh_token";

/** Returns the statement about the source's secret; none for a resource that sends no request. */
const usingSecret = (source: string, resource: ResolvedResource): Statement[] =>
  resource.rows !== null
    ? []
    : [
        {
          Effect: "Allow",
          Action: [
            "secretsmanager:GetSecretValue",
            ...(writesSecret(resource) ? ["secretsmanager:PutSecretValue"] : []),
          ],
          Resource: { Ref: secretLogicalId(source) },
        },
      ];

/**
 * Returns the role of a resource's Lambda: it may read the source's secret if it sends requests, write it if its token may
 * rotate, and reach the resource's keys in the lake.
 */
export const resourceRole = ({ name: source, resources }: ResolvedSource, resource: ResolvedResource) => {
  const { parts, manifests } = logPatterns(source, resource);
  const schema = schemaKey(source, resource.table);
  const parentRows = parentRowsKey({ source, run_id: ANY }, ANY);
  const parent = resources.find(({ name }) => name === resource.parent?.resource);
  // A start by hand may open a run, and a new run records the cursors of all incremental resources.
  const incremental = resources.filter((candidate) => candidate.incremental !== null);
  const history = historyPatterns(source, incremental);
  const parentManifests =
    parent && !incremental.some(({ selected }) => selected === parent.selected)
      ? [logPatterns(source, parent).manifests]
      : [];
  return lambdaRole([
    logging(logGroupLogicalId(source)),
    ...usingSecret(source, resource),
    ...readingAndWriting(
      parts,
      ...(resource.selected ? [manifests, schema] : []),
      runKey(source),
      checkpointKey({ source, resource: resource.name, run_id: ANY }),
      positionKey({ source, run_id: ANY }, ANY),
      ...(resource.incremental === null ? [] : [rowHashesKey(source, ANY)]),
      ...(resource.primary_key.length === 0 ? [] : [seenKeysKey({ source, run_id: ANY }, ANY)]),
    ),
    ...writing(...(resource.fields_for_children.length > 0 ? [parentRows] : [])),
    ...reading(
      ...incremental.flatMap(({ name, renamed_from }) =>
        [name, ...renamed_from].map((known) => incrementalStateKey(source, known)),
      ),
      ...history,
      ...parentManifests,
      ...(parent ? [parentRows] : []),
    ),
    listing([
      ...(resource.selected ? [parts, manifests] : []),
      ...[...history, ...parentManifests].filter(isOutsideState),
      ...(resource.selected ? [schema] : []),
      statePattern(source),
    ]),
  ]);
};

/**
 * Returns the role of `open`: it reads and writes the run records of all sources, and reads their incremental state and
 * earlier runs.
 */
export const openRole = (logGroup: string) => {
  const manifests = manifestKey({ source: ANY, table: ANY, run_id: ANY, resource: ANY, selected: true });
  const latestReports = latestReportKey(ANY);
  return lambdaRole([
    logging(logGroup),
    ...readingAndWriting(runKey(ANY)),
    // Includes the manifests of resources without a table, because `*` includes slashes.
    ...reading(incrementalStateKey(ANY, ANY), manifests, latestReports),
    listing([statePattern(ANY), manifests, latestReports]),
  ]);
};

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

/**
 * Returns the role of a source's state machine: it may invoke the source's Lambdas, and start a successor execution.
 *
 * @param shared keys of the Lambdas that all state machines share.
 */
export const stateMachineRole = (stack: StackName, { name: source, resources }: ResolvedSource, shared: string[]) => {
  const keys = [...shared, ...resources.map(({ name }) => lambdaKey(source, name))];
  return role(
    "states.amazonaws.com",
    [
      {
        Effect: "Allow",
        Action: ["lambda:InvokeFunction"],
        Resource: keys.map((key) => ({ "Fn::GetAtt": [lambdaLogicalId(key), "Arn"] })),
      },
      {
        Effect: "Allow",
        Action: ["states:StartExecution"],
        // Its ARN as text: the state machine depends on this role, so the role cannot refer to it.
        Resource: {
          "Fn::Sub": `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:${stateMachineName(stack, source)}`,
        },
      },
    ],
    OF_THIS_ACCOUNT,
    TRACING,
  );
};

/** Returns the role of EventBridge Scheduler: it may start the state machines, and send failed starts to the queue. */
export const schedulerRole = (sources: string[]) =>
  role(
    "scheduler.amazonaws.com",
    [
      {
        Effect: "Allow",
        Action: ["states:StartExecution"],
        Resource: sources.map((source) => ({ Ref: stateMachineLogicalId(source) })),
      },
      { Effect: "Allow", Action: ["sqs:SendMessage"], Resource: { "Fn::GetAtt": [START_FAILURES, "Arn"] } },
    ],
    OF_THIS_ACCOUNT,
  );
