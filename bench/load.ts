import process from "node:process";

/** A load: the only argument of a subject, as JSON. */
export interface Load {
  /** URL of the API. */
  api: string;
  /** The pages of one resource, or one page of children per parent. */
  kind: "rows" | "parents";
  /** Number of pages, or of parents. */
  count: number;
  /** Rows per page, or per parent. */
  rows: number;
  /** Milliseconds per response of the API. */
  latency: number;
  /** Folder to write to; for restlake the URL of its lake. */
  out: string;
  max_concurrency?: number;
  file_format?: "parquet";
  /** Whether to request the children in parallel. */
  parallelized?: boolean;
}

/** Measurement of one run of a subject. */
export interface Sample {
  /** Milliseconds from before the first request until the last byte is written. */
  wall_ms: number;
  /** CPU time of all threads during that time in milliseconds, user and system. */
  cpu_ms: number;
  /** Peak resident memory of the process in MB of 10^6 bytes. */
  peak_mb: number;
  /** Rows that it loaded, including parents. */
  rows: number;
}

/** Returns the number of rows of a load, including parents. */
export const rowsOf = ({ kind, count, rows }: Load): number => count * rows + (kind === "parents" ? count : 0);

/** Returns the path of the rows, or of the parents. */
export const pathOf = ({ latency, kind, count, rows }: Load): string => `${latency}/${kind}/${count}/${rows}`;

/** Returns the load from the arguments of a subject's process. */
export const readLoad = (): Load => JSON.parse(process.argv[2] ?? "") as Load;

/**
 * Measures the work in a subject's process, and prints the sample as the last line.
 *
 * @param work returns the number of rows that it loaded.
 */
export const measureWork = async (work: () => Promise<number>): Promise<void> => {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  const rows = await work();
  const wall_ms = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpu);
  const peak_mb = (process.resourceUsage().maxRSS * 1024) / 1e6;
  const sample: Sample = { wall_ms, cpu_ms: (user + system) / 1000, peak_mb, rows };
  console.log(JSON.stringify(sample));
};
