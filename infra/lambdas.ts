import { LAMBDA_TIMEOUT, STEP_TIMEOUT } from "./definition.ts";
import { memoryEnvironment } from "./memory.ts";
import { checkUnique, functionKey, functionName, logGroupLogicalId, pascalCase, secretName } from "./names.ts";
import type { SourceOverrides, StackOptions } from "./options.ts";
import { roleLogicalId } from "./roles.ts";
import type { DeployedSource } from "./sources.ts";

/** The machine's own Lambdas, shared by all sources. */
export const MACHINE_FUNCTIONS = ["open", "finish"] as const;

/** Log group of `open` and `finish`. */
export const MACHINE_LOG_GROUP = "machine";

/** Key of the `open` or `finish` function. */
export const machineFunctionKey = (name: (typeof MACHINE_FUNCTIONS)[number]): string => `Machine${pascalCase(name)}`;

/** Seconds that a source's Lambdas may take. */
export const timeoutOf = (overrides: SourceOverrides | undefined): number => overrides?.timeout ?? LAMBDA_TIMEOUT;

/**
 * Every Lambda of the stack, as serverless.yml's `functions`: one per resource, and `open` and `finish`.
 *
 * Nothing of ours invokes them asynchronously, so Lambda's two retries of asynchronous invocations stay as they are:
 * turning them off is a resource per function (AWS::Lambda::EventInvokeConfig), a third of what a stack may have. Who
 * invokes one so by hand gets what any second start gets: it goes on where the first one stopped, or finds its lease.
 */
export const lambdas = (options: StackOptions, sources: DeployedSource[]): Record<string, object> => {
  const lake = { RESTLAKE_BUCKET: options.bucket || { Ref: "Lake" } };
  const result: Record<string, object> = {};
  const keys: { key: string; what: string }[] = [];
  for (const step of MACHINE_FUNCTIONS) {
    const key = machineFunctionKey(step);
    keys.push({ key, what: `functions/state-machine/${step}.ts` });
    result[key] = {
      handler: `functions/state-machine/${step}.handler`,
      name: functionName(options, "machine", step),
      description: `restlake: the ${step} state of every machine`,
      timeout: STEP_TIMEOUT,
      memorySize: options.memory,
      role: roleLogicalId(key),
      disableLogs: true,
      environment: { ...memoryEnvironment(options.memory), ...lake },
    };
  }
  for (const { entry, resolved } of sources) {
    const own = options.overrides[resolved.name];
    const memory = own?.memory ?? options.memory;
    for (const { name: resource } of resolved.resources) {
      const key = functionKey(resolved.name, resource);
      keys.push({ key, what: `${resolved.name}.${resource}` });
      result[key] = {
        handler: `${entry}.handler`,
        name: functionName(options, resolved.name, resource),
        description: `restlake: ${resolved.name}.${resource}`,
        timeout: timeoutOf(own),
        memorySize: memory,
        role: roleLogicalId(key),
        disableLogs: true,
        environment: {
          ...memoryEnvironment(memory),
          ...lake,
          RESTLAKE_SECRET: secretName(options, resolved.name),
          RESTLAKE_RESOURCE: resource,
          ...(own?.base_url ? { RESTLAKE_BASE_URL: own.base_url } : {}),
        },
      };
    }
  }
  checkUnique(keys);
  return result;
};

/** The log group that each function writes to, by function key: one per source instead of one per function. */
export const logGroupsByFunction = (sources: DeployedSource[]): Record<string, string> =>
  Object.fromEntries([
    ...MACHINE_FUNCTIONS.map((step) => [machineFunctionKey(step), logGroupLogicalId(MACHINE_LOG_GROUP)]),
    ...sources.flatMap(({ resolved }) =>
      resolved.resources.map(({ name }) => [functionKey(resolved.name, name), logGroupLogicalId(resolved.name)]),
    ),
  ]);
