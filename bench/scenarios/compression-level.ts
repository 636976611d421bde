import type { Sample } from "../load.ts";
import { figure, measure, summarize, valuesOf } from "../measurements.ts";
import { nodeCommand, runSubject } from "../processes.ts";
import { ratiosOf } from "../statistics.ts";
import type { Subject } from "../subjects.ts";
import type { Scenario } from "./scenario.ts";

const LEVELS = [1, 4, 5, 6, 7, 9];
/** Level of `lib/parts/json.ts`. */
const CHOSEN_LEVEL = 6;

const nameOf = (level: number): string => `level ${level}`;
const pagesOf = (quick: boolean): number => (quick ? 14 : 140);

/** Compares the levels of gzip. */
export const compressionLevel: Scenario = {
  title: "Compression",
  about: (quick) =>
    `${pagesOf(quick)},000 rows as JSON lines (${quick ? 6 : 64} MB), compressed with gzip at several levels. Ratios divide a level by ${nameOf(CHOSEN_LEVEL)}, which restlake uses.`,
  async measure({ rounds, quick }) {
    const subjects = LEVELS.map((level): [string, Subject] => [
      nameOf(level),
      () => runSubject<Sample>(nodeCommand("gzip.ts", [String(level), String(pagesOf(quick))])),
    ]);
    const samples = await measure(rounds, Object.fromEntries(subjects));
    const chosen = nameOf(CHOSEN_LEVEL);
    const ratios = (level: string, key: "cpu_ms" | "rows") =>
      ratiosOf(valuesOf(samples, level, key), valuesOf(samples, chosen, key));
    return {
      subjects: summarize(samples),
      figures: LEVELS.map(nameOf)
        .filter((level) => level !== chosen)
        .flatMap((level) => [
          figure(`${level} / ${chosen}, bytes`, "x", ratios(level, "rows")),
          figure(`${level} / ${chosen}, CPU`, "x", ratios(level, "cpu_ms")),
        ]),
    };
  },
};
