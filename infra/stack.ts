import { alarms } from "./alarms.ts";
import { catalog } from "./catalog.ts";
import { dashboard } from "./dashboard.ts";
import {
  lambdas,
  logGroupsByLambda,
  STATE_MACHINE_LAMBDAS,
  STATE_MACHINE_LOG_GROUP,
  stateMachineLambdaKey,
} from "./lambdas.ts";
import {
  checkUnique,
  lambdaKey,
  lambdaLogicalId,
  logGroupLogicalId,
  pascalCase,
  stateMachineLogicalId,
} from "./names.ts";
import type { StackOptions } from "./options.ts";
import {
  finishRole,
  lambdaRoleLogicalId,
  openRole,
  resourceRole,
  schedulerRole,
  stateMachineRole,
  stateMachineRoleLogicalId,
} from "./roles.ts";
import { schedules, startFailures } from "./schedules.ts";
import type { DeployedSource } from "./sources.ts";
import { stateMachines } from "./state-machines.ts";
import { bucket, logGroups, secrets } from "./storage.ts";

const roles = (options: StackOptions, sources: DeployedSource[]): Record<string, object> => {
  const logGroup = logGroupLogicalId(STATE_MACHINE_LOG_GROUP);
  const shared = STATE_MACHINE_LAMBDAS.map(stateMachineLambdaKey);
  return Object.fromEntries<object>([
    [lambdaRoleLogicalId(stateMachineLambdaKey("open")), openRole(logGroup)],
    [lambdaRoleLogicalId(stateMachineLambdaKey("finish")), finishRole(logGroup)],
    ["SchedulerRole", schedulerRole(sources.map(({ resolved }) => resolved.name))],
    ...sources.flatMap(({ resolved }): [string, object][] => [
      [stateMachineRoleLogicalId(resolved.name), stateMachineRole(options, resolved, shared)],
      ...resolved.resources.map((resource): [string, object] => [
        lambdaRoleLogicalId(lambdaKey(resolved.name, resource.name)),
        resourceRole(resolved, resource),
      ]),
    ]),
  ]);
};

/**
 * Returns the stack of these sources, as the sections of serverless.yml.
 *
 * @throws ConfigError for names that conflict.
 */
export const stack = (sources: DeployedSource[], options: StackOptions) => {
  const names = sources.map(({ resolved }) => resolved.name);
  checkUnique([
    { key: pascalCase(STATE_MACHINE_LOG_GROUP), what: "the Lambdas open and finish" },
    ...sources.map(({ file, resolved }) => ({ key: pascalCase(resolved.name), what: file })),
  ]);
  return {
    functions: lambdas(options, sources),
    resources: {
      ...bucket(options.bucket),
      ...secrets(options, sources),
      ...logGroups(options, [STATE_MACHINE_LOG_GROUP, ...names], options.log_retention_days),
      ...roles(options, sources),
      ...stateMachines(options, sources),
      ...startFailures(),
      ...schedules(options, sources, options.overrides, options.schedules_enabled),
      ...alarms(options, sources),
      ...dashboard(options, sources),
      ...catalog(options, sources, options.catalog),
    },
    /** The log group of each Lambda, which `functions` cannot set. */
    extensions: Object.fromEntries(
      Object.entries(logGroupsByLambda(sources)).map(([key, logGroup]) => [
        lambdaLogicalId(key),
        { Properties: { LoggingConfig: { LogFormat: "Text", LogGroup: { Ref: logGroup } } } },
      ]),
    ),
    outputs: {
      LakeName: { Description: "Bucket of the lake", Value: { Ref: "Lake" } },
      ...Object.fromEntries(
        names.map((name) => [
          `${stateMachineLogicalId(name)}Arn`,
          { Description: `State machine of ${name}`, Value: { Ref: stateMachineLogicalId(name) } },
        ]),
      ),
    },
  };
};
