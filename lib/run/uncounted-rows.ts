import { readManifest } from "../lake/manifest.ts";
import { addWarnings } from "../metering/warnings.ts";
import type { Ports } from "../ports/index.ts";
import type { ResourceState } from "../report/resource-report.ts";
import type { EarlierRun } from "../report/run-report.ts";
import type { SourceFacts } from "./source-facts.ts";

type ReadingPorts = Pick<Ports, "bucket" | "logger">;

/** Returns the names in a manifest's list of resources: `purchases` for `orders/purchases`. */
const namesIn = (table_resources: string[]): string[] =>
  table_resources.map((entry) => entry.split("/").at(-1) ?? entry);

/** Returns the resources of earlier runs that the source no longer has, each with the newest of its runs. */
const goneResources = (earlier: EarlierRun[], names: ReadonlySet<string>): [name: string, run_id: string][] => {
  const gone = new Map<string, string>();
  for (const { run_id, resources } of earlier) {
    for (const name of Object.keys(resources)) if (!names.has(name) && !gone.has(name)) gone.set(name, run_id);
  }
  return [...gone];
};

/**
 * Returns the reports of a run, with a warning for each table that has rows under a name that counts no more: the source has no
 * such resource, and none names it in `renamed_from`. Only the runs that reports list are known; where no resource of them is
 * gone, nothing is read. The next run replaces the rows of a `replace` table anyway.
 */
export const withUncountedRows = async (
  ports: ReadingPorts,
  { source, resources }: SourceFacts,
  states: ResourceState[],
  earlier: EarlierRun[],
): Promise<ResourceState[]> => {
  const names = new Set(resources.map(({ name }) => name));
  const gone = goneResources(earlier, names);

  const warningsOf = async ({ report: { table }, rules }: ResourceState): Promise<string[]> => {
    if (rules === null || rules.write_disposition === "replace") return [];
    const counted = new Set([...names, ...namesIn(rules.table_resources)]);
    const uncounted = new Set<string>();
    for (const [resource, run_id] of gone) {
      const manifest = await readManifest(ports, { source, resource, table, run_id, selected: true });
      if (manifest === null) continue;
      for (const name of [resource, ...namesIn(manifest.table_resources)]) if (!counted.has(name)) uncounted.add(name);
    }
    return [...uncounted].map(
      (name) =>
        `the rows of ${name} do not count towards table ${table} (no resource of the source has this name, or names it in renamed_from): add ${name} to renamed_from of the resource that continues it`,
    );
  };

  const isFirstOfTable = ({ report }: ResourceState, index: number): boolean =>
    states.findIndex(({ report: other, rules }) => rules !== null && other.table === report.table) === index;
  return Promise.all(
    states.map(async (state, index) => {
      const added = gone.length > 0 && isFirstOfTable(state, index) ? await warningsOf(state) : [];
      if (added.length === 0) return state;
      return { ...state, report: { ...state.report, warnings: addWarnings(state.report.warnings, added) } };
    }),
  );
};
