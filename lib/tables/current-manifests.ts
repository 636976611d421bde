import type { Manifest } from "../lake/manifest.ts";
import type { TableDescription } from "./description.ts";

/** Orders manifests by run, and within a run by resource, whatever order a listing has. */
export const compareManifests = (a: Manifest, b: Manifest): number =>
  a.run_id === b.run_id ? (a.resource < b.resource ? -1 : 1) : a.run_id < b.run_id ? -1 : 1;

/** Returns the runs since the last one that removed the rows that it did not see. */
const sinceLastRemoval = (runs: Manifest[]): Manifest[] =>
  runs.slice(
    Math.max(
      0,
      runs.findLastIndex((run) => run.removes_missing_rows),
    ),
  );

/** Returns the resource that a manifest belongs to, by the resource's name at that time: it may have been renamed since. */
const ownersOf = (table_resources: string[]): Map<string, string> =>
  new Map(
    table_resources.map((entry) => {
      const [owner = "", earlier] = entry.split("/");
      return [earlier ?? owner, owner];
    }),
  );

/**
 * Returns the manifests whose parts make up a table, older runs first. Only resources that the source still has count: the
 * newest manifest lists them. Manifests are chosen per resource, because each resource of a table is refreshed, and fails,
 * independently. `sql.ts` states the same rule in SQL.
 *
 * @param manifests of all finished runs, in the order of `compareManifests`.
 */
export const currentManifests = (
  manifests: Manifest[],
  write_disposition: TableDescription["write_disposition"],
): Manifest[] => {
  const choose = {
    append: (runs: Manifest[]) => runs,
    replace: (runs: Manifest[]) => runs.slice(-1),
    merge: sinceLastRemoval,
  }[write_disposition];
  const owners = ownersOf(manifests.at(-1)?.table_resources ?? []);
  const current = manifests.filter(({ resource }) => owners.has(resource));
  const byResource = Map.groupBy(current, ({ resource }) => owners.get(resource));
  return [...byResource.values()].flatMap(choose).sort(compareManifests);
};
