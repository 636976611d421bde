import { SCHEDULE_DEFAULTS } from "../lib/config/defaults.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { pascalCase, type StackName, scheduleName, stateMachineLogicalId } from "./names.ts";
import type { SourceOverrides } from "./options.ts";
import { wrongSchedule } from "./schedule-expression.ts";
import type { DeployedSource } from "./sources.ts";

/** Seconds; a start that cannot be delivered for so long is better left to the next night. */
const OLDEST_START = 60 * 60;
/** CloudFormation's id of the queue for starts that could not be delivered. */
export const START_FAILURES = "StartFailures";
/** The longest that SQS keeps a message. Seconds. */
const LONGEST_RETENTION = 14 * 24 * 60 * 60;

const expressionOf = ({ file, source }: DeployedSource, overrides: SourceOverrides | undefined): string => {
  const { schedule = SCHEDULE_DEFAULTS.schedule } = source.settings;
  const problem = wrongSchedule(schedule);
  if (problem !== null) throw new ConfigError(`${file}: settings: schedule: ${problem}`);
  return overrides?.schedule ?? schedule;
};

/** Where a start ends up that was tried in vain: it tells what would otherwise be a night without data and without a word. */
export const startFailures = () => ({
  [START_FAILURES]: {
    Type: "AWS::SQS::Queue",
    Properties: { SqsManagedSseEnabled: true, MessageRetentionPeriod: LONGEST_RETENTION },
  },
});

/**
 * One EventBridge Scheduler schedule per source; it starts the machine with `{}`.
 *
 * @param enabled off in dev: schedules exist, and do not fire.
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
      const own = overrides[resolved.name];
      const schedule = {
        Type: "AWS::Scheduler::Schedule",
        Properties: {
          Name: scheduleName(stack, resolved.name),
          Description: `restlake: starts ${resolved.name}`,
          State: enabled ? "ENABLED" : "DISABLED",
          ScheduleExpression: expressionOf(deployed, own),
          ScheduleExpressionTimezone: own?.timezone ?? source.settings.timezone ?? SCHEDULE_DEFAULTS.timezone,
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: { Ref: stateMachineLogicalId(resolved.name) },
            RoleArn: { "Fn::GetAtt": ["SchedulerRole", "Arn"] },
            Input: "{}",
            DeadLetterConfig: { Arn: { "Fn::GetAtt": [START_FAILURES, "Arn"] } },
            RetryPolicy: { MaximumEventAgeInSeconds: OLDEST_START, MaximumRetryAttempts: 10 },
          },
        },
      };
      return [`${pascalCase(resolved.name)}Schedule`, schedule];
    }),
  );
