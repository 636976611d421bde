import { METRICS_NAMESPACE } from "../lib/metering/metrics-namespace.ts";
import { pascalCase, type StackName, serviceName, stateMachineLogicalId } from "./names.ts";
import type { StackOptions } from "./options.ts";
import { START_FAILURES } from "./schedules.ts";
import type { DeployedSource } from "./sources.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** CloudFormation's id of the topic that alarms go to, where a source has none of its own. */
const TOPIC = "AlarmTopic";

const topic = (description: string, email: string) => ({
  Type: "AWS::SNS::Topic",
  Properties: {
    DisplayName: description,
    ...(email === "" ? {} : { Subscription: [{ Protocol: "email", Endpoint: email }] }),
  },
});

/** A metric of restlake's own, of one source. */
export const sourceMetric = (stack: StackName, source: string, name: string) => ({
  Namespace: METRICS_NAMESPACE,
  MetricName: name,
  Dimensions: [
    { Name: "service", Value: serviceName(stack) },
    { Name: "source", Value: source },
  ],
});

interface Condition {
  description: string;
  properties: object;
}

/** Executions that ended badly, whichever way: Step Functions has a metric for each. */
const failed = (source: string): Condition => {
  const metric = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: "AWS/States",
        MetricName,
        Dimensions: [{ Name: "StateMachineArn", Value: { Ref: stateMachineLogicalId(source) } }],
      },
      Period: 5 * MINUTE,
      Stat: "Sum",
    },
  });
  return {
    description: `An execution of ${source} failed. Its error names the resources; the run stays open, and the next start goes on with it.`,
    properties: {
      Metrics: [
        metric("failed", "ExecutionsFailed"),
        metric("timedout", "ExecutionsTimedOut"),
        metric("aborted", "ExecutionsAborted"),
        { Id: "all", Expression: "FILL(failed, 0) + FILL(timedout, 0) + FILL(aborted, 0)", Label: "ended badly" },
      ],
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    },
  };
};

/** No run was completed: an execution that was skipped succeeds too, so Step Functions' own count says nothing. */
const stale = (stack: StackName, source: string, hours: number): Condition => ({
  description: `No run of ${source} was completed for ${hours} hours: is its schedule on, and does an execution run?`,
  properties: {
    ...sourceMetric(stack, source, "duration"),
    Statistic: "SampleCount",
    Period: HOUR,
    EvaluationPeriods: hours,
    Threshold: 1,
    ComparisonOperator: "LessThanThreshold",
    TreatMissingData: "breaching",
  },
});

const empty = (stack: StackName, source: string): Condition => ({
  description: `A resource of ${source} that had rows has none any more: its report names it. An API that changed, or a key that sees less?`,
  properties: {
    ...sourceMetric(stack, source, "empty_resources"),
    Statistic: "Maximum",
    Period: HOUR,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
  },
});

const throttled = (stack: StackName, source: string, percent: number): Condition => ({
  description: `More than ${percent} % of a run of ${source} was waiting for its API: give the client a rate_limit, or start earlier.`,
  properties: {
    ...sourceMetric(stack, source, "throttled_percent"),
    Statistic: "Maximum",
    Period: HOUR,
    EvaluationPeriods: 1,
    Threshold: percent,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
  },
});

const startFailed: Condition = {
  description: "A schedule could not start its machine: the message in the queue says which, and why.",
  properties: {
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [START_FAILURES, "QueueName"] } }],
    Statistic: "Maximum",
    Period: 5 * MINUTE,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
  },
};

const alarm = (AlarmName: string, topicId: string, { description, properties }: Condition) => ({
  Type: "AWS::CloudWatch::Alarm",
  Properties: {
    AlarmName,
    AlarmDescription: description,
    ...properties,
    AlarmActions: [{ Ref: topicId }],
    OKActions: [{ Ref: topicId }],
  },
});

/**
 * What someone is told of at night: four alarms per source, one for starts that failed, and the topics that they go to. That
 * nothing was completed is only told where schedules are on.
 *
 * @returns nothing where alarms are off.
 */
export const alarms = (options: StackOptions, sources: DeployedSource[]): Record<string, object> => {
  if (!options.alarms_enabled) return {};
  const named = (what: string) => `${serviceName(options)}-${what}`;
  const result: Record<string, object> = {
    [TOPIC]: topic(serviceName(options), options.alarm_email),
    [`${START_FAILURES}Alarm`]: alarm(named("start-failed"), TOPIC, startFailed),
  };
  for (const { resolved } of sources) {
    const { name } = resolved;
    const own = options.overrides[name];
    const id = pascalCase(name);
    const topicId = own?.alarm_email === undefined ? TOPIC : `${id}AlarmTopic`;
    if (own?.alarm_email !== undefined) result[topicId] = topic(named(name), own.alarm_email);
    const conditions: Record<string, Condition> = {
      failed: failed(name),
      ...(options.schedules_enabled && {
        stale: stale(options, name, own?.stale_after_hours ?? options.stale_after_hours),
      }),
      empty: empty(options, name),
      throttled: throttled(options, name, options.throttled_percent),
    };
    for (const [what, condition] of Object.entries(conditions)) {
      result[`${id}${pascalCase(what)}Alarm`] = alarm(named(`${name}-${what}`), topicId, condition);
    }
  }
  return result;
};
