import type { ScenarioResult } from "../measurements.ts";
import type { Python } from "../python.ts";

/** Conditions of a run of the benchmark. */
export interface Setting {
  /** URL of the API. */
  api: string;
  /** null without dlt. */
  python: Python | null;
  rounds: number;
  /** Whether to load only a tenth of the rows. */
  quick: boolean;
}

/** A scenario of the benchmark. */
export interface Scenario {
  title: string;
  /** Describes the load and the meaning of the ratios. */
  about(quick: boolean): string;
  measure(setting: Setting): Promise<Omit<ScenarioResult, "number">>;
}

/** Last sentence of the description of a scenario that compares wall times. */
export const WALL_TIME_RATIOS = "Ratios compare wall times: above 1, restlake is faster.";
