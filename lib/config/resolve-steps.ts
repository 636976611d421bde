import { columnName, declaredName, PATH_SEPARATOR } from "../columns/names.ts";
import type { Json } from "../json/index.ts";
import { compilePath } from "../json/path.ts";
import type { UnlinkedResource } from "./dependencies.ts";
import type { ResourceConfig } from "./merge-defaults.ts";
import type { AddedValue, ProcessingStep } from "./resolved.ts";
import type { Report } from "./validation-errors.ts";

type StepConfig = NonNullable<ResourceConfig["processing_steps"]>[number];
type AddedConfig = Extract<StepConfig, { add: unknown }>["add"][string];

const resolveAdded = (given: AddedConfig): AddedValue => {
  if (typeof given === "string") return { text: given };
  const isList = Array.isArray(given);
  return typeof given !== "object" || given === null || isList ? { value: given as Json } : (given as AddedValue);
};

const resolveStep = (step: StepConfig): ProcessingStep => {
  if ("remove" in step) return { remove: [step.remove].flat() };
  if ("add" in step) {
    return { add: Object.fromEntries(Object.entries(step.add).map(([name, given]) => [name, resolveAdded(given)])) };
  }
  return step as ProcessingStep;
};

/** Returns processing steps in their long form. */
export const resolveSteps = (given: ResourceConfig["processing_steps"]): ProcessingStep[] =>
  (given ?? []).map(resolveStep);

/** A field that is gone after the steps. */
interface GoneField {
  keys: readonly string[];
  step: number;
  kind: "remove" | "rename";
}

/** Returns the fields that declared steps remove or rename, and that no later step may add again. */
const goneFields = (steps: ProcessingStep[]): GoneField[] => {
  let gone: GoneField[] = [];
  const restore = (keys: readonly string[]) => {
    gone = gone.filter((field) => columnName([...field.keys]) !== columnName([...keys]));
  };
  for (const [step, change] of steps.entries()) {
    // A function may add any field.
    if ("map" in change || "yield_map" in change) gone = [];
    const kind = "remove" in change ? "remove" : "rename";
    const names = "remove" in change ? change.remove : "rename" in change ? Object.keys(change.rename) : [];
    gone.push(
      ...names
        .flatMap((path) => ({ keys: compilePath(path).keys ?? [], step, kind }) as const)
        .filter(({ keys }) => keys.length > 0),
    );
    if ("add" in change) for (const name of Object.keys(change.add)) restore([name]);
    if (!("rename" in change)) continue;
    for (const [path, name] of Object.entries(change.rename)) {
      const { keys } = compilePath(path);
      if (keys !== null) restore([...keys.slice(0, -1), name]);
    }
  }
  return gone;
};

/** Something that needs a field after the steps. */
interface Need {
  /** Completes `which ... needs`. */
  by: string;
  /** A column by its name in the config, or a JSONPath of the row. */
  field: { column: string } | { path: string };
}

const needsOf = (resource: UnlinkedResource, all: (UnlinkedResource | null)[]): Need[] => {
  const { primary_key, merge_key, hard_delete, dedup_sort, incremental, name } = resource;
  const column = (by: string) => (column: string) => ({ by, field: { column } });
  const children = all.flatMap((other) => (other?.parent?.resource === name ? [other] : []));
  return [
    ...primary_key.map(column("primary_key")),
    ...merge_key.map(column("merge_key")),
    ...[hard_delete ?? []].flat().map(column("hard_delete")),
    ...(dedup_sort === null ? [] : [dedup_sort.column]).map(column("dedup_sort")),
    ...(incremental === null ? [] : [{ by: "cursor_path", field: { path: incremental.cursor_path } }]),
    ...children.flatMap(({ name: child, parent }) =>
      [...(parent?.fields ?? []), ...(parent?.include ?? [])].map((path) => ({
        by: `its child ${child}`,
        field: { path },
      })),
    ),
  ];
};

const isNeeded = ({ keys }: GoneField, { field }: Need): boolean => {
  if ("column" in field) {
    const [gone, needed] = [columnName([...keys]), declaredName(field.column)];
    return gone === needed || needed.startsWith(`${gone}${PATH_SEPARATOR}`);
  }
  const needed = compilePath(field.path).keys;
  return needed !== null && keys.every((key, index) => needed[index] === key);
};

/**
 * Reports fields that a declared step removes or renames although the resource or a child needs them. They are read after the
 * steps.
 */
export const checkSteps = (resource: UnlinkedResource, all: (UnlinkedResource | null)[], report: Report): void => {
  const needs = needsOf(resource, all);
  for (const gone of goneFields(resource.processing_steps)) {
    const users = needs.filter((need) => isNeeded(gone, need)).map(({ by }) => by);
    if (users.length === 0) continue;
    const advice = gone.kind === "rename" ? "use the new name there" : "keep it";
    const needed = [...new Set(users)].join(" and ");
    report(
      ["processing_steps", gone.step, gone.kind],
      `${gone.kind}s ${gone.keys.join(".")}, which ${needed} needs after the steps: ${advice}`,
    );
  }
};
