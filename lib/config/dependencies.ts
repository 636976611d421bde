import type { ResolvedResource } from "./resolved.ts";
import type { ValidationError } from "./validation-errors.ts";

/** A resource and its parent, by name. A name is null if the config gives none. */
export interface ParentLink {
  name: string | null;
  parent: string | null;
  /** Names that it had before. */
  renamed_from?: string[];
}

/** Returns an error for each resource whose name an earlier one has. */
const duplicateNames = (links: ParentLink[]): ValidationError[] =>
  links.flatMap(({ name }, resource) => {
    const first = links.findIndex((other) => other.name === name);
    if (name === null || first === resource) return [];
    const message = `duplicate resource name ${JSON.stringify(name)} (resources[${first}] has the same name in snake_case): rename one of them`;
    return [{ resource, path: ["name"], message }];
  });

/** Returns the circular chain of parents that a resource is part of, beginning with itself; empty if there is none. */
const circularParents = (start: string, links: ParentLink[]): string[] => {
  const visited: string[] = [];
  for (let name: string | null | undefined = start; name != null; ) {
    const here: string = name;
    if (visited.includes(here)) return here === start ? visited : [];
    visited.push(here);
    name = links.find((resource) => resource.name === here)?.parent;
  }
  return [];
};

/** Returns one error for each circular chain of parents. */
const circularParentErrors = (links: ParentLink[]): ValidationError[] => {
  const reported = new Set<string>();
  return links.flatMap(({ name }) => {
    const chain = name === null || reported.has(name) ? [] : circularParents(name, links);
    for (const member of chain) reported.add(member);
    if (chain.length === 0) return [];
    const message = `circular parents (${chain.join(", ")}): remove one of the references`;
    return [{ resource: null, path: ["resources"], message }];
  });
};

/** Returns an error for each earlier name that a resource still has, or that an earlier resource has as well. */
const contestedNames = (links: ParentLink[]): ValidationError[] =>
  links.flatMap(({ renamed_from = [] }, resource) =>
    renamed_from.flatMap((name) => {
      const owner = links.findIndex(
        (other, index) => other.name === name || (index < resource && other.renamed_from?.includes(name)),
      );
      if (owner === -1) return [];
      const message = `${JSON.stringify(name)} is a name of resources[${owner}] as well: remove it from one of them`;
      return [{ resource, path: ["renamed_from"], message }];
    }),
  );

/** Returns the errors of names and parents: duplicate names, contested earlier names, and circular parents. */
export const dependencyErrors = (links: ParentLink[]): ValidationError[] => [
  ...duplicateNames(links),
  ...contestedNames(links),
  ...circularParentErrors(links),
];

/** A resource before it is known what its children need. */
export type UnlinkedResource = Omit<ResolvedResource, "fields_for_children" | "table_resources">;

/** Returns the resources of a table, each under its name and its earlier names. */
const resourcesOf = (table: string, all: UnlinkedResource[]): string[] =>
  all
    .filter((resource) => resource.table === table)
    .flatMap(({ name, renamed_from }) => [name, ...renamed_from.map((earlier) => `${name}/${earlier}`)]);

/**
 * Orders parents before children, otherwise as in the config, and adds to each the fields that its children need, and the
 * resources of its table. Requires that `dependencyErrors` found nothing.
 *
 * @param all the resources of the source, including those that are not requested.
 */
export const inDependencyOrder = (
  resources: UnlinkedResource[],
  all: UnlinkedResource[] = resources,
): ResolvedResource[] => {
  const ordered: UnlinkedResource[] = [];
  const isOrdered = (name: string) => ordered.some((resource) => resource.name === name);
  while (ordered.length < resources.length) {
    const next = resources.find(
      ({ name, parent }) => !isOrdered(name) && (parent === null || isOrdered(parent.resource)),
    );
    ordered.push(next as UnlinkedResource);
  }
  return ordered.map((resource) => {
    const fields = ordered
      .filter((child) => child.parent?.resource === resource.name)
      .flatMap((child) => [...(child.parent?.fields ?? []), ...(child.parent?.include ?? [])]);
    const table_resources = resourcesOf(resource.table, all);
    return { ...resource, table_resources, fields_for_children: [...new Set(fields)].sort() };
  });
};

/** Returns the names of the requested resources and of all their ancestors. */
export const withAncestors = (
  resources: { name: string; parent: string | null }[],
  requested: string[],
): Set<string> => {
  const result = new Set<string>();
  for (const name of requested) {
    let current: string | null | undefined = name;
    while (current !== null && current !== undefined && !result.has(current)) {
      const here: string = current;
      result.add(here);
      current = resources.find((resource) => resource.name === here)?.parent;
    }
  }
  return result;
};

/** Returns the resources that a run requests: those that are selected, and all their ancestors (dlt). */
export const requestedResources = (resources: UnlinkedResource[]): UnlinkedResource[] => {
  const links = resources.map(({ name, parent }) => ({ name, parent: parent?.resource ?? null }));
  const selected = resources.filter((resource) => resource.selected).map(({ name }) => name);
  const names = withAncestors(links, selected);
  return resources.filter(({ name }) => names.has(name));
};

/** Returns the names of all descendants of a resource, without itself. */
export const descendants = (resources: { name: string; parent: string | null }[], name: string): Set<string> => {
  const children = resources.filter((resource) => resource.parent === name).map((resource) => resource.name);
  return new Set(children.flatMap((child) => [child, ...descendants(resources, child)]));
};
