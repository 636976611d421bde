/** What a resource's Lambda returns to the machine: small, never data, never a secret (DESIGN 5). */
export interface Outcome {
  /**
   * `done`: everything is committed. `partial`: the time budget is spent. `throttled`: come again in `retry_after_seconds`.
   * `skipped`: nothing was done, `reason` says why.
   */
  status: "done" | "partial" | "throttled" | "skipped";
  source: string;
  resource: string;
  run_id: string;
  /** Totals of this resource in this run, over all invocations. */
  rows: number;
  pages: number;
  parts: number;
  /** HTTP requests, retries included. */
  requests: number;
  /** Seconds waited so far, in place and by the machine. */
  waited_seconds: number;
  /** Only `throttled`: whole seconds to wait now. */
  retry_after_seconds?: number;
  /** Only `skipped`: `lease` (another execution works on the source) or `not_in_run` (this resource was not asked for). */
  reason?: "lease" | "not_in_run";
  /** Only `skipped` for its lease: who holds it, until when. */
  owner?: string;
  expires_at?: string;
}
