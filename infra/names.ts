import { ConfigError } from "../lib/errors/index.ts";
import { sha256 } from "../lib/json/hash.ts";

/** Lambda's and IAM's longest name. */
const LONGEST_FUNCTION_NAME = 64;
/** Step Functions' longest name. */
const LONGEST_MACHINE_NAME = 80;
/** EventBridge Scheduler's longest name. */
const LONGEST_SCHEDULE_NAME = 64;
const TAG_LENGTH = 8;

/** What a stack is called: `restlake`, `dev`. */
export interface StackName {
  service: string;
  stage: string;
}

/** Name of a stack, and of all its metrics: two stages in one account do not mix. */
export const serviceName = ({ service, stage }: StackName): string => `${service}-${stage}`;

const cut = (name: string, longest: number): string => {
  if (name.length <= longest) return name;
  const tag = sha256(name).slice(0, TAG_LENGTH);
  return `${name.slice(0, longest - TAG_LENGTH - 1)}-${tag}`;
};

/** `order_management` -> `OrderManagement`: CloudFormation's ids are alphanumeric. */
export const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|_)([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase()).replaceAll("_", "");

/** Key of a resource's function in serverless.yml, and the stem of its CloudFormation ids. */
export const functionKey = (source: string, resource: string): string => pascalCase(source) + pascalCase(resource);

/** CloudFormation's id of a function, as the framework makes it of the key. */
export const functionLogicalId = (key: string): string => `${key}LambdaFunction`;

/** Name of a Lambda in AWS. */
export const functionName = ({ service, stage }: StackName, ...parts: string[]): string =>
  cut([service, stage, ...parts].join("-"), LONGEST_FUNCTION_NAME);

/** Name of a source's machine in AWS. */
export const stateMachineName = ({ service, stage }: StackName, source: string): string =>
  cut([service, stage, source].join("-"), LONGEST_MACHINE_NAME);

/** Name of a source's schedule in AWS. */
export const scheduleName = ({ service, stage }: StackName, source: string): string =>
  cut([service, stage, source].join("-"), LONGEST_SCHEDULE_NAME);

/** CloudFormation's id of a source's machine. */
export const stateMachineLogicalId = (source: string): string => `${pascalCase(source)}Machine`;

/** CloudFormation's id of a source's secret. */
export const secretLogicalId = (source: string): string => `${pascalCase(source)}Secret`;

/** CloudFormation's id of a source's log group. */
export const logGroupLogicalId = (source: string): string => `${pascalCase(source)}LogGroup`;

/** Name of a source's secret in Secrets Manager. */
export const secretName = ({ service, stage }: StackName, source: string): string => `${service}/${stage}/${source}`;

/** @throws ConfigError when two things would get one id: `a_b` + `c` and `a` + `b_c` do, and so do `a1` and `a_1`. */
export const checkUnique = (keys: { key: string; what: string }[]): void => {
  const seen = new Map<string, string>();
  for (const { key, what } of keys) {
    const other = seen.get(key);
    if (other !== undefined) {
      throw new ConfigError(`${what} and ${other} get the same CloudFormation id ${key}: rename one of them`);
    }
    seen.set(key, what);
  }
};
