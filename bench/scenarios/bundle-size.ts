import { bundleSubjects } from "../bundles.ts";
import { figure } from "../measurements.ts";
import { ratiosOf, spreadOf } from "../statistics.ts";
import { interleaved, workFolder } from "../subjects.ts";
import type { Scenario } from "./scenario.ts";

const importsOf = (quick: boolean): number => (quick ? 3 : 15);

/** Compares the bundle of a source's Lambdas with a bundle of the SDK clients. */
export const bundleSize: Scenario = {
  title: "Bundle",
  about: (quick) =>
    `Minified as deployed: the module of a source's Lambdas, and a module with only the two SDK clients that it uses. Wall time is the time of the import in a fresh process (${importsOf(quick)} imports each).`,
  async measure({ quick }) {
    using folder = workFolder();
    const { subjects, size_mb } = await bundleSubjects(folder.path);
    const times = await interleaved(importsOf(quick), subjects);
    return {
      subjects: Object.entries(times).map(([subject, values]) => ({
        subject,
        wall_ms: spreadOf(values),
        cpu_ms: null,
        peak_mb: null,
      })),
      figures: [
        figure("source / SDK clients, import", "x", ratiosOf(times.source ?? [], times["SDK clients"] ?? []), {
          at_most: 1.3,
        }),
        figure("source, minified", "MB", spreadOf([size_mb.source]), { at_most: 1 }),
        figure("SDK clients, minified", "MB", spreadOf([size_mb["SDK clients"]])),
      ],
    };
  },
};
