import type { SourceOverrides } from "./functions.ts";
import { machineLogicalId, machineName, pascalCase, type StackName } from "./names.ts";
import type { DeployedSource } from "./sources.ts";

/** A schedule whose expression nobody gave: once a night. */
const DEFAULT_SCHEDULE = "cron(0 3 * * ? *)";
/** Seconds; a start that cannot be delivered for so long is better left to the next night. */
const OLDEST_START = 60 * 60;

/**
 * One EventBridge Scheduler schedule per source; it starts the machine with `{}`.
 *
 * @param enabled off in dev: schedules exist, and do not fire.
 */
export const schedules = (
  stack: StackName,
  sources: DeployedSource[],
  overrides: Record<string, SourceOverrides>,
  enabled: boolean,
) =>
  Object.fromEntries(
    sources.map(({ source, resolved: { name } }) => [
      `${pascalCase(name)}Schedule`,
      {
        Type: "AWS::Scheduler::Schedule",
        Properties: {
          Name: machineName(stack, name).slice(0, 64),
          Description: `restlake: starts ${name}`,
          State: enabled ? "ENABLED" : "DISABLED",
          ScheduleExpression: overrides[name]?.schedule ?? source.settings.schedule ?? DEFAULT_SCHEDULE,
          ScheduleExpressionTimezone: overrides[name]?.timezone ?? source.settings.timezone ?? "UTC",
          FlexibleTimeWindow: { Mode: "OFF" },
          Target: {
            Arn: { Ref: machineLogicalId(name) },
            RoleArn: { "Fn::GetAtt": ["SchedulerRole", "Arn"] },
            Input: "{}",
            RetryPolicy: { MaximumEventAgeInSeconds: OLDEST_START, MaximumRetryAttempts: 10 },
          },
        },
      },
    ]),
  );
