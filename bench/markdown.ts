import type { BenchmarkReport } from "./benchmark-report.ts";
import type { Figure, ScenarioResult, SubjectMeasurement } from "./measurements.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Spread } from "./statistics.ts";

const formatNumber = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** Formats a spread: `1.23 (1.20..1.30)`, or only the median when all values are equal. */
const formatSpread = ({ median, min, max }: Spread, scale = 1): string => {
  const [middle, low, high] = [median, min, max].map((value) => formatNumber(value / scale));
  return min === max ? `${middle}` : `${middle} (${low}..${high})`;
};

/** Formats the target of a figure: `>= 0.7`; empty without a target. */
export const formatTarget = ({ target }: Figure): string => {
  if (target === null) return "";
  return "at_least" in target ? `>= ${target.at_least}` : `<= ${target.at_most}`;
};

const formatReached = ({ reached }: Figure): string => (reached === null ? "" : reached ? "yes" : "**no**");

/** Formats a figure as a line for the terminal. */
export const figureLine = (figure: Figure): string => {
  const result =
    figure.reached === null ? "" : `   ${formatTarget(figure)}: ${figure.reached ? "reached" : "NOT REACHED"}`;
  return `  ${figure.label}: ${formatSpread(figure)} ${figure.unit}${result}`;
};

const table = (head: string[], rows: string[][]): string =>
  [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const formatOptional = (value: Spread | null, scale?: number): string =>
  value === null ? "" : formatSpread(value, scale);

const subjectRow = ({ subject, wall_ms, cpu_ms, peak_mb }: SubjectMeasurement): string[] => [
  subject,
  formatSpread(wall_ms, 1000),
  formatOptional(cpu_ms, 1000),
  formatOptional(peak_mb),
];

const figureRow = (figure: Figure): string[] => [
  figure.label,
  `${formatSpread(figure)} ${figure.unit}`,
  formatTarget(figure),
  formatReached(figure),
];

const section = ({ number, figures, subjects }: ScenarioResult, quick: boolean): string => {
  const scenario = SCENARIOS[number - 1];
  return [
    `## ${number}. ${scenario?.title}`,
    scenario?.about(quick),
    table(["figure", "median (min..max)", "target", "reached"], figures.map(figureRow)),
    table(["subject", "wall time (s)", "CPU time (s)", "peak memory (MB)"], subjects.map(subjectRow)),
  ].join("\n\n");
};

const conditions = ({ date, machine, restlake, dlt, rounds, quick }: BenchmarkReport): string =>
  [
    `${date.slice(0, 10)}, ${machine.cpus} x ${machine.cpu}, ${machine.memory_gb} GB, Node ${machine.node}, system load ${machine.load_before.toFixed(1)} before the start.`,
    `restlake ${restlake}, ${dlt === null ? "without dlt" : `dlt ${dlt}`}.`,
    `${rounds} round${rounds === 1 ? "" : "s"}${quick ? ", a tenth of the rows" : ""}.`,
  ].join(" ");

const METHOD = [
  "Each subject runs in its own process, one after the other; the API and the lake are other processes on the same machine.",
  "The baseline is one loop that fetches, parses, writes and compresses, without types and without crash safety.",
  "Of restlake, everything from `open` to `finish` is measured; of dlt, `pipeline.run`. The start of Node and of Python is not included.",
  "Ratios are computed round by round.",
].join(" ");

/** Returns the results as Markdown. */
export const markdown = (report: BenchmarkReport): string =>
  `${["# Benchmark", conditions(report), METHOD, ...report.results.map((result) => section(result, report.quick))].join("\n\n")}\n`;
