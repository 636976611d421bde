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

/**
 * Returns the manifests whose parts make up a table, older runs first. They are chosen per resource, because each resource
 * of a table is refreshed, and fails, independently. `sql.ts` states the same rule in SQL.
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
  const byResource = Map.groupBy(manifests, ({ resource }) => resource);
  return [...byResource.values()].flatMap(choose).sort(compareManifests);
};
