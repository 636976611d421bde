import type { MergeRules } from "../../lib/config/resolved.ts";
import type { HandmadeRun } from "../local/lake.fixture.ts";
import { modelRows } from "../tables/tables.fixture.ts";
import { type Api, NAMES, type Name, RESOURCES, TABLES } from "./bazaar.fixture.ts";
import type { Row } from "./world.ts";

/** Rows that a run loads according to the model. */
export interface ModelRun {
  run_id: string;
  loads: Record<Name, Row[]>;
  full: Record<Name, boolean>;
  /** Whether the run removes the rows that it did not see from a merge. */
  removes: Record<Name, boolean>;
}

export type Cursors = Partial<Record<Name, number>>;

const changedOf = (row: Row): number => Number(row.changed);

/** Returns what a run loads: all rows, or the rows that changed after the cursor; and the cursors of the next run. */
export const modelRun = (api: Api, cursors: Cursors, refresh: boolean, run_id: string) => {
  const start = (name: Name) => (RESOURCES[name].incremental && !refresh ? cursors[name] : undefined);
  const loads = {} as ModelRun["loads"];
  const full = {} as ModelRun["full"];
  const removes = {} as ModelRun["removes"];
  const next: Cursors = { ...cursors };
  for (const name of NAMES) {
    const from = start(name);
    full[name] = from === undefined;
    // `on_missing_rows` of customers is "delete".
    removes[name] = full[name] && (refresh || name === "customers");
    loads[name] = structuredClone(api[name].filter((row) => from === undefined || changedOf(row) > from));
    if (!RESOURCES[name].incremental || loads[name].length === 0) continue;
    next[name] = Math.max(next[name] ?? 0, ...loads[name].map(changedOf));
  }
  return { run: { run_id, loads, full, removes }, cursors: next };
};

/** Rows by table, in a comparable form. */
export type Tables = Record<string, string[]>;

/** Returns a row in a comparable form: sorted columns, without nulls and `_extracted_at`. */
export const canonical = (row: Row): string =>
  JSON.stringify(
    Object.entries(row)
      .filter(([name, value]) => value !== null && value !== undefined && name !== "_extracted_at")
      .map(([name, value]): [string, unknown] => [name, typeof value === "bigint" ? Number(value) : value])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Returns the rows of all tables after these runs. */
export const modelTables = (runs: ModelRun[], isDone: (name: Name, run_id: string) => boolean): Tables => {
  const runsOf = (table: string): HandmadeRun[] =>
    runs.flatMap(({ run_id, loads, removes }) =>
      NAMES.filter((name) => RESOURCES[name].table === table).map((name) => ({
        table,
        resource: name,
        run_id,
        removes_missing_rows: removes[name],
        finished: isDone(name, run_id),
        parts: [loads[name].map((row, index) => ({ ...row, _run_id: run_id, _seq: index + 1 }))],
      })),
    );
  return Object.fromEntries(
    TABLES.map((table) => {
      const { rules } = Object.values(RESOURCES).find((resource) => resource.table === table) as { rules: MergeRules };
      return [table, modelRows(runsOf(table), rules).map(canonical).sort()];
    }),
  );
};

/** Returns what `manifestRows` returns according to the model. */
export const modelManifestRows = (runs: ModelRun[], isDone: (name: Name, run_id: string) => boolean) =>
  Object.fromEntries(
    runs.flatMap(({ run_id, loads, full }) =>
      NAMES.filter((name) => isDone(name, run_id)).map((name) => {
        const isParquet = ["suppliers", "stock_north", "stock_south"].includes(name);
        const rows = loads[name].map((row, index) => canonical({ ...row, _run_id: run_id, _seq: index + 1 }));
        return [`${run_id}-${name} ${full[name] ? "full" : "new"}`, isParquet ? rows.length : rows];
      }),
    ),
  );
