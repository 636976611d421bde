import { catalog } from "./catalog.ts";
import {
  functions,
  logGroupsByFunction,
  MACHINE_FUNCTIONS,
  MACHINE_LOG_GROUP,
  machineFunctionKey,
  timeoutOf,
} from "./functions.ts";
import {
  checkUnique,
  functionKey,
  functionLogicalId,
  logGroupLogicalId,
  machineLogicalId,
  machineName,
  pascalCase,
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
import { schedules } from "./schedules.ts";
import type { DeployedSource } from "./sources.ts";
import { stateMachine } from "./state-machine.ts";
import { bucket, logGroups, secrets } from "./storage.ts";

const arnOf = (key: string) => ({ "Fn::GetAtt": [functionLogicalId(key), "Arn"] });

/**
 * The stack of these sources, in the parts that serverless.yml asks for.
 *
 * @throws ConfigError for names that do not go together.
 */
export const stack = (sources: DeployedSource[], options: StackOptions) => {
  const { overrides } = options;
  checkUnique([
    { key: pascalCase(MACHINE_LOG_GROUP), what: "functions/machine/" },
    ...sources.map(({ file, resolved }) => ({ key: pascalCase(resolved.name), what: file })),
  ]);
  const machineFunctions = MACHINE_FUNCTIONS.map(machineFunctionKey);
  const machineLogs = logGroupLogicalId(MACHINE_LOG_GROUP);

  const machines = Object.fromEntries(
    sources.map(({ resolved }) => [
      machineLogicalId(resolved.name),
      {
        id: machineLogicalId(resolved.name),
        name: machineName(options, resolved.name),
        role: { "Fn::GetAtt": [machineRoleLogicalId(machineLogicalId(resolved.name)), "Arn"] },
        definition: stateMachine(resolved, {
          open: arnOf(machineFunctionKey("open")),
          finish: arnOf(machineFunctionKey("finish")),
          resource: (name) => arnOf(functionKey(resolved.name, name)),
          timeout: timeoutOf(overrides[resolved.name]),
        }),
      },
    ]),
  );

  const roles = Object.fromEntries<object>([
    [roleLogicalId(machineFunctionKey("open")), openRole(machineLogs)],
    [roleLogicalId(machineFunctionKey("finish")), finishRole(machineLogs)],
    ["SchedulerRole", schedulerRole(sources.map(({ resolved }) => machineLogicalId(resolved.name)))],
    ...sources.flatMap(({ resolved }): [string, object][] => [
      [machineRoleLogicalId(machineLogicalId(resolved.name)), machineRole(options, resolved, machineFunctions)],
      ...resolved.resources.map((resource): [string, object] => [
        roleLogicalId(functionKey(resolved.name, resource.name)),
        resourceRole(resolved, resource),
      ]),
    ]),
  ]);

  return {
    functions: functions(options, sources),
    stateMachines: machines,
    resources: {
      ...bucket(options.bucket),
      ...secrets(options, sources),
      ...logGroups(
        options,
        [MACHINE_LOG_GROUP, ...sources.map(({ resolved }) => resolved.name)],
        options.log_retention_days,
      ),
      ...roles,
      ...schedules(options, sources, overrides, options.schedules_enabled),
      ...catalog(options, sources, options.catalog),
    },
    /** What the framework cannot say about a function itself: where it logs. */
    extensions: Object.fromEntries(
      Object.entries(logGroupsByFunction(sources)).map(([key, logGroup]) => [
        functionLogicalId(key),
        { Properties: { LoggingConfig: { LogFormat: "Text", LogGroup: { Ref: logGroup } } } },
      ]),
    ),
    outputs: { LakeName: { Description: "The bucket of the lake", Value: { Ref: "Lake" } } },
  };
};
