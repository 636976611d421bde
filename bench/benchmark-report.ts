import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { chart } from "./chart.ts";
import { markdown } from "./markdown.ts";
import type { ScenarioResult } from "./measurements.ts";

/** Results of a run of the benchmark: `bench/results/latest.json`. */
export interface BenchmarkReport {
  /** ISO 8601. */
  date: string;
  machine: { cpu: string; cpus: number; memory_gb: number; load_before: number; node: string };
  /** Commit of restlake, with `+` when files were changed. */
  restlake: string;
  /** Version of dlt; null when it was not measured. */
  dlt: string | null;
  rounds: number;
  /** Whether only a tenth of the rows was loaded. */
  quick: boolean;
  results: ScenarioResult[];
}

const FOLDER = new URL("results/", import.meta.url);

/** Reads the stored results. */
export const readReport = (): BenchmarkReport =>
  JSON.parse(readFileSync(new URL("latest.json", FOLDER), "utf8")) as BenchmarkReport;

/** Writes the results as JSON, as Markdown and as a chart. */
export const writeReport = (report: BenchmarkReport): void => {
  mkdirSync(FOLDER, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(new URL(name, FOLDER), text);
  write("latest.json", `${JSON.stringify(report, null, 2)}\n`);
  write("latest.md", markdown(report));
  write("latest.svg", chart(report));
};
