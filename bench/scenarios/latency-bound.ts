import { measure, speedup, summarize } from "../measurements.ts";
import { dlt, restlake, type Task } from "../subjects.ts";
import { type Scenario, WALL_TIME_RATIOS } from "./scenario.ts";

const pagesOf = (quick: boolean): number => (quick ? 30 : 300);

/** Loads small pages from an API with latency: the number of parallel requests decides. */
export const latencyBound: Scenario = {
  title: "Latency",
  about: (quick) => `${pagesOf(quick)} pages of 10 rows, 100 ms each. ${WALL_TIME_RATIOS}`,
  async measure({ api, python, rounds, quick }) {
    const task: Task = { api, kind: "rows", count: pagesOf(quick), rows: 10, latency: 100 };
    const samples = await measure(rounds, {
      restlake: restlake(task),
      dlt: python && dlt(python, task),
      "restlake, one request at a time": restlake({ ...task, max_concurrency: 1 }),
    });
    return {
      subjects: summarize(samples),
      figures: [
        ...speedup(samples, "dlt", "restlake", { at_least: 3.5 }),
        ...speedup(samples, "dlt", "restlake, one request at a time"),
        ...speedup(samples, "restlake, one request at a time"),
      ],
    };
  },
};
