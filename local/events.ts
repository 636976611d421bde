/** Something that happened in a run, as the commands show it or print it with `--json`. */
export interface RunEvent {
  /**
   * `resource`: a Task began. `page`, `part`, `wait`, `throttled`, `schema`, `adopted` ...: the log's own messages.
   * `outcome`: a Task returned. `failure`: a Task threw. `waiting`: the machine waits.
   */
  type: string;
  source: string;
  resource?: string;
  [field: string]: unknown;
}

/** Where events go. */
export type EventSink = (event: RunEvent) => void;
