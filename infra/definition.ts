import type { ResolvedSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { sourceFactsOf } from "../lib/run/source-facts.ts";
import { DAY, MINUTE, SECOND } from "../lib/time/durations.ts";
import { countTransitions, type State } from "./transitions.ts";

/** Maximum timeout of a Lambda, and the default of the resources' Lambdas. Seconds. */
export const LAMBDA_TIMEOUT = (15 * MINUTE) / SECOND;
/** Timeout of the `open` and `finish` Lambdas. Seconds. */
export const STEP_TIMEOUT = (5 * MINUTE) / SECOND;
/** Time for queueing and a cold start, in addition to a Lambda's timeout. Seconds. */
const TASK_MARGIN = (2 * MINUTE) / SECOND;
/** Longer than any run may be open. Seconds. */
const EXECUTION_TIMEOUT = (14 * DAY) / SECOND;
/** Timeout of the Task that starts the successor execution. Seconds. */
const SUCCESSOR_TIMEOUT = MINUTE / SECOND;
/**
 * Maximum number of rounds of all resources in one execution. A round is at most 13 events, and 28 when its Task is retried
 * five times; an execution's history holds 25,000. The limit leaves room for the first round of 200 resources.
 */
export const MAX_ROUNDS = 700;

/** Errors of the Lambda service, as Step Functions names them. A retry helps. */
const SERVICE_ERRORS = [
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.TooManyRequestsException",
];

const RETRY = [
  {
    ErrorEquals: SERVICE_ERRORS,
    IntervalSeconds: 2,
    MaxAttempts: 5,
    BackoffRate: 2,
    MaxDelaySeconds: MINUTE / SECOND,
    JitterStrategy: "FULL",
  },
];

/** A state machine in the Amazon States Language. */
export interface StateMachineDefinition {
  Comment: string;
  StartAt: string;
  TimeoutSeconds: number;
  States: Record<string, State>;
}

/** ARNs of the Lambdas, or CloudFormation expressions for them. */
export interface LambdaTargets {
  open: string;
  finish: string;
  resource(name: string): string;
  /** Timeout of the resources' Lambdas. Seconds. */
  timeout: number;
}

/** Names of the states of a resource. The Task has the resource's name. */
const stateNames = (resource: string) => ({
  task: resource,
  outcome: `${resource}: outcome`,
  wait: `${resource}: wait`,
  round: `${resource}: round`,
  limit: `${resource}: limit`,
});

const isStatus = (status: string, Next: string) => ({ Variable: "$.outcome.status", StringEquals: status, Next });

/** Task -> Choice -> (Wait ->) the Task again, or the next resource. A failure is recorded and does not stop other resources. */
const resourceStates = (name: string, next: string, targets: LambdaTargets): Record<string, State> => {
  const states = stateNames(name);
  return {
    [states.task]: {
      Type: "Task",
      Resource: targets.resource(name),
      Parameters: { "run.$": "$.run" },
      ResultPath: "$.outcome",
      TimeoutSeconds: targets.timeout + TASK_MARGIN,
      Retry: RETRY,
      Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: `$.failures.${name}`, Next: next }],
      Next: states.outcome,
    },
    [states.outcome]: {
      Type: "Choice",
      Choices: [
        isStatus("done", next),
        isStatus("partial", states.round),
        isStatus("throttled", states.wait),
        {
          And: [
            { Variable: "$.outcome.reason", IsPresent: true },
            { Variable: "$.outcome.reason", StringEquals: "not_in_run" },
          ],
          Next: next,
        },
      ],
      // Another execution has the source's lease.
      Default: "skipped: lease",
    },
    [states.wait]: { Type: "Wait", SecondsPath: "$.outcome.retry_after_seconds", Next: states.round },
    [states.round]: {
      Type: "Pass",
      Parameters: { "rounds.$": "States.MathAdd($.counter.rounds, 1)" },
      ResultPath: "$.counter",
      Next: states.limit,
    },
    [states.limit]: {
      Type: "Choice",
      Choices: [{ Variable: "$.counter.rounds", NumericGreaterThanEquals: MAX_ROUNDS, Next: "successor" }],
      Default: states.task,
    },
  };
};

