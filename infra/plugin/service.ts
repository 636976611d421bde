import type { Framework } from "./framework.ts";

/** Defaults of the provider in every stack of restlake. A project may set other values. */
const PROVIDER = {
  runtime: "nodejs24.x",
  architecture: "arm64",
  tracing: { lambda: true },
  deploymentBucket: { blockPublicAccess: true },
  // On every resource of the stack, for the bill.
  stackTags: { service: "${self:service}", stage: "${sls:stage}" },
};

/** Returns a section of serverless.yml as a list, which the framework merges. */
const sectionList = (section: unknown): unknown[] =>
  section === undefined || section === null ? [] : [section].flat();

/** Adds the stack to serverless.yml, next to its own functions and resources, as variables that the plugin resolves later. */
export const extendService = (serverless: Framework): void => {
  const { provider = {}, functions, resources } = serverless.configurationInput;
  for (const [key, value] of Object.entries(PROVIDER)) {
    if (!(key in provider)) serverless.extendConfiguration(["provider", key], value);
  }
  // The framework has set it by now, so a project cannot: a version per deployment would count towards the stack's resources.
  serverless.extendConfiguration(["provider", "versionFunctions"], false);
  serverless.extendConfiguration(["functions"], [...sectionList(functions), "${restlake:functions}"]);
  serverless.extendConfiguration(["resources"], [...sectionList(resources), "${restlake:resources}"]);
};
