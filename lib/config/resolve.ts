import { normaliseName } from "../columns/names.ts";
import { ConfigError } from "../errors/index.ts";
import { SETTINGS_DEFAULTS } from "./defaults.ts";
import { dependencyErrors, inDependencyOrder, requestedResources, type UnlinkedResource } from "./dependencies.ts";
import type { Source } from "./index.ts";
import { defined } from "./merge-defaults.ts";
import { resolveResource } from "./resolve-resource.ts";
import { checkSteps } from "./resolve-steps.ts";
import type { ResolvedResource, ResolvedSource } from "./resolved.ts";
import type { SourceConfig } from "./schema/index.ts";
import { sharedTableErrors } from "./shared-tables.ts";
import { missingFieldErrors } from "./static-rows.ts";
import { asConfigError, type Report, type ValidationError } from "./validation-errors.ts";

export type { ResolvedResource, ResolvedSource } from "./resolved.ts";

const nameOf = (given: unknown): string | null => {
  const name = typeof given === "object" ? (given as { name?: unknown } | null)?.name : given;
  return typeof name === "string" ? normaliseName(name) : null;
};

const NONE_SELECTED = "no resource is selected: remove selected: false (or write_disposition: skip) of at least one";

/** Resolves all resources that fit the schema (null for the others), and collects the errors between the parts. */
const resolveAll = (config: SourceConfig, invalid: ReadonlySet<number>) => {
  const errors: ValidationError[] = [];
  const names = config.resources.map(nameOf);
  const given = names.filter((name) => name !== null);
  // If a resource has no name, any unknown parent may be that one.
  const parents = given.length === names.length ? given : null;
  const resources = config.resources.map((resourceConfig, resource) => {
    if (invalid.has(resource)) return null;
    const report: Report = (path, message) => errors.push({ resource, path, message });
    try {
      return resolveResource(config, resourceConfig, parents, report);
    } catch (error) {
      // The schema does not check a name that is also the path as a template.
      if (!(error instanceof ConfigError)) throw error;
      report(["endpoint", "path"], error.message);
      return null;
    }
  });
  const links = names.map((name, index) => ({
    name,
    parent: resources[index]?.parent?.resource ?? null,
    renamed_from: resources[index]?.renamed_from ?? [],
  }));
  errors.push(...dependencyErrors(links), ...missingFieldErrors(resources), ...sharedTableErrors(resources));
  for (const [index, resource] of resources.entries()) {
    if (resource === null) continue;
    checkSteps(resource, resources, (path, message) => errors.push({ resource: index, path, message }));
  }
  if (resources.every((resource) => resource !== null && !resource.selected)) {
    errors.push({ resource: null, path: ["resources"], message: NONE_SELECTED });
  }
  return { names, resources, errors };
};

/**
 * Returns the errors in the relations between parts of a config, each of which fits the schema: unknown or circular
 * parents, placeholders without a value, several cursors, duplicate names, a body that cannot be sent,
 * resources that share a table and combine its rows differently.
 *
 * @param invalid indices of resources that do not fit the schema. Only their names are used.
 */
export const errorsBetween = (config: SourceConfig, invalid: ReadonlySet<number> = new Set()): ValidationError[] =>
  resolveAll(config, invalid).errors;

/**
 * Applies the defaults and orders the resources by dependency: parents first, otherwise as in the config. Leaves out resources
 * with `selected: false` that no selected resource descends from, as dlt does.
 *
 * @param overrides `base_url` of the stage, if it differs from the config's.
 * @throws ConfigError with one line for each of `errorsBetween`.
 */
export const resolveSource = (source: Source, overrides: { base_url?: string } = {}): ResolvedSource => {
  const { settings } = source;
  const base_url = overrides.base_url ?? source.config.client.base_url;
  const config = { ...source.config, client: { ...source.config.client, base_url } };
  const { schedule: _schedule, timezone: _timezone, ...limits } = settings;
  const { names, resources, errors } = resolveAll(config, new Set());
  if (errors.length > 0) throw asConfigError(config.name, errors, names);
  const all = resources as UnlinkedResource[];
  const requested = requestedResources(all);
  return {
    name: config.name,
    base_url,
    rate_limit: config.client.rate_limit ?? null,
    resources: inDependencyOrder(requested, all),
    unselected: all.filter((resource) => !requested.includes(resource)).map((resource) => resource.name),
    settings: { ...SETTINGS_DEFAULTS, ...defined(limits) },
  };
};

/**
 * Returns the resource with a name.
 *
 * @throws ConfigError that lists the existing names.
 */
export const findResource = (source: ResolvedSource, name: string): ResolvedResource => {
  const resource = source.resources.find((candidate) => candidate.name === name);
  if (resource === undefined && source.unselected.includes(name)) {
    throw new ConfigError(
      `resource ${JSON.stringify(name)} is not loaded (selected: false, and no child is selected): set selected: true`,
      { source: source.name },
    );
  }
  if (resource === undefined) {
    const names = source.resources.map((candidate) => candidate.name).join(", ");
    throw new ConfigError(`unknown resource ${JSON.stringify(name)}: choose from ${names}`, { source: source.name });
  }
  return resource;
};
