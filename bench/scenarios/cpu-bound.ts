import { cpuRatio, measure, speedup, summarize } from "../measurements.ts";
import { baseline, dlt, restlake, type Task } from "../subjects.ts";
import { type Scenario, WALL_TIME_RATIOS } from "./scenario.ts";

const pagesOf = (quick: boolean): number => (quick ? 30 : 300);

/** Loads from an API without latency: the speed of the CPU decides. */
export const cpuBound: Scenario = {
  title: "CPU",
  about: (quick) => `${pagesOf(quick)} pages of 1,000 rows from an API without latency. ${WALL_TIME_RATIOS}`,
  async measure({ api, python, rounds, quick }) {
    const task: Task = { api, kind: "rows", count: pagesOf(quick), rows: 1000, latency: 0 };
    const samples = await measure(rounds, {
      restlake: restlake(task),
      baseline: baseline(task),
      dlt: python && dlt(python, task),
      "restlake, one request at a time": restlake({ ...task, max_concurrency: 1 }),
      "restlake, Parquet": restlake({ ...task, file_format: "parquet" }),
    });
    return {
      subjects: summarize(samples),
      figures: [
        ...speedup(samples, "baseline", "restlake", { at_least: 0.7 }),
        ...speedup(samples, "dlt", "restlake", { at_least: 8 }),
        ...speedup(samples, "dlt", "baseline"),
        ...speedup(samples, "baseline", "restlake, one request at a time"),
        ...speedup(samples, "baseline", "restlake, Parquet"),
        ...cpuRatio(samples, "baseline"),
        ...cpuRatio(samples, "dlt"),
      ],
    };
  },
};
