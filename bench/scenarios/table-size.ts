import { figure, measure, type Samples, summarize, valuesOf } from "../measurements.ts";
import { ratiosOf, spreadOf } from "../statistics.ts";
import { restlake, type Subject } from "../subjects.ts";
import type { Scenario, Setting } from "./scenario.ts";

const PAGES = [10, 100, 1000];

const formatRows = (rows: number): string => `${rows.toLocaleString("en-US")} rows`;
const nameOf = (rows: number): string => `restlake, ${formatRows(rows)}`;

interface SizeSamples {
  /** Numbers of rows, the smallest first. */
  sizes: number[];
  samples: Samples;
}

/** Samples of the current process. Both scenarios measure the same loads, so the loads run once. */
let measured: Promise<SizeSamples> | undefined;

const measureSizes = ({ api, rounds, quick }: Setting): Promise<SizeSamples> => {
  measured ??= (async () => {
    const pages = PAGES.map((count) => (quick ? count / 10 : count));
    const subjects = pages.map((count): [string, Subject] => [
      nameOf(count * 1000),
      restlake({ api, kind: "rows", count, rows: 1000, latency: 0 }),
    ]);
    return { sizes: pages.map((count) => count * 1000), samples: await measure(rounds, Object.fromEntries(subjects)) };
  })();
  return measured;
};

/** Compares the peak memory of loads of different sizes. */
export const memoryUse: Scenario = {
  title: "Memory",
  about: () =>
    "Peak resident memory of restlake's process with the environment of a Lambda of 512 MB. The ratio divides the largest load by the smallest one.",
  async measure(setting) {
    const { sizes, samples } = await measureSizes(setting);
    const smallest = valuesOf(samples, nameOf(sizes.at(0) ?? 0), "peak_mb");
    const largest = valuesOf(samples, nameOf(sizes.at(-1) ?? 0), "peak_mb");
    return {
      subjects: summarize(samples),
      figures: [
        figure("largest load / smallest load", "x", ratiosOf(largest, smallest), { at_most: 1.25 }),
        figure("largest load", "MB", spreadOf(largest), { at_most: 200 }),
        figure("smallest load", "MB", spreadOf(smallest)),
      ],
    };
  },
};

/** Compares the time per row of loads of different sizes. */
export const scaling: Scenario = {
  title: "Scaling",
  about: () => "Time per row, divided by that of the smallest load. Below 1, a row of the larger load takes less time.",
  async measure(setting) {
    const { sizes, samples } = await measureSizes(setting);
    const timePerRow = (rows: number) => valuesOf(samples, nameOf(rows), "wall_ms").map((wall_ms) => wall_ms / rows);
    const [smallest = 0, ...larger] = sizes;
    return {
      subjects: summarize(samples),
      figures: larger.map((rows) =>
        figure(`${formatRows(rows)} / ${formatRows(smallest)}`, "x", ratiosOf(timePerRow(rows), timePerRow(smallest)), {
          at_most: 1.2,
        }),
      ),
    };
  },
};
