import { declaredName } from "../columns/names.ts";
import { canonicalJson, type Json } from "../json/index.ts";
import type { UnlinkedResource } from "./dependencies.ts";
import type { ConfigPath, ValidationError } from "./validation-errors.ts";

/** A rule of a table, as it is compared between the resources that load the table. */
interface Rule {
  path: ConfigPath;
  name: string;
  value: Json;
}

const columns = (names: string[]): string[] => names.map(declaredName).toSorted();

/** Returns the rules that decide which rows of a table remain. The keys have no effect without a merge. */
const rulesOf = (resource: UnlinkedResource): Rule[] => {
  const { write_disposition, insert_only, primary_key, merge_key, hard_delete, dedup_sort } = resource;
  const disposition = insert_only ? `${write_disposition} (insert-only)` : write_disposition;
  const rules: Rule[] = [{ path: ["write_disposition"], name: "write_disposition", value: disposition }];
  if (write_disposition !== "merge") return rules;
  return [
    ...rules,
    { path: ["primary_key"], name: "primary_key", value: columns(primary_key) },
    { path: ["merge_key"], name: "merge_key", value: columns(merge_key) },
    { path: ["columns"], name: "hard_delete", value: columns(hard_delete === null ? [] : [hard_delete]) },
    {
      path: ["columns"],
      name: "dedup_sort",
      value: dedup_sort === null ? null : [declaredName(dedup_sort.column), dedup_sort.order],
    },
  ];
};

/**
 * Returns an error for each resource that has another rule than the first resource of its table: the rules of one of them are
 * those of the table, so that rows of the others would be missing or twice.
 */
export const sharedTableErrors = (resources: (UnlinkedResource | null)[]): ValidationError[] =>
  resources.flatMap((resource, index): ValidationError[] => {
    const first = resources.find((other) => other?.selected && other.table === resource?.table);
    if (resource == null || first == null || !resource.selected || first === resource) return [];
    const [theirs, own] = [rulesOf(first), rulesOf(resource)];
    const at = own.findIndex(
      ({ value }, place) => canonicalJson(value) !== canonicalJson(theirs[place]?.value ?? null),
    );
    const [rule, other] = [own[at], theirs[at]];
    if (rule === undefined || other === undefined) return [];
    const found = `${canonicalJson(other.value)} of ${first.name}, ${canonicalJson(rule.value)} of ${resource.name}`;
    const message = `${rule.name} differs between two resources of table ${resource.table} (${found}): use the same one, or give one of them another table_name`;
    return [{ resource: index, path: rule.path, message }];
  });
