import { formatCount, formatNumber } from "../format.ts";
import { MAX_EARLIER_RUNS } from "../history.ts";
import type { EarlierRun, ResourceReport } from "../run-report.ts";
import { type Html, html } from "./html.ts";

/** Width of a bar, and distance from one bar to the next, in units of the drawing. */
const BAR_WIDTH = 3.2;
const BAR_STEP = 4;
const HEIGHT = 22;
/** Height of a bar for zero rows. */
const MIN_BAR_HEIGHT = 1.2;
const MAX_BARS = MAX_EARLIER_RUNS + 1;

/**
 * Renders the rows of a resource in its earlier runs and in this run as a bar chart, oldest run first. Runs with a window, and
 * runs in which the resource was not done, are left out.
 *
 * @returns null when there is no earlier run to compare with.
 */
export const sparkline = ({ resource, rows, status }: ResourceReport, earlier: EarlierRun[]): Html | null => {
  const past = earlier
    .filter(({ window, resources }) => window === null && Object.hasOwn(resources, resource))
    .map(({ resources }) => resources[resource]?.rows ?? 0)
    .reverse();
  if (past.length === 0) return null;
  const values = status === "done" ? [...past, rows] : past;
  const max = Math.max(1, ...values);
  const bars = values.map((value, index) => {
    const height = Math.max(MIN_BAR_HEIGHT, (value / max) * HEIGHT);
    const isThisRun = status === "done" && index === values.length - 1;
    const x = (MAX_BARS - values.length + index) * BAR_STEP;
    return html`<rect class="${isThisRun ? (value === 0 ? "zero" : "now") : ""}" x="${x.toFixed(1)}" y="${(HEIGHT - height).toFixed(2)}" width="${BAR_WIDTH}" height="${height.toFixed(2)}" rx="0.6"/>`;
  });
  const text = `Rows in ${formatCount(values.length, "run")}, oldest first: ${values.map((value) => formatNumber(value)).join(", ")}`;
  return html`<svg class="spark" viewBox="0 0 ${MAX_BARS * BAR_STEP} ${HEIGHT}" role="img" aria-label="${text}"><title>${text}</title>${bars}</svg>`;
};
