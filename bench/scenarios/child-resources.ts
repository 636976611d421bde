import { measure, speedup, summarize } from "../measurements.ts";
import { dlt, restlake, type Task } from "../subjects.ts";
import { type Scenario, WALL_TIME_RATIOS } from "./scenario.ts";

const parentsOf = (quick: boolean): number => (quick ? 20 : 200);

/** Loads one page of children per parent. */
export const childResources: Scenario = {
  title: "Child resources",
  about: (quick) =>
    `${parentsOf(quick)} parents on one page, and a page of 10 rows for each of them, 20 ms per page. restlake has \`parallelized\` (four parallel requests); dlt is measured without it and with it (five threads). ${WALL_TIME_RATIOS}`,
  async measure({ api, python, rounds, quick }) {
    const task: Task = { api, kind: "parents", count: parentsOf(quick), rows: 10, latency: 20 };
    const parallel: Task = { ...task, parallelized: true };
    const samples = await measure(rounds, {
      restlake: restlake(parallel),
      dlt: python && dlt(python, task),
      "dlt, parallelized": python && dlt(python, parallel),
    });
    return {
      subjects: summarize(samples),
      figures: [...speedup(samples, "dlt", "restlake", { at_least: 3 }), ...speedup(samples, "dlt, parallelized")],
    };
  },
};
