import { ConfigError } from "../lib/errors/index.ts";
import { machineLogicalId, pascalCase, type StackName, scheduleName } from "./names.ts";
import type { SourceOverrides } from "./options.ts";
import type { DeployedSource } from "./sources.ts";

/** A schedule whose expression nobody gave: once a night. */
const DEFAULT_SCHEDULE = "cron(0 3 * * ? *)";
/** Seconds; a start that cannot be delivered for so long is better left to the next night. */
const OLDEST_START = 60 * 60;
/** CloudFormation's id of the queue for starts that could not be delivered. */
export const START_FAILURES = "StartFailures";
/** The longest that SQS keeps a message. Seconds. */
const LONGEST_RETENTION = 14 * 24 * 60 * 60;

/** minutes hours day-of-month month day-of-week year */
const CRON_FIELDS = 6;

/** What EventBridge Scheduler would refuse in the middle of a deployment; null for an expression that is right. */
export const wrongSchedule = (expression: string): string | null => {
  if (/^rate\([1-9]\d* (minute|hour|day)s?\)$/.test(expression)) return null;
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (fields.length === CRON_FIELDS && (dayOfMonth === "?" || dayOfWeek === "?")) return null;
  return `must be rate(12 hours), or cron(...) with six fields of which one day is "?", such as ${DEFAULT_SCHEDULE} (it is ${JSON.stringify(expression)})`;
};

const expressionOf = ({ file, source }: DeployedSource, overrides: SourceOverrides | undefined): string => {
  const { schedule = DEFAULT_SCHEDULE } = source.settings;
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
          ScheduleExpressionTimezone: own?.timezone ?? source.settings.timezone ?? "UTC",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: { Ref: machineLogicalId(resolved.name) },
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
