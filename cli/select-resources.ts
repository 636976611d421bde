import { withAncestors } from "../lib/config/dependencies.ts";
import { findResource, type ResolvedSource } from "../lib/config/resolve.ts";
import { resourceFactsOf } from "../lib/run/source-facts.ts";

/**
 * Returns the names of the given resources and all their parents; of all resources if none is given.
 *
 * @throws ConfigError for a resource that the source does not have.
 */
export const selectResources = (source: ResolvedSource, names: string[]): Set<string> => {
  for (const name of names) findResource(source, name);
  const all = resourceFactsOf(source);
  return withAncestors(all, names.length === 0 ? all.map(({ name }) => name) : names);
};
