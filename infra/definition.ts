import type { ResolvedSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { resourceFactsOf } from "../lib/run/source-facts.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A Lambda's longest time; the framework's default for our functions. Seconds. */
export const LAMBDA_TIMEOUT = 15 * MINUTE;
/** Timeout of `open` and `finish`. Seconds. */
export const STEP_TIMEOUT = 5 * MINUTE;
/** Queueing and cold start come on top of a Lambda's own time. */
const TASK_MARGIN = 2 * MINUTE;
/** Longer than any run may be open. */
const MACHINE_TIMEOUT = 14 * DAY;
/**
 * A round of a resource is at most 13 events, and 28 when its Task is retried as often as can be; the history holds
 * 25,000. The machine starts itself anew well before that, and leaves room for the first round of 200 resources.
 */
export const MOST_ROUNDS = 700;

/** Errors of the Lambda service itself, as Step Functions names them: another attempt helps. */
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
    MaxDelaySeconds: MINUTE,
    JitterStrategy: "FULL",
  },
];

/** Where the machine finds its Lambdas: ARNs, or CloudFormation's way to them. */
export interface MachineTargets {
  open: string;
  finish: string;
  resource(name: string): string;
  /** Seconds that a resource's Lambda may take. */
  timeout: number;
}

/** Names of the states around a resource; the Task's name is the resource's. */
export const stateNames = (resource: string) => ({
  task: resource,
  outcome: `${resource}: outcome`,
  wait: `${resource}: wait`,
  round: `${resource}: round`,
  limit: `${resource}: limit`,
});

const is = (status: string, Next: string) => ({ Variable: "$.outcome.status", StringEquals: status, Next });

/** Task -> Choice -> (Wait ->) the Task again, or on to the next state; a failure is recorded and does not stop others. */
const resourceStates = (name: string, next: string, targets: MachineTargets) => {
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
        is("done", next),
        is("partial", states.round),
        is("throttled", states.wait),
        {
          And: [
            { Variable: "$.outcome.reason", IsPresent: true },
            { Variable: "$.outcome.reason", StringEquals: "not_in_run" },
          ],
          Next: next,
        },
      ],
      // Someone else has the source's lease: this execution ends whole.
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
      Choices: [{ Variable: "$.counter.rounds", NumericGreaterThanEquals: MOST_ROUNDS, Next: "successor" }],
      Default: states.task,
    },
  };
};

/** What comes before the resources. */
const openingStates = (facts: object, first: string, targets: MachineTargets) => ({
  start: {
    Type: "Pass",
    Parameters: { "input.$": "$", failures: {}, counter: { rounds: 0 } },
    Next: "open",
  },
  open: {
    Type: "Task",
    Resource: targets.open,
    Parameters: { ...facts, "input.$": "$.input", "owner.$": "$$.Execution.Id" },
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
});

/** What comes after the resources, and the ways out. */
const closingStates = (facts: object, first: string, targets: MachineTargets) => ({
  finish: {
    Type: "Task",
    Resource: targets.finish,
    Parameters: { ...facts, "run.$": "$.run", "failures.$": "$.failures" },
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
    TimeoutSeconds: MINUTE,
    Retry: [{ ...RETRY[0], ErrorEquals: ["States.TaskFailed"] }],
    Next: "continued",
  },
  continued: { Type: "Succeed", OutputPath: "$.run" },
  done: { Type: "Succeed", OutputPath: "$.finished" },
  skipped: { Type: "Succeed", OutputPath: "$.run" },
  "skipped: lease": { Type: "Succeed", OutputPath: "$.outcome" },
});

/**
 * The machine of a source (DESIGN 5): `open` -> each resource in dependency order -> `finish`. JSONPath, so that a
 * local runner executes the very definition that is deployed.
 *
 * @throws ConfigError for a resource that is named like a state of the machine's own.
 */
export const stateMachine = (source: ResolvedSource, targets: MachineTargets) => {
  const resources = resourceFactsOf(source);
  const { max_run_age, fresh_after } = source.settings;
  const facts = { source: source.name, resources, bounds: { max_run_age, fresh_after } };
  const names = resources.map(({ name }) => name);
  const first = names[0] ?? "finish";

  const opening = openingStates(facts, first, targets);
  const closing = closingStates(facts, first, targets);
  const taken = names.find((name) => name in opening || name in closing);
  if (taken !== undefined) {
    throw new ConfigError(
      `the machine has a state "${taken}" of its own: name the resource otherwise, and give it table_name: ${taken}`,
      { source: source.name, resource: taken },
    );
  }
  return {
    Comment: `restlake: ${source.name}`,
    StartAt: "start",
    TimeoutSeconds: MACHINE_TIMEOUT,
    States: {
      ...opening,
      ...Object.assign({}, ...names.map((name, index) => resourceStates(name, names[index + 1] ?? "finish", targets))),
      ...closing,
    },
  };
};

/** The machine of a source as a plain definition. */
export type StateMachineDefinition = ReturnType<typeof stateMachine>;
