import { LAMBDA_TIMEOUT, STEP_TIMEOUT } from "./definition.ts";
import { memoryEnvironment } from "./memory.ts";
import { checkUnique, lambdaKey, lambdaName, logGroupLogicalId, pascalCase, secretName, serviceName } from "./names.ts";
import type { SourceOverrides, StackOptions } from "./options.ts";
import { lambdaRoleLogicalId } from "./roles.ts";
import type { DeployedSource } from "./sources.ts";

/** Lambdas that all state machines share. */
export const STATE_MACHINE_LAMBDAS = ["open", "finish"] as const;

/** Name of the log group of `open` and `finish`, which their names contain, too. */
export const STATE_MACHINE_LOG_GROUP = "state_machine";

/** Returns the key of `open` or `finish` in serverless.yml. */
export const stateMachineLambdaKey = (name: (typeof STATE_MACHINE_LAMBDAS)[number]): string =>
  `StateMachine${pascalCase(name)}`;

/** Returns the name of the bundle of `open` or `finish`. No source's bundle has an underscore. */
export const stateMachineBundle = (name: (typeof STATE_MACHINE_LAMBDAS)[number]): string =>
  `${STATE_MACHINE_LOG_GROUP}-${name}`;

/** Returns the timeout of a source's Lambdas in seconds. */
export const timeoutOf = (overrides: SourceOverrides | undefined): number => overrides?.timeout ?? LAMBDA_TIMEOUT;

/** A Lambda of the stack, with what its key is made of. */
interface KeyedLambda {
  key: string;
  what: string;
  lambda: object;
}

const stateMachineLambdas = (options: StackOptions, shared: object): KeyedLambda[] =>
  STATE_MACHINE_LAMBDAS.map((name) => {
    const key = stateMachineLambdaKey(name);
    const lambda = {
      handler: `${stateMachineBundle(name)}.handler`,
      name: lambdaName(options, STATE_MACHINE_LOG_GROUP, name),
      description: `restlake: the ${name} state of every state machine`,
      timeout: STEP_TIMEOUT,
      memorySize: options.memory,
      role: lambdaRoleLogicalId(key),
      disableLogs: true,
      environment: { ...memoryEnvironment(options.memory), ...shared },
    };
    return { key, what: `the Lambda of ${name}`, lambda };
  });

const sourceLambdas = (options: StackOptions, shared: object, { bundle, resolved }: DeployedSource): KeyedLambda[] => {
  const { name: source, resources } = resolved;
  const overrides = options.overrides[source];
  const memory = overrides?.memory ?? options.memory;
  return resources.map(({ name: resource }) => {
    const key = lambdaKey(source, resource);
    const lambda = {
      handler: `${bundle}.handler`,
      name: lambdaName(options, source, resource),
      description: `restlake: ${source}.${resource}`,
      timeout: timeoutOf(overrides),
      memorySize: memory,
      role: lambdaRoleLogicalId(key),
      disableLogs: true,
      environment: {
        ...memoryEnvironment(memory),
        ...shared,
        RESTLAKE_SECRET: secretName(options, source),
        RESTLAKE_RESOURCE: resource,
        ...(overrides?.base_url ? { RESTLAKE_BASE_URL: overrides.base_url } : {}),
        ...(options.allowed_addresses ? { RESTLAKE_ALLOWED_ADDRESSES: options.allowed_addresses } : {}),
      },
    };
    return { key, what: `${source}.${resource}`, lambda };
  });
};

/**
 * Returns every Lambda of the stack, as serverless.yml's `functions`: one per resource, and `open` and `finish`.
 *
 * Lambda's two retries of asynchronous invocations stay on. restlake does not invoke asynchronously, and turning them off takes
 * one resource per Lambda (AWS::Lambda::EventInvokeConfig), a third of a stack's maximum. A retry of an asynchronous
 * invocation by hand is harmless: like any second start, it resumes the run or finds its lease.
 *
 * @throws ConfigError when two Lambdas get the same key.
 */
export const lambdas = (options: StackOptions, sources: DeployedSource[]): Record<string, object> => {
  const shared = {
    RESTLAKE_BUCKET: options.bucket || { Ref: "Lake" },
    // The dimension of the metrics.
    POWERTOOLS_SERVICE_NAME: serviceName(options),
    POWERTOOLS_LOG_LEVEL: options.log_level,
  };
  const all = [
    ...stateMachineLambdas(options, shared),
    ...sources.flatMap((source) => sourceLambdas(options, shared, source)),
  ];
  checkUnique(all);
  return Object.fromEntries(all.map(({ key, lambda }) => [key, lambda]));
};

/** Returns the log group of each Lambda, by key. Each source has one log group, instead of one per Lambda. */
export const logGroupsByLambda = (sources: DeployedSource[]): Record<string, string> =>
  Object.fromEntries([
    ...STATE_MACHINE_LAMBDAS.map((name) => [stateMachineLambdaKey(name), logGroupLogicalId(STATE_MACHINE_LOG_GROUP)]),
    ...sources.flatMap(({ resolved }) =>
      resolved.resources.map(({ name }) => [lambdaKey(resolved.name, name), logGroupLogicalId(resolved.name)]),
    ),
  ]);
