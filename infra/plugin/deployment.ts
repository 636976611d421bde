import process from "node:process";
import { parseOptions, type StackOptions } from "../options.ts";
import { functionsFolder } from "../project.ts";
import { type DeployedSource, loadSources } from "../sources.ts";
import { stack } from "../stack.ts";
import type { ReadProperty } from "./framework.ts";

/** Environment variable with options as JSON, which replace those of serverless.yml. Commands on this computer set it. */
export const OPTIONS_VARIABLE = "RESTLAKE_OPTIONS";

/** The sources of a stack, its options, and the stack itself. */
export interface Deployment {
  sources: DeployedSource[];
  options: StackOptions;
  stack: ReturnType<typeof stack>;
}

/** Returns the options of serverless.yml with those in the environment on top, also within each source. */
const mergeOptions = (custom: unknown, replaced: string | undefined): unknown => {
  if (replaced === undefined) return custom;
  const { sources = {}, ...rest } = JSON.parse(replaced) as { sources?: Record<string, object> };
  const given = (custom ?? {}) as { sources?: Record<string, object | null> };
  const merged = Object.entries(sources).map(([name, overrides]) => [name, { ...given.sources?.[name], ...overrides }]);
  return { ...given, ...rest, sources: { ...given.sources, ...Object.fromEntries(merged) } };
};

/**
 * Loads the sources of a project and makes their stack.
 *
 * @param project folder of serverless.yml.
 * @throws ConfigError for invalid sources or options.
 */
export const readDeployment = async (project: string, read: ReadProperty): Promise<Deployment> => {
  const [service, stage, custom] = await Promise.all([
    read(["service"]),
    read(["provider", "stage"]),
    read(["custom", "restlake"]),
  ]);
  const all = await loadSources(functionsFolder(project));
  const name = { service: String(service), stage: String(stage) };
  const options = parseOptions(name, mergeOptions(custom, process.env[OPTIONS_VARIABLE]), all);
  const sources = all.filter(({ resolved }) => options.only?.includes(resolved.name) ?? true);
  return { sources, options, stack: stack(sources, options) };
};
