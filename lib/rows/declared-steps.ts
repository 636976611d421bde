import type { AddedValue, DeclaredStep } from "../config/resolved.ts";
import { withRunTime } from "../config/template.ts";
import { ResponseError } from "../errors/index.ts";
import { canonicalJson, type Json, type JsonObject } from "../json/index.ts";
import { copyLiteral, hasLiterals, markLiterals } from "../json/literals.ts";
import { compilePath, type Place } from "../json/path.ts";
import { compileFilter } from "../json/row-filter.ts";
import { copyAsJson } from "./copy-as-json.ts";

type Container = JsonObject | Json[];

/** New name of a field by its key; null removes it. */
type Changes = Map<string, string | null>;

const isEqual = (a: Json, b: Json): boolean => canonicalJson(a) === canonicalJson(b);

/** Returns a container in a row, which is known to be there. */
const containerAt = (row: JsonObject, place: Place): Container =>
  place.reduce<Container>((value, key) => (value as JsonObject)[key] as Container, row);

/** Sets a field. Unlike an assignment, it has no other meaning for `__proto__`. */
const put = (container: Container, key: string | number, value: Json): void => {
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true });
};

/** The step, row and run for which a step is applied. */
export interface StepContext {
  /** The step, for messages: `processing_steps[1].rename`. */
  step: string;
  /** Number of the row in its page, from 1. */
  row: number;
  /** Time of the run, in milliseconds since 1970. */
  opened_at: number;
}

const otherValue = (name: string, { step, row }: StepContext): ResponseError =>
  new ResponseError(
    `${step} would replace another value of ${JSON.stringify(name)} at row ${row} of the page: choose another name, or remove that field in a step before`,
  );

/** Returns a copy of a container with other keys. The fields stay in order, with the literals of their numbers. */
const withChanges = (container: Container, changes: Changes, context: StepContext): Container => {
  const isList = Array.isArray(container);
  const made: Container = isList ? [] : {};
  if (hasLiterals(container)) markLiterals(made);
  for (const [key, value] of Object.entries(container)) {
    const changed = changes.get(key);
    if (changed === null) continue;
    const name = isList ? String((made as Json[]).length) : (changed ?? key);
    const isTaken = Object.hasOwn(made, name);
    if (isTaken && !isEqual((made as JsonObject)[name] as Json, value)) throw otherValue(name, context);
    if (isTaken) continue;
    put(made, name, value);
    copyLiteral(container, key, made, name);
  }
  return made;
};

/** The path of fields, and their new name; null removes them. */
type NewName = readonly [path: string, name: string | null];

/** Changes of the fields in one container of a row. */
interface Group {
  place: Place;
  changes: Changes;
}

/** Groups changes by the container of their fields: the deepest first, so that the places of the others stay. */
const groupsOf = (row: JsonObject, names: NewName[], { step }: StepContext): Group[] => {
  const groups = new Map<string, Group>();
  for (const [path, name] of names) {
    for (const place of compilePath(path).places(row)) {
      const parent = place.slice(0, -1);
      const id = JSON.stringify(parent);
      const group = groups.get(id) ?? { place: parent, changes: new Map() };
      groups.set(id, group);
      const key = String(place.at(-1));
      if ((group.changes.get(key) ?? name) !== name) {
        throw new ResponseError(`${step} has two names for the field ${JSON.stringify(key)}: write a path for each`);
      }
      group.changes.set(key, name);
    }
  }
  return [...groups.values()].sort((a, b) => b.place.length - a.place.length);
};

/** Removes and renames fields of a row. All names change at once, so two fields can exchange theirs. */
const changeFields = (row: JsonObject, names: NewName[], context: StepContext): JsonObject => {
  let changed = row;
  for (const { place, changes } of groupsOf(row, names, context)) {
    const made = withChanges(containerAt(changed, place), changes, context);
    const key = place.at(-1);
    if (key === undefined) changed = made as JsonObject;
    else put(containerAt(changed, place.slice(0, -1)), key, made);
  }
  return changed;
};

/** A value, and the key under which a container has it, which may keep the literal of a number. */
interface Found {
  value: Json;
  from: Container;
  key: string | number;
}

/** Returns what a path finds in a row: the match of a path to one value, otherwise the list of all; undefined for no match. */
const valueAt = (row: JsonObject, path: string): Found | undefined => {
  const { places, isSingular } = compilePath(path);
  const found = places(row).map((place): Found => {
    const [from, key = ""] = [containerAt(row, place.slice(0, -1)), place.at(-1)];
    return { value: copyAsJson((from as JsonObject)[key]) as Json, from, key };
  });
  if (isSingular) return found[0];
  const list: Json[] = found.map(({ value }) => value);
  for (const [index, { value, from, key }] of found.entries()) {
    if (hasLiterals(value)) markLiterals(list);
    copyLiteral(from, key, list, String(index));
  }
  return { value: list, from: {}, key: "" };
};

const addedValue = (row: JsonObject, added: AddedValue, opened_at: number): Found | undefined => {
  if ("path" in added) return valueAt(row, added.path);
  const value = "text" in added ? withRunTime<Json>(added.text, opened_at) : (copyAsJson(added.value) as Json);
  return { value, from: {}, key: "" };
};

/** Adds fields to a row, which is changed in place. A field that has the same value already stays. */
const addFields = (row: JsonObject, fields: Record<string, AddedValue>, context: StepContext): JsonObject => {
  for (const [name, added] of Object.entries(fields)) {
    const found = addedValue(row, added, context.opened_at);
    if (found === undefined) continue;
    const { value, from, key } = found;
    if (Object.hasOwn(row, name)) {
      if (!isEqual(row[name] as Json, value)) throw otherValue(name, context);
      continue;
    }
    put(row, name, value);
    if (hasLiterals(value)) markLiterals(row);
    copyLiteral(from, key, row, name);
  }
  return row;
};

/**
 * Applies a declared step to a row.
 *
 * @param row a copy, which may be changed.
 * @returns null for a row that a filter discards.
 * @throws ResponseError for a field that would replace another one with another value.
 */
export const applyDeclaredStep = (row: JsonObject, step: DeclaredStep, context: StepContext): JsonObject | null => {
  if ("filter" in step) return compileFilter(step.filter).keeps(row) ? row : null;
  if ("rename" in step) return changeFields(row, Object.entries(step.rename), context);
  if ("add" in step) return addFields(row, step.add, context);
  return changeFields(
    row,
    step.remove.map((path) => [path, null]),
    context,
  );
};

/** Returns the fields that a step reads, each as the config has it, and whether a row has it. */
export const fieldsOf = (step: DeclaredStep): { text: string; isIn(row: JsonObject): boolean }[] => {
  if ("filter" in step) return [...compileFilter(step.filter).fields];
  const added = "add" in step ? Object.values(step.add) : [];
  const paths = [
    ...("remove" in step ? step.remove : []),
    ...("rename" in step ? Object.keys(step.rename) : []),
    ...added.flatMap((value) => ("path" in value ? [value.path] : [])),
  ];
  return paths.map((text) => ({ text, isIn: (row) => compilePath(text).first(row) !== undefined }));
};
