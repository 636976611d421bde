import { ConfigError } from "../errors.ts";
import type { ResolvedResource } from "./resolved.ts";

type Unordered = Omit<ResolvedResource, "fields_for_children">;

const PLACEHOLDER = /\{([^{}]+)\}/g;

const checkNames = (source: string, resources: Unordered[]) => {
  const seen = new Set<string>();
  for (const { name } of resources) {
    if (seen.has(name)) throw new ConfigError("there are two resources of this name", { source, resource: name });
    seen.add(name);
  }
};

const checkBindings = (source: string, resource: Unordered, names: Set<string>) => {
  const place = { source, resource: resource.name };
  const { parent } = resource;
  if (parent !== null && !names.has(parent.resource)) {
    throw new ConfigError(
      `its parent ${JSON.stringify(parent.resource)} is not a resource of this source; there are: ${[...names].join(", ")}`,
      place,
    );
  }
  const inPath = new Set([...resource.path.matchAll(PLACEHOLDER)].map((match) => match[1] as string));
  for (const { placeholder } of parent?.bindings ?? []) {
    if (!inPath.delete(placeholder)) {
      throw new ConfigError(`params.${placeholder} is bound to a parent, but the path has no {${placeholder}}`, place);
    }
  }
  for (const placeholder of inPath) {
    if (placeholder.startsWith("resources.")) {
      const [, parentName, ...field] = placeholder.split(".");
      throw new ConfigError(
        `{${placeholder}} in the path: write {id} there, and params.id as type: resolve, resource: ${parentName}, field: ${field.join(".")}`,
        place,
      );
    }
    // dlt: a plain parameter that the path names is bound to it, and is not sent.
    const value = Object.hasOwn(resource.params, placeholder) ? resource.params[placeholder] : undefined;
    if (value === undefined) {
      throw new ConfigError(
        `nothing binds {${placeholder}} of the path: give params.${placeholder} a value or type: resolve`,
        place,
      );
    }
    delete resource.params[placeholder];
    resource.path = resource.path.replaceAll(`{${placeholder}}`, encodeURIComponent(value));
  }
  if (/^https?:\/\/[^/?]*\{/i.test(resource.path)) {
    throw new ConfigError("a parent binds the host of the path: its rows would choose where the key goes", place);
  }
};

/** The resources of a circle of parents, from any resource that leads into one. */
const circleFrom = (start: Unordered, resources: Unordered[]): string[] => {
  const walked: string[] = [];
  let { name } = start;
  while (!walked.includes(name)) {
    walked.push(name);
    name = resources.find((resource) => resource.name === name)?.parent?.resource ?? name;
  }
  return walked.slice(walked.indexOf(name));
};

/**
 * Parents before children, otherwise in the order of the config; each with the fields its children need.
 *
 * @throws ConfigError for an unknown parent, an unbound placeholder, a cycle or a name used twice.
 */
export const inDependencyOrder = (source: string, resources: Unordered[]): ResolvedResource[] => {
  checkNames(source, resources);
  const names = new Set(resources.map((resource) => resource.name));
  for (const resource of resources) checkBindings(source, resource, names);

  const placed: Unordered[] = [];
  const isPlaced = (name: string) => placed.some((resource) => resource.name === name);
  while (placed.length < resources.length) {
    const next = resources.find(
      ({ name, parent }) => !isPlaced(name) && (parent === null || isPlaced(parent.resource)),
    );
    if (next === undefined) {
      const stuck = resources.find(({ name }) => !isPlaced(name)) as Unordered;
      const circle = circleFrom(stuck, resources).join(", ");
      throw new ConfigError(`these resources are each other's parents, in a circle: ${circle}`, { source });
    }
    placed.push(next);
  }
  return placed.map((resource) => {
    const needs = placed
      .filter((child) => child.parent?.resource === resource.name)
      .flatMap((child) => [
        ...(child.parent?.bindings ?? []).map(({ field }) => field),
        ...(child.parent?.include ?? []),
      ]);
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
