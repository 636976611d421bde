import type { Sample } from "./load.ts";
import { ratiosOf, type Spread, spreadOf } from "./statistics.ts";
import { interleaved, type Subject } from "./subjects.ts";

/** Goal of a figure. */
export type Target = { at_least: number } | { at_most: number };

/** A figure of a scenario, over all rounds. */
export interface Figure extends Spread {
  label: string;
  /** A ratio, or MB of 10^6 bytes. */
  unit: "x" | "MB";
  /** null for a figure without a goal. */
  target: Target | null;
  /** Whether the median reaches the target; null without a target. */
  reached: boolean | null;
}

/** Time and memory of one subject, over all rounds. */
export interface SubjectMeasurement {
  subject: string;
  wall_ms: Spread;
  /** null when it was not measured. */
  cpu_ms: Spread | null;
  peak_mb: Spread | null;
}

/** Results of one scenario. */
export interface ScenarioResult {
  /** Number of the scenario. */
  number: number;
  subjects: SubjectMeasurement[];
  figures: Figure[];
}

/** Samples of each subject, one per round. */
export type Samples = Record<string, Sample[]>;

/** Returns a figure and whether it reaches its target. */
export const figure = (label: string, unit: Figure["unit"], spread: Spread, target: Target | null = null): Figure => {
  const isReached = (goal: Target) =>
    "at_least" in goal ? spread.median >= goal.at_least : spread.median <= goal.at_most;
  return { label, unit, ...spread, target, reached: target === null ? null : isReached(target) };
};

/** Runs the subjects and prints each sample. Subjects that are null are left out. */
export const measure = (rounds: number, subjects: Record<string, Subject | null>): Promise<Samples> => {
  const available = Object.entries(subjects).filter((entry): entry is [string, Subject] => entry[1] !== null);
  return interleaved(rounds, Object.fromEntries(available), (name, { wall_ms, cpu_ms, peak_mb }) =>
    console.log(
      `  ${name}: ${(wall_ms / 1000).toFixed(2)} s, CPU ${(cpu_ms / 1000).toFixed(2)} s, ${peak_mb.toFixed(0)} MB`,
    ),
  );
};

/** Returns one value per round. */
export const valuesOf = (samples: Samples, subject: string, key: keyof Sample): number[] =>
  (samples[subject] ?? []).map((sample) => sample[key]);

/** Returns the spread of each subject's samples. */
export const summarize = (samples: Samples): SubjectMeasurement[] =>
  Object.keys(samples).map((subject) => ({
    subject,
    wall_ms: spreadOf(valuesOf(samples, subject, "wall_ms")),
    cpu_ms: spreadOf(valuesOf(samples, subject, "cpu_ms")),
    peak_mb: spreadOf(valuesOf(samples, subject, "peak_mb")),
  }));

/** Returns how many times faster `subject` is than `other`; no figure when `other` was not measured. */
export const speedup = (
  samples: Samples,
  other: string,
  subject = "restlake",
  target: Target | null = null,
): Figure[] => {
  if (samples[other] === undefined) return [];
  const ratios = ratiosOf(valuesOf(samples, other, "wall_ms"), valuesOf(samples, subject, "wall_ms"));
  return [figure(`${other} / ${subject}`, "x", ratios, target)];
};

/** Returns the CPU time of `other` divided by restlake's; no figure when `other` was not measured. */
export const cpuRatio = (samples: Samples, other: string): Figure[] => {
  if (samples[other] === undefined) return [];
  const ratios = ratiosOf(valuesOf(samples, other, "cpu_ms"), valuesOf(samples, "restlake", "cpu_ms"));
  return [figure(`${other} / restlake, CPU`, "x", ratios)];
};
