import { METRICS_NAMESPACE } from "../lib/metering/metrics-namespace.ts";
import { HOUR, MINUTE, SECOND } from "../lib/time/durations.ts";
import { pascalCase, type StackName, serviceName, stateMachineLogicalId } from "./names.ts";
import type { StackOptions } from "./options.ts";
import { START_FAILURES } from "./schedules.ts";
import type { DeployedSource } from "./sources.ts";

/** Evaluation periods. Seconds. */
const FIVE_MINUTES = (5 * MINUTE) / SECOND;
const ONE_HOUR = HOUR / SECOND;

/** Logical id of the topic for all alarms of sources without a separate topic. */
const TOPIC = "AlarmTopic";

const topic = (displayName: string, email: string) => ({
  Type: "AWS::SNS::Topic",
  Properties: {
    DisplayName: displayName,
    ...(email === "" ? {} : { Subscription: [{ Protocol: "email", Endpoint: email }] }),
  },
});

/** Returns one of restlake's custom metrics, of one source. */
export const sourceMetric = (stack: StackName, source: string, name: string) => ({
  Namespace: METRICS_NAMESPACE,
  MetricName: name,
  Dimensions: [
    { Name: "service", Value: serviceName(stack) },
    { Name: "source", Value: source },
  ],
});

/** When an alarm is raised, and its message. */
interface Condition {
  description: string;
  properties: object;
}

/** Executions that failed, timed out or were aborted. Step Functions has a metric for each. */
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
      Period: FIVE_MINUTES,
      Stat: "Sum",
    },
  });
  return {
    description: `An execution of ${source} failed. Its error lists the failed resources. The run stays open, and the next start resumes it.`,
    properties: {
      Metrics: [
        metric("failed", "ExecutionsFailed"),
        metric("timedout", "ExecutionsTimedOut"),
        metric("aborted", "ExecutionsAborted"),
        { Id: "all", Expression: "FILL(failed, 0) + FILL(timedout, 0) + FILL(aborted, 0)", Label: "unsuccessful" },
      ],
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    },
  };
};

/** No run was completed. Step Functions has no metric for it, because a skipped execution succeeds, too. */
const stale = (stack: StackName, source: string, hours: number): Condition => ({
  description: `No run of ${source} was completed in the last ${hours} hours. Check whether its schedule is enabled and whether an execution is running.`,
  properties: {
    ...sourceMetric(stack, source, "duration"),
    Statistic: "SampleCount",
    Period: ONE_HOUR,
    EvaluationPeriods: hours,
    Threshold: 1,
    ComparisonOperator: "LessThanThreshold",
    TreatMissingData: "breaching",
  },
});

const empty = (stack: StackName, source: string): Condition => ({
  description: `A resource of ${source} that had rows before has none now. The report names it. Check whether the API changed, or whether the key lost permissions.`,
  properties: {
    ...sourceMetric(stack, source, "empty_resources"),
    Statistic: "Maximum",
    Period: ONE_HOUR,
    EvaluationPeriods: 1,
    Threshold: 1,
    ComparisonOperator: "GreaterThanOrEqualToThreshold",
    TreatMissingData: "notBreaching",
  },
});

const throttled = (stack: StackName, source: string, percent: number): Condition => ({
  description: `A run of ${source} spent more than ${percent} % of its time waiting for the API. Set client.rate_limit, or start the run earlier.`,
  properties: {
    ...sourceMetric(stack, source, "throttled_percent"),
    Statistic: "Maximum",
    Period: ONE_HOUR,
    EvaluationPeriods: 1,
    Threshold: percent,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
  },
});

const startFailed: Condition = {
  description: "A schedule could not start its state machine. The message in the queue says which one, and why.",
  properties: {
    Namespace: "AWS/SQS",
    MetricName: "ApproximateNumberOfMessagesVisible",
    Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [START_FAILURES, "QueueName"] } }],
    Statistic: "Maximum",
    Period: FIVE_MINUTES,
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

/** Alarms of one source, by the end of their names. `stale` exists only where schedules are enabled. */
const conditionsOf = (options: StackOptions, source: string): Record<string, Condition> => {
  const staleAfter = options.overrides[source]?.stale_after_hours ?? options.stale_after_hours;
  return {
    failed: failed(source),
    ...(options.schedules_enabled && { stale: stale(options, source, staleAfter) }),
    empty: empty(options, source),
    throttled: throttled(options, source, options.throttled_percent),
  };
};

/**
 * Returns the alarms: four per source, one for starts that failed, and their topics.
 *
 * @returns nothing where alarms are disabled.
 */
export const alarms = (options: StackOptions, sources: DeployedSource[]): Record<string, object> => {
  if (!options.alarms_enabled) return {};
  const alarmName = (suffix: string) => `${serviceName(options)}-${suffix}`;
  const result: Record<string, object> = {
    [TOPIC]: topic(serviceName(options), options.alarm_email),
    [`${START_FAILURES}Alarm`]: alarm(alarmName("start-failed"), TOPIC, startFailed),
  };
  for (const { name } of sources.map(({ resolved }) => resolved)) {
    const email = options.overrides[name]?.alarm_email;
    const topicId = email === undefined ? TOPIC : `${pascalCase(name)}AlarmTopic`;
    if (email !== undefined) result[topicId] = topic(alarmName(name), email);
    for (const [condition, definition] of Object.entries(conditionsOf(options, name))) {
      const id = `${pascalCase(name)}${pascalCase(condition)}Alarm`;
      result[id] = alarm(alarmName(`${name}-${condition}`), topicId, definition);
    }
  }
  return result;
};
