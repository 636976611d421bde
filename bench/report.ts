import type { Figure, Measured, Result } from "./scenarios.ts";
import type { Spread } from "./statistics.ts";

/** A run of the benchmark: what is written as JSON. */
export interface Report {
  /** ISO time. */
  date: string;
  machine: { cpu: string; cpus: number; memory_gb: number; load_before: number; node: string };
  /** A commit, with `+` when files were changed since. */
  restlake: string;
  /** Null: was not there. */
  dlt: string | null;
  rounds: number;
  quick: boolean;
  results: Result[];
}

const digits = (value: number): string => value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);

/** `1.23 (1.20..1.30)`; the median alone when there is no spread. */
const spread = ({ median, min, max }: Spread, scale = 1): string =>
  min === max ? digits(median / scale) : `${digits(median / scale)} (${digits(min / scale)}..${digits(max / scale)})`;

/** `>= 0.7` */
export const targetText = ({ target }: Figure): string => {
  if (target === null) return "";
  return "at_least" in target ? `>= ${target.at_least}` : `<= ${target.at_most}`;
};

const reachedText = ({ reached }: Figure): string => (reached === null ? "" : reached ? "yes" : "**no**");

const table = (head: string[], rows: string[][]): string =>
  [head, head.map((_, index) => (index === 0 ? "---" : "---:")), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

const optional = (value: Spread | null, scale?: number): string => (value === null ? "" : spread(value, scale));

const subjectRow = ({ subject, wall_ms, cpu_ms, peak_mb }: Measured): string[] => [
  subject,
  spread(wall_ms, 1000),
  optional(cpu_ms, 1000),
  optional(peak_mb),
];

/** One line per figure, for the terminal. */
export const figureLine = (figure: Figure): string => {
  const judged =
    figure.reached === null ? "" : `   ${targetText(figure)}: ${figure.reached ? "reached" : "NOT REACHED"}`;
  return `  ${figure.label}: ${spread(figure)} ${figure.unit}${judged}`;
};

const section = ({ number, title, about, figures, subjects }: Result): string =>
  [
    `## ${number}. ${title}`,
    about,
    table(
      ["", "median (min..max)", "target", "reached"],
      figures.map((figure) => [
        figure.label,
        `${spread(figure)} ${figure.unit}`,
        targetText(figure),
        reachedText(figure),
      ]),
    ),
    table(["subject", "wall s", "CPU s", "peak MB"], subjects.map(subjectRow)),
  ].join("\n\n");

/** The run as Markdown. */
export const markdown = ({ date, machine, restlake, dlt, rounds, quick, results }: Report): string =>
  `${[
    "# Benchmark",
    `${date.slice(0, 10)}, ${machine.cpus} x ${machine.cpu}, ${machine.memory_gb} GB, Node ${machine.node}, load ${machine.load_before.toFixed(1)} before it began. restlake ${restlake}, ${dlt === null ? "without dlt" : `dlt ${dlt}`}. ${rounds} round${rounds === 1 ? "" : "s"}${quick ? ", a tenth of the rows" : ""}.`,
    "Each subject runs in a process of its own, in turns; API and lake are other processes on the same machine. Of dlt, `pipeline.run` is measured and the start of Python is not; of restlake all from `open` to `finish`, and the start of Node is not. Ratios are taken round by round.",
    ...results.map(section),
  ].join("\n\n")}\n`;
