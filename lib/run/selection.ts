import { descendants, withAncestors } from "../config/dependencies.ts";
import type { ResourceFacts } from "../lake/run-record.ts";
import type { StartOptions } from "./start-options.ts";

type Choice = Pick<StartOptions, "resources" | "window">;

/**
 * Returns the children that a start adds to the resources that it names: the selected descendants of each resource with
 * incremental state. The cursor of such a resource moves only if all of them are done in the same run. Without them, every run
 * would load the same rows again. A run with a window moves no cursor, and needs none of them.
 */
export const addedChildren = (resources: ResourceFacts[], { resources: named, window }: Choice): string[] => {
  if (named === null || window !== null) return [];
  const requested = withAncestors(resources, named);
  const below = resources
    .filter(({ name, incremental }) => incremental && requested.has(name))
    .flatMap(({ name }) => [...descendants(resources, name)]);
  const isAdded = ({ name, selected }: ResourceFacts) => selected && below.includes(name) && !requested.has(name);
  return resources.filter(isAdded).map(({ name }) => name);
};

/** Returns the resources of the start options with their ancestors and the children that are added; null: all. */
export const wantedResources = (resources: ResourceFacts[], options: Choice): string[] | null =>
  options.resources === null
    ? null
    : [...withAncestors(resources, [...options.resources, ...addedChildren(resources, options)])];
