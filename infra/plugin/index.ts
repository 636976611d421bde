import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { ConfigError, RestlakeError } from "../../lib/errors/index.ts";
import { packageBundles } from "../bundle.ts";
import { unsetBaseUrls, wrongSize } from "../checks.ts";
import { type Deployment, readDeployment } from "./deployment.ts";
import type { Framework, ReadProperty, VariableSource } from "./framework.ts";
import { createBundler } from "./offline.ts";
import { extendService } from "./service.ts";

/** Folder of the framework for what it uploads. */
const ARTIFACTS = ".serverless";

/** A function of the framework's lifecycle. */
type Hook = () => Promise<void> | void;

/** A plugin, as the framework calls it. */
export interface Plugin {
  asyncInit(): Promise<void>;
  configurationVariablesSources: { restlake: VariableSource };
  /** By name. */
  hooks: Record<string, Hook>;
}

/** Returns a hook whose user errors are the framework's own, which it prints without a stack trace. */
const withPlainErrors =
  ({ classes }: Framework, hook: Hook): Hook =>
  async () => {
    try {
      await hook();
    } catch (error) {
      if (error instanceof RestlakeError) throw new classes.Error(`${error.name}: ${error.message}`, "RESTLAKE");
      throw error;
    }
  };

/** Removes the stack trace of a user error, which the framework would print. */
const withoutStackTrace = (error: unknown): unknown => {
  if (error instanceof RestlakeError) error.stack = `${error.name}: ${error.message}`;
  return error;
};

/** Returns the sections that the plugin adds to serverless.yml, by address. Only `functions` reports user errors. */
const createVariables = (load: (read: ReadProperty) => Promise<Deployment>): VariableSource => ({
  async resolve({ address, resolveConfigurationProperty: read }) {
    try {
      const { functions, resources, extensions, outputs } = (await load(read)).stack;
      return { value: address === "functions" ? functions : { Resources: resources, extensions, Outputs: outputs } };
    } catch (error) {
      if (error instanceof RestlakeError && address !== "functions") return { value: {} };
      throw withoutStackTrace(error);
    }
  },
});

/** Returns the plugin that adds the stack of a project's sources to its service, and bundles their Lambdas. */
export const createPlugin = (serverless: Framework): Plugin => {
  const bundler = createBundler(serverless);
  let loading: Promise<Deployment> | undefined;
  // The framework resolves its sections concurrently.
  const load = (read: ReadProperty) => (loading ??= readDeployment(serverless.serviceDir, read));
  const deployment = () => loading as Promise<Deployment>;

  const checkBaseUrls = async () => {
    if (serverless.processedInput.commands.join(" ") !== "deploy") return;
    const { sources, options } = await deployment();
    const problems = unsetBaseUrls(sources, options);
    if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  };
  const packageLambdas = async () => {
    const folder = join(serverless.serviceDir, ARTIFACTS);
    mkdirSync(folder, { recursive: true });
    const zips = await packageBundles((await deployment()).sources, folder);
    for (const lambda of Object.values(serverless.service.functions)) {
      const zip = zips.get(lambda.handler?.replace(/\.handler$/, "") ?? "");
      if (zip !== undefined) lambda.package = { artifact: relative(serverless.serviceDir, zip) };
    }
  };
  const checkSize = () => {
    const problem = wrongSize(serverless.service.provider.compiledCloudFormationTemplate ?? {});
    if (problem !== null) throw new ConfigError(problem);
  };
  const startBundler = async () => bundler.start((await deployment()).sources);

  const hooks: Record<string, Hook> = {
    // Before anything is packaged.
    initialize: checkBaseUrls,
    "before:package:createDeploymentArtifacts": packageLambdas,
    "before:deploy:function:packageFunction": packageLambdas,
    "before:aws:package:finalize:saveServiceState": checkSize,
    "before:offline:start": startBundler,
    "before:offline:start:init": startBundler,
    "offline:start:end": () => bundler.stop(),
  };
  return {
    asyncInit: async () => extendService(serverless),
    configurationVariablesSources: { restlake: createVariables(load) },
    hooks: Object.fromEntries(Object.entries(hooks).map(([name, hook]) => [name, withPlainErrors(serverless, hook)])),
  };
};
