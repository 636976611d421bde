import { join } from "node:path";
import { bucketFolder } from "../infra/lake-folder.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { reportPageKey } from "../lib/lake/keys.ts";
import { DEFAULT_OUT } from "./command.ts";
import type { SourceSummary } from "./summary.ts";

/** ` --out DIR`, where the lake is not where it is looked for. */
const outOption = (out: string): string => (out === DEFAULT_OUT ? "" : ` --out ${out}`);

/** The command that lists the tables. */
export const tablesHint = (out: string): string => `npm run query${out === DEFAULT_OUT ? "" : ` --${outOption(out)}`}`;

/** The command that shows the first table with rows. */
export const queryHint = (sources: (readonly [ResolvedSource, SourceSummary])[], out: string): string => {
  const tables = sources.flatMap(([{ name, resources }, summary]) =>
    resources
      .filter(({ selected }) => selected)
      .map(({ name: resource, table }) => ({
        table: `${name}.${table}`,
        rows: summary.resources.find((candidate) => candidate.resource === resource)?.rows ?? 0,
      })),
  );
  const { table } = tables.find(({ rows }) => rows > 0) ?? tables[0] ?? { table: "..." };
  return `npm run query -- "select * from ${table} limit 10"${outOption(out)}`;
};

/** Where the pages of these runs are; nothing where none of them got to a report. */
export const reportLines = (summaries: SourceSummary[], out: string): string[] => {
  const pages = summaries.flatMap(({ source, run_id, cost }) =>
    run_id === null || cost === null ? [] : [join(bucketFolder(out), reportPageKey(source, run_id))],
  );
  const all = `npm run report${out === DEFAULT_OUT ? "" : ` --${outOption(out)}`}`;
  if (pages.length === 0) return [];
  return [
    pages.length === 1 ? "The report:" : "The reports:",
    ...pages.map((page) => `  ${page}`),
    `  ${all}`,
    "    shows all runs",
    "",
  ];
};

/** What to say when somebody else works on the source; null when nobody does. */
export const busyText = (source: string, output: unknown): string | null => {
  const { status, owner, expires_at } = (output ?? {}) as { status?: string; owner?: string; expires_at?: string };
  return status === "skipped"
    ? `${source} is being worked on by ${owner ?? "someone else"}, until ${expires_at ?? "it is done"} at the latest: nothing was done. Start it again later`
    : null;
};
