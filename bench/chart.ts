import type { BenchmarkReport } from "./benchmark-report.ts";
import { formatTarget } from "./markdown.ts";
import type { Figure } from "./measurements.ts";

const WIDTH = 900;
const LABEL_WIDTH = 330;
const VALUE_WIDTH = 190;
const LINE_HEIGHT = 26;
const TOP = 70;
/** Minimum range of the axis. */
const RANGE = [0.5, 16];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 15px; }
  .muted { fill: #57606a; font-size: 12px; }
  .reached { fill: #2f6fbf; }
  .missed { fill: #c4661f; }
  .untargeted { fill: #8c959f; }
  line { stroke: #8c959f; }
  .target { stroke: #24292f; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .muted { fill: #9198a1; }
    .reached { fill: #5a9bea; }
    .missed { fill: #e08a45; }
    .untargeted { fill: #6e7681; }
    .target { stroke: #e6edf3; }
  }`;

const escapeXml = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const goalOf = ({ target }: Figure): number | null =>
  target === null ? null : "at_least" in target ? target.at_least : target.at_most;

/** Returns the horizontal position of a ratio. */
type Axis = (ratio: number) => number;

const axisOf = (figures: Figure[]): Axis => {
  const ratios = figures.flatMap((figure) => [figure.min, figure.max, goalOf(figure) ?? 1]);
  const low = Math.log2(Math.min(...RANGE, ...ratios));
  const high = Math.log2(Math.max(...RANGE, ...ratios));
  return (ratio) => LABEL_WIDTH + ((Math.log2(ratio) - low) / (high - low)) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH);
};

const bar = (label: string, figure: Figure, y: number, x: Axis): string => {
  const [from, to] = [Math.min(x(1), x(figure.median)), Math.max(x(1), x(figure.median))];
  const goal = goalOf(figure);
  const kind = figure.reached === null ? "untargeted" : figure.reached ? "reached" : "missed";
  return [
    `<text x="${LABEL_WIDTH - 10}" y="${y + 13}" text-anchor="end">${escapeXml(label)}</text>`,
    `<rect class="${kind}" x="${from.toFixed(1)}" y="${y + 1}" width="${Math.max(1, to - from).toFixed(1)}" height="16"/>`,
    `<line x1="${x(figure.min).toFixed(1)}" x2="${x(figure.max).toFixed(1)}" y1="${y + 9}" y2="${y + 9}"/>`,
    goal === null
      ? ""
      : `<line class="target" x1="${x(goal).toFixed(1)}" x2="${x(goal).toFixed(1)}" y1="${y - 2}" y2="${y + 20}"/>`,
    `<text x="${WIDTH - VALUE_WIDTH + 15}" y="${y + 13}">${figure.median.toFixed(2)}x</text>`,
    `<text class="muted" x="${WIDTH - 10}" y="${y + 13}" text-anchor="end">${escapeXml(formatTarget(figure))}</text>`,
  ].join("");
};

/** Returns all ratios as an SVG bar chart with a logarithmic axis. Bars start at 1; a vertical line marks the target. */
export const chart = ({ results, restlake, date }: BenchmarkReport): string => {
  const ratios = results.flatMap(({ number, figures }) =>
    figures.filter(({ unit }) => unit === "x").map((figure) => ({ label: `${number}. ${figure.label}`, figure })),
  );
  const x = axisOf(ratios.map(({ figure }) => figure));
  const height = TOP + ratios.length * LINE_HEIGHT + 20;
  const bars = ratios.map(({ label, figure }, index) => bar(label, figure, TOP + index * LINE_HEIGHT, x));
  const one = x(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>Benchmark of restlake against the baseline and dlt, as ratios</title>
<style>${STYLE}
</style>
<text class="title" x="10" y="24">restlake: benchmark ratios</text>
<text class="muted" x="10" y="44">${escapeXml(`${date.slice(0, 10)}, ${restlake}. Logarithmic axis. Thin lines: min..max of the rounds. Vertical lines: targets.`)}</text>
<line x1="${one}" x2="${one}" y1="${TOP - 6}" y2="${height - 16}"/>
<text class="muted" x="${one}" y="${height - 3}" text-anchor="middle">1</text>
${bars.join("\n")}
</svg>
`;
};
