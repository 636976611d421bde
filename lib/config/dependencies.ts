import type { ResolvedResource } from "./resolved.ts";
import type { ValidationError } from "./validation-errors.ts";

/** A resource with its parent, by name; a name is null where nobody can tell what it is. */
export interface ParentLink {
  name: string | null;
  parent: string | null;
}

/** Every resource of a name that another has before it. */
const nameMistakes = (family: ParentLink[]): ValidationError[] =>
  family.flatMap(({ name }, resource) => {
    const first = family.findIndex((other) => other.name === name);
    if (name === null || first === resource) return [];
    const message = `is ${JSON.stringify(name)} in snake_case, and so is resources[${first}]: give it a name of its own`;
    return [{ resource, path: ["name"], message }];
  });

/** The resources of the circle that a resource is part of, itself first; none when it is part of none. */
const circleOf = (start: string, family: ParentLink[]): string[] => {
  const walked: string[] = [];
  for (let name: string | null | undefined = start; name != null; ) {
    const here: string = name;
    if (walked.includes(here)) return here === start ? walked : [];
    walked.push(here);
    name = family.find((resource) => resource.name === here)?.parent;
  }
  return [];
};

/** One for each circle. */
const circleMistakes = (family: ParentLink[]): ValidationError[] => {
  const told = new Set<string>();
  return family.flatMap(({ name }) => {
    const circle = name === null || told.has(name) ? [] : circleOf(name, family);
    for (const member of circle) told.add(member);
    if (circle.length === 0) return [];
    const message = `these are each other's parents, in a circle: ${circle.join(", ")}`;
    return [{ resource: null, path: ["resources"], message }];
  });
};

/** Names that are there twice, and parents in a circle. */
export const dependencyErrors = (family: ParentLink[]): ValidationError[] => [
  ...nameMistakes(family),
  ...circleMistakes(family),
];

type Unordered = Omit<ResolvedResource, "fields_for_children">;

/**
 * Parents before children, otherwise in the order of the config; each with the fields its children need. `familyMistakes`
 * must have found nothing.
 */
export const inDependencyOrder = (resources: Unordered[]): ResolvedResource[] => {
  const placed: Unordered[] = [];
  const isPlaced = (name: string) => placed.some((resource) => resource.name === name);
  while (placed.length < resources.length) {
    const next = resources.find(
      ({ name, parent }) => !isPlaced(name) && (parent === null || isPlaced(parent.resource)),
    );
    placed.push(next as Unordered);
  }
  return placed.map((resource) => {
    const needs = placed
      .filter((child) => child.parent?.resource === resource.name)
      .flatMap((child) => [...(child.parent?.fields ?? []), ...(child.parent?.include ?? [])]);
    return { ...resource, fields_for_children: [...new Set(needs)].sort() };
  });
};

/** The resource and all that it descends from, by name. */
export const withAncestors = (resources: { name: string; parent: string | null }[], wanted: string[]): Set<string> => {
  const result = new Set<string>();
  for (const name of wanted) {
    let current: string | null | undefined = name;
    while (current !== null && current !== undefined && !result.has(current)) {
      const here: string = current;
      result.add(here);
      current = resources.find((resource) => resource.name === here)?.parent;
    }
  }
  return result;
};

/** All that descends from the resource, by name, without itself. */
export const descendants = (resources: { name: string; parent: string | null }[], name: string): Set<string> => {
  const children = resources.filter((resource) => resource.parent === name).map((resource) => resource.name);
  return new Set(children.flatMap((child) => [child, ...descendants(resources, child)]));
};
