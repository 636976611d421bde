/** Options of the commands that the Serverless Framework carries out. */
interface FrameworkOptions {
  stage: string;
  region?: string | undefined;
  param: string[];
  package?: string | undefined;
}

/** Returns the arguments of the framework for a command and its options. */
export const frameworkArguments = (
  command: string,
  { stage, region, param, package: folder }: FrameworkOptions,
): string[] => [
  command,
  `--stage=${stage}`,
  ...(region === undefined ? [] : [`--region=${region}`]),
  ...param.map((value) => `--param=${value}`),
  ...(folder === undefined ? [] : [`--package=${folder}`]),
];
