import { alarms } from "./alarms.ts";
import { catalog } from "./catalog.ts";
import { dashboard } from "./dashboard.ts";
import { lambdas, logGroupsByFunction, MACHINE_FUNCTIONS, MACHINE_LOG_GROUP, machineFunctionKey } from "./lambdas.ts";
import {
  checkUnique,
  functionKey,
  functionLogicalId,
  logGroupLogicalId,
  pascalCase,
  stateMachineLogicalId,
} from "./names.ts";
import type { StackOptions } from "./options.ts";
import {
  finishRole,
  machineRole,
  machineRoleLogicalId,
  openRole,
  resourceRole,
  roleLogicalId,
  schedulerRole,
} from "./roles.ts";
import { schedules, startFailures } from "./schedules.ts";
import type { DeployedSource } from "./sources.ts";
import { stateMachines } from "./state-machines.ts";
import { bucket, logGroups, secrets } from "./storage.ts";

/**
 * The stack of these sources, in the parts that serverless.yml asks for.
 *
 * @throws ConfigError for names that do not go together.
 */
export const stack = (sources: DeployedSource[], options: StackOptions) => {
  const { overrides } = options;
  checkUnique([
    { key: pascalCase(MACHINE_LOG_GROUP), what: "functions/state-machine/" },
    ...sources.map(({ file, resolved }) => ({ key: pascalCase(resolved.name), what: file })),
  ]);
  const machineFunctions = MACHINE_FUNCTIONS.map(machineFunctionKey);
  const machineLogs = logGroupLogicalId(MACHINE_LOG_GROUP);

  const roles = Object.fromEntries<object>([
    [roleLogicalId(machineFunctionKey("open")), openRole(machineLogs)],
    [roleLogicalId(machineFunctionKey("finish")), finishRole(machineLogs)],
    ["SchedulerRole", schedulerRole(sources.map(({ resolved }) => stateMachineLogicalId(resolved.name)))],
    ...sources.flatMap(({ resolved }): [string, object][] => [
      [machineRoleLogicalId(stateMachineLogicalId(resolved.name)), machineRole(options, resolved, machineFunctions)],
      ...resolved.resources.map((resource): [string, object] => [
        roleLogicalId(functionKey(resolved.name, resource.name)),
        resourceRole(resolved, resource),
      ]),
    ]),
  ]);

  return {
    functions: lambdas(options, sources),
    resources: {
      ...bucket(options.bucket),
      ...secrets(options, sources),
      ...logGroups(
        options,
        [MACHINE_LOG_GROUP, ...sources.map(({ resolved }) => resolved.name)],
        options.log_retention_days,
      ),
      ...roles,
      ...stateMachines(options, sources),
      ...startFailures(),
      ...schedules(options, sources, overrides, options.schedules_enabled),
      ...alarms(options, sources),
      ...dashboard(options, sources),
      ...catalog(options, sources, options.catalog),
    },
    /** What the framework cannot say about a function itself: where it logs. */
    extensions: Object.fromEntries(
      Object.entries(logGroupsByFunction(sources)).map(([key, logGroup]) => [
        functionLogicalId(key),
        { Properties: { LoggingConfig: { LogFormat: "Text", LogGroup: { Ref: logGroup } } } },
      ]),
    ),
    outputs: {
      LakeName: { Description: "The bucket of the lake", Value: { Ref: "Lake" } },
      ...Object.fromEntries(
        sources.map(({ resolved: { name } }) => [
          `${stateMachineLogicalId(name)}Arn`,
          { Description: `The machine of ${name}`, Value: { Ref: stateMachineLogicalId(name) } },
        ]),
      ),
    },
  };
};
