import { join } from "node:path";
import { commandForm } from "../infra/command-form.ts";
import { bucketFolder } from "../infra/lake-folder.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { reportPageKey } from "../lib/lake/keys.ts";
import { DEFAULT_OUT } from "./command.ts";
import type { SourceSummary } from "./summary.ts";

const outOption = (out: string): string => (out === DEFAULT_OUT ? "" : `--out ${out}`);

/** Returns a command without further arguments, for a lake. */
const commandFor = (command: string, out: string): string => commandForm(command, outOption(out));

/** Returns the command that lists the tables of a lake. */
export const tablesCommand = (out: string): string => commandFor("query", out);

/** Returns the command that shows rows of the first table that has any. */
export const queryCommand = (sources: (readonly [ResolvedSource, SourceSummary])[], out: string): string => {
  const tables = sources.flatMap(([{ name, resources }, summary]) =>
    resources
      .filter(({ selected }) => selected)
      .map(({ name: resource, table }) => ({
        table: `${name}.${table}`,
        rows: summary.resources.find((candidate) => candidate.resource === resource)?.rows ?? 0,
      })),
  );
  const { table } = tables.find(({ rows }) => rows > 0) ?? tables[0] ?? { table: "..." };
  return commandForm("query", `"select * from ${table} limit 10" ${outOption(out)}`.trim());
};

/** Returns lines with the paths of the runs' reports; none if no run has one. */
export const reportLines = (summaries: SourceSummary[], out: string): string[] => {
  const pages = summaries.flatMap(({ source, run_id, cost }) =>
    run_id === null || cost === null ? [] : [join(bucketFolder(out), reportPageKey(source, run_id))],
  );
  if (pages.length === 0) return [];
  return [
    pages.length === 1 ? "Report:" : "Reports:",
    ...pages.map((page) => `  ${page}`),
    `  ${commandFor("report", out)}`,
    "    lists the reports of all runs",
    "",
  ];
};
