import { type Report, targetText } from "./report.ts";
import type { Figure } from "./scenarios.ts";

const WIDTH = 900;
const LABELS = 330;
const VALUES = 190;
const LINE = 26;
const TOP = 70;
/** Ratios at both ends, when none is further out. */
const ENDS = [0.5, 16];

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 15px; }
  .quiet { fill: #57606a; font-size: 12px; }
  .bar { fill: #2f6fbf; }
  .missed { fill: #c4661f; }
  .told { fill: #8c959f; }
  line { stroke: #8c959f; }
  .target { stroke: #24292f; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .bar { fill: #5a9bea; }
    .missed { fill: #e08a45; }
    .told { fill: #6e7681; }
    .target { stroke: #e6edf3; }
  }`;

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const goalOf = ({ target }: Figure): number | null =>
  target === null ? null : "at_least" in target ? target.at_least : target.at_most;

/** All ratios of a run as a bar chart: bars from 1 on, on a logarithmic scale, with what each should be. */
export const chart = ({ results, restlake, date }: Report): string => {
  const ratios = results.flatMap(({ number, figures }) =>
    figures.filter(({ unit }) => unit === "x").map((figure) => ({ number, figure })),
  );
  const all = ratios.flatMap(({ figure }) => [figure.min, figure.max, goalOf(figure) ?? 1]);
  const low = Math.log2(Math.min(...ENDS, ...all));
  const high = Math.log2(Math.max(...ENDS, ...all));
  const x = (ratio: number) => LABELS + ((Math.log2(ratio) - low) / (high - low)) * (WIDTH - LABELS - VALUES);
  const height = TOP + ratios.length * LINE + 20;
  const bars = ratios.map(({ number, figure }, index) => {
    const y = TOP + index * LINE;
    const [from, to] = [Math.min(x(1), x(figure.median)), Math.max(x(1), x(figure.median))];
    const goal = goalOf(figure);
    const kind = figure.reached === null ? "told" : figure.reached ? "bar" : "missed";
    return [
      `<text x="${LABELS - 10}" y="${y + 13}" text-anchor="end">${number}. ${escaped(figure.label)}</text>`,
      `<rect class="${kind}" x="${from.toFixed(1)}" y="${y + 1}" width="${Math.max(1, to - from).toFixed(1)}" height="16"/>`,
      `<line x1="${x(figure.min).toFixed(1)}" x2="${x(figure.max).toFixed(1)}" y1="${y + 9}" y2="${y + 9}"/>`,
      goal === null
        ? ""
        : `<line class="target" x1="${x(goal).toFixed(1)}" x2="${x(goal).toFixed(1)}" y1="${y - 2}" y2="${y + 20}"/>`,
      `<text x="${WIDTH - VALUES + 15}" y="${y + 13}">${figure.median.toFixed(2)}x</text>`,
      `<text class="quiet" x="${WIDTH - 10}" y="${y + 13}" text-anchor="end">${escaped(targetText(figure))}</text>`,
    ].join("");
  });
  const one = x(1).toFixed(1);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>Ratios of restlake to what it is compared with</title>
<style>${STYLE}
</style>
<text class="title" x="10" y="24">restlake: ratios</text>
<text class="quiet" x="10" y="44">${escaped(`${date.slice(0, 10)}, ${restlake}. Logarithmic; thin lines: min..max of the rounds; upright: the target`)}</text>
<line x1="${one}" x2="${one}" y1="${TOP - 6}" y2="${height - 16}"/>
<text class="quiet" x="${one}" y="${height - 3}" text-anchor="middle">1</text>
${bars.join("\n")}
</svg>
`;
};