/** States before the resources. */
const openingStates = (parameters: object, first: string, targets: LambdaTargets) =>
  ({
    start: {
      Type: "Pass",
      Parameters: { "input.$": "$", failures: {}, counter: { rounds: 0 } },
      Next: "open",
    },
    open: {
      Type: "Task",
      Resource: targets.open,
      Parameters: { ...parameters, "input.$": "$.input", "owner.$": "$$.Execution.Id" },
      ResultPath: "$.run",
      TimeoutSeconds: STEP_TIMEOUT + TASK_MARGIN,
      Retry: RETRY,
      Next: "open: outcome",
    },
    "open: outcome": {
      Type: "Choice",
      Choices: [{ Variable: "$.run.status", StringEquals: "open", Next: first }],
      Default: "skipped",
    },
  }) satisfies Record<string, State>;

/** States after the resources, and the final states. */
const closingStates = (parameters: object, first: string, targets: LambdaTargets): Record<string, State> => ({
  finish: {
    Type: "Task",
    Resource: targets.finish,
    Parameters: { ...parameters, "run.$": "$.run", "failures.$": "$.failures" },
    ResultPath: "$.finished",
    TimeoutSeconds: STEP_TIMEOUT + TASK_MARGIN,
    Retry: RETRY,
    Next: "finish: outcome",
  },
  "finish: outcome": {
    Type: "Choice",
    Choices: [
      { Variable: "$.finished.status", StringEquals: "again", Next: "again" },
      { Variable: "$.finished.status", StringEquals: "fresh", Next: "fresh" },
    ],
    Default: "done",
  },
  again: { Type: "Pass", Result: {}, ResultPath: "$.failures", Next: first },
  fresh: { Type: "Pass", Result: {}, ResultPath: "$.failures", Next: "open" },
  successor: {
    Type: "Task",
    Resource: "arn:aws:states:::states:startExecution",
    Parameters: { "StateMachineArn.$": "$$.StateMachine.Id", "Input.$": "$.run.successor" },
    ResultPath: null,
    TimeoutSeconds: SUCCESSOR_TIMEOUT,
    Retry: [{ ...RETRY[0], ErrorEquals: ["States.TaskFailed"] }],
    Next: "continued",
  },
  continued: { Type: "Succeed", OutputPath: "$.run" },
  done: { Type: "Succeed", OutputPath: "$.finished" },
  skipped: { Type: "Succeed", OutputPath: "$.run" },
  "skipped: lease": { Type: "Succeed", OutputPath: "$.outcome" },
});

/**
 * Returns the state machine of a source: `open` -> each resource in dependency order -> `finish`. It is written in JSONPath,
 * so that a local runner executes the definition that is deployed.
 *
 * @throws ConfigError for a resource that has the name of a fixed state.
 */
export const stateMachineDefinition = (source: ResolvedSource, targets: LambdaTargets): StateMachineDefinition => {
  const facts = sourceFactsOf(source);
  const names = facts.resources.map(({ name }) => name);
  const [first = "finish", second = "finish"] = names;
  const opening = openingStates(facts, first, targets);
  const closing = closingStates(facts, first, targets);
  const reserved = names.find((name) => Object.hasOwn(opening, name) || Object.hasOwn(closing, name));
  if (reserved !== undefined) {
    throw new ConfigError(
      `resource name "${reserved}" is the name of a state in every state machine: rename the resource, and keep its table with table_name: ${reserved}`,
      { source: source.name, resource: reserved },
    );
  }
  const resources = names.map((name, index) => resourceStates(name, names[index + 1] ?? "finish", targets));
  const States: Record<string, State> = Object.assign({ ...opening }, ...resources, closing);
  const transitions = countTransitions(States, first, second);
  States.open = { ...opening.open, Parameters: { ...opening.open.Parameters, transitions } };
  return { Comment: `restlake: ${source.name}`, StartAt: "start", TimeoutSeconds: EXECUTION_TIMEOUT, States };
};
