/** An event of a run, as commands show it or print it with `--json`. */
export interface RunEvent {
  /**
   * `resource`: a Task started. `page`, `part`, `wait`, `throttled`, `schema`, `adopted` ...: messages of the logger.
   * `outcome`: a Task returned. `failure`: a Task threw. `waiting`: the state machine waits.
   */
  type: string;
  source: string;
  resource?: string;
  [field: string]: unknown;
}

/** Receives events. */
export type EventSink = (event: RunEvent) => void;
