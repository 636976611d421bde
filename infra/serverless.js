/**
 * The one door for serverless.yml into TypeScript: osls loads a `.js` module by its named exports, and Node strips the
 * types of what that imports.
 */
import { loadSources } from "./sources.ts";
import { stack } from "./stack.ts";

/** @typedef {{ resolveConfigurationProperty(path: string[]): Promise<any> }} Resolver */

/** @param {Resolver} resolver */
const build = async ({ resolveConfigurationProperty: read }) => {
  const [service, stage, custom] = await Promise.all([
    read(["service"]),
    read(["provider", "stage"]),
    read(["custom", "restlake"]),
  ]);
  return stack(await loadSources(), {
    service,
    stage,
    overrides: custom.sources ?? {},
    schedules_enabled: String(custom.schedules) === "on",
    log_retention_days: Number(custom.log_retention_days),
    bucket: custom.bucket ?? "",
  });
};

/** @param {Resolver} resolver */
export const functions = async (resolver) => (await build(resolver)).functions;

/** @param {Resolver} resolver */
export const stateMachines = async (resolver) => (await build(resolver)).stateMachines;

/** @param {Resolver} resolver */
export const resources = async (resolver) => {
  const { resources: Resources, extensions, outputs: Outputs } = await build(resolver);
  return { Resources, extensions, Outputs };
};
