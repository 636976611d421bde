import { ConfigError } from "../lib/errors/index.ts";
import { sha256 } from "../lib/json/hash.ts";

/** Maximum length of a name in Lambda and IAM. */
const MAX_LAMBDA_NAME = 64;
/** Maximum length of a name in Step Functions. */
const MAX_STATE_MACHINE_NAME = 80;
/** Maximum length of a name in EventBridge Scheduler. */
const MAX_SCHEDULE_NAME = 64;
const TAG_LENGTH = 8;

/** Service and stage of a stack: `restlake`, `dev`. */
export interface StackName {
  service: string;
  stage: string;
}

/** Returns the name of a stack and of its metrics. It contains the stage, so that several stages can share an account. */
export const serviceName = ({ service, stage }: StackName): string => `${service}-${stage}`;

/** Shortens a name that is too long; the end is then a hash of the whole name. */
const shorten = (name: string, maxLength: number): string => {
  if (name.length <= maxLength) return name;
  const tag = sha256(name).slice(0, TAG_LENGTH);
  return `${name.slice(0, maxLength - TAG_LENGTH - 1)}-${tag}`;
};

/** `order_management` -> `OrderManagement`: logical ids in CloudFormation are alphanumeric. */
export const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()).replaceAll("_", "");

/** Returns the key of a resource's Lambda in serverless.yml, which its logical ids start with. */
export const lambdaKey = (source: string, resource: string): string => pascalCase(source) + pascalCase(resource);

/** Returns the logical id of a Lambda, which the framework derives from the key. */
export const lambdaLogicalId = (key: string): string => `${key}LambdaFunction`;

/** Returns the name of a Lambda in AWS. */
export const lambdaName = ({ service, stage }: StackName, ...parts: string[]): string =>
  shorten([service, stage, ...parts].join("-"), MAX_LAMBDA_NAME);

/** Returns the name of a source's state machine in AWS. */
export const stateMachineName = ({ service, stage }: StackName, source: string): string =>
  shorten([service, stage, source].join("-"), MAX_STATE_MACHINE_NAME);

/** Returns the name of a source's schedule in AWS. */
export const scheduleName = ({ service, stage }: StackName, source: string): string =>
  shorten([service, stage, source].join("-"), MAX_SCHEDULE_NAME);

/** Returns the logical id of a source's state machine. */
export const stateMachineLogicalId = (source: string): string => `${pascalCase(source)}StateMachine`;

/** Returns the logical id of a source's secret. */
export const secretLogicalId = (source: string): string => `${pascalCase(source)}Secret`;

/** Returns the logical id of a source's log group. */
export const logGroupLogicalId = (source: string): string => `${pascalCase(source)}LogGroup`;

/** Returns the name of a source's secret in Secrets Manager. */
export const secretName = ({ service, stage }: StackName, source: string): string => `${service}/${stage}/${source}`;

/**
 * Checks that no two things get the same CloudFormation id: `a_b` + `c` and `a` + `b_c` do, and so do `a1` and `a_1`.
 *
 * @throws ConfigError naming both.
 */
export const checkUnique = (keys: { key: string; what: string }[]): void => {
  const seen = new Map<string, string>();
  for (const { key, what } of keys) {
    const other = seen.get(key);
    if (other !== undefined) {
      throw new ConfigError(`${what} and ${other} get the same CloudFormation id (${key}): rename one of them`);
    }
    seen.set(key, what);
  }
};
