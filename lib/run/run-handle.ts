import type { Usage } from "../metering/usage.ts";
import type { StartOptions } from "./start-options.ts";

/** What the states after `open` know of the run. */
export interface RunHandle {
  run_id: string;
  owner: string;
  /** Resources that this execution works on, ancestors included; null: all. */
  resources: string[] | null;
  /** Input of a successor execution that continues this run. */
  successor: Omit<StartOptions, "new_run"> & { owner: string };
  /** What the `open` state used; missing when the execution began under an older deployment. */
  usage?: Usage;
}
