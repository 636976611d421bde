import process from "node:process";

/** What a subject is to load, as its one argument, in JSON. */
export interface Load {
  /** The API's URL. */
  api: string;
  /** Pages of one resource after another, or the children of parents, one page each. */
  kind: "rows" | "parents";
  /** Pages, or parents. */
  count: number;
  /** Rows of a page; of a parent. */
  rows: number;
  /** Milliseconds that the API takes for each answer. */
  latency: number;
  /** A folder to write to; for restlake the URL of its lake. */
  out: string;
  max_concurrency?: number;
  file_format?: "parquet";
  /** Asks for the children side by side. */
  parallelized?: boolean;
}

/** What a subject took for it. */
export interface Sample {
  /** Milliseconds from before the first request to after the last byte is written. */
  wall_ms: number;
  /** Milliseconds of all its threads in that time, user and system. */
  cpu_ms: number;
  /** The greatest resident set that the process ever had. MB of 10^6 bytes. */
  peak_mb: number;
  /** Rows that it says it has loaded, parents among them. */
  rows: number;
}

/** Rows that a load has, parents among them. */
export const rowsOf = ({ kind, count, rows }: Load): number => count * rows + (kind === "parents" ? count : 0);

/** Path of the rows, or of the parents. */
export const pathOf = ({ latency, kind, count, rows }: Load): string => `${latency}/${kind}/${count}/${rows}`;

/** In a subject's process: what it is to load. */
export const readLoad = (): Load => JSON.parse(process.argv[2] ?? "") as Load;

/**
 * In a subject's process: measures the work, and prints the sample as the last line.
 *
 * @param work returns the rows that it has loaded.
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
