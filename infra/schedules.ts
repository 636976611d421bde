import { SCHEDULE_DEFAULTS } from "../lib/config/defaults.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { DAY, HOUR, SECOND } from "../lib/time/durations.ts";
import { pascalCase, type StackName, scheduleName, stateMachineLogicalId } from "./names.ts";
import type { SourceOverrides } from "./options.ts";
import { wrongSchedule } from "./schedule-expression.ts";
import type { DeployedSource } from "./sources.ts";

/** How long EventBridge Scheduler retries a start. After that, the next scheduled start will do. Seconds. */
const MAX_START_AGE = HOUR / SECOND;
/** Logical id of the queue for starts that could not be delivered. */
export const START_FAILURES = "StartFailures";
/** SQS's maximum retention of a message. Seconds. */
const MAX_RETENTION = (14 * DAY) / SECOND;

const expressionOf = ({ file, source }: DeployedSource, overrides: SourceOverrides | undefined): string => {
  const { schedule = SCHEDULE_DEFAULTS.schedule } = source.settings;
  const problem = wrongSchedule(schedule);
  if (problem !== null) throw new ConfigError(`${file}: settings: schedule: ${problem}`);
  return overrides?.schedule ?? schedule;
};

/** Returns the dead-letter queue for starts. An alarm reports its messages: without it, a failed start would go unnoticed. */
export const startFailures = () => ({
  [START_FAILURES]: {
    Type: "AWS::SQS::Queue",
    Properties: { SqsManagedSseEnabled: true, MessageRetentionPeriod: MAX_RETENTION },
  },
});

/**
 * Returns one EventBridge Scheduler schedule per source, which starts its state machine with `{}`.
 *
 * @param enabled whether the schedules fire.
 * @throws ConfigError for an expression that EventBridge Scheduler would refuse.
 */
export const schedules = (
  stack: StackName,
  sources: DeployedSource[],
  overrides: Record<string, SourceOverrides>,
  enabled: boolean,
) =>
  Object.fromEntries(
    sources.map((deployed) => {
      const { source, resolved } = deployed;
      const override = overrides[resolved.name];
      const schedule = {
        Type: "AWS::Scheduler::Schedule",
        Properties: {
          Name: scheduleName(stack, resolved.name),
          Description: `restlake: starts ${resolved.name}`,
          State: enabled ? "ENABLED" : "DISABLED",
          ScheduleExpression: expressionOf(deployed, override),
          ScheduleExpressionTimezone: override?.timezone ?? source.settings.timezone ?? SCHEDULE_DEFAULTS.timezone,
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: { Ref: stateMachineLogicalId(resolved.name) },
            RoleArn: { "Fn::GetAtt": ["SchedulerRole", "Arn"] },
            Input: "{}",
            DeadLetterConfig: { Arn: { "Fn::GetAtt": [START_FAILURES, "Arn"] } },
            RetryPolicy: { MaximumEventAgeInSeconds: MAX_START_AGE, MaximumRetryAttempts: 10 },
          },
        },
      };
      return [`${pascalCase(resolved.name)}Schedule`, schedule];
    }),
  );
