import type { Transitions } from "../metering/transitions.ts";
import type { Usage } from "../metering/usage.ts";
import type { StartOptions } from "./start-options.ts";

/** The run as `open` passes it to the states after it. */
export interface RunHandle {
  run_id: string;
  owner: string;
  /** Resources that this execution works on, ancestors included; null: all. */
  resources: string[] | null;
  /** Input of a successor execution that continues this run. */
  successor: Omit<StartOptions, "new_run"> & { owner: string };
  /** States that the state machine enters. */
  transitions: Transitions;
  /** Usage of the `open` state; missing when the execution began under an older deployment. */
  usage?: Usage;
}
