import { LAMBDA_TIMEOUT } from "../../infra/definition.ts";
import { bucketFolder } from "../../infra/lake-folder.ts";
import type { Source } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import { type SeenRequest, startExampleApi } from "../../local/example-api/index.ts";
import { runInProcess } from "../../local/in-process.ts";
import type { Execution } from "../../local/state-machine/index.ts";
import { createTracker, type SourceSummary } from "../summary.ts";

/** The address that all examples have for the API. */
const PLACEHOLDER = "https://api.example.com";

/** What came of an example. */
export interface ExampleRun {
  source: ResolvedSource;
  /** The API's address. */
  url: string;
  execution: Execution;
  summary: SourceSummary;
  /** All that the API was asked, in order; nothing in it is secret. */
  requests: SeenRequest[];
}

/** A config value with the API's address in place of the placeholder, however deep; functions stay. */
const placed = <Value>(value: Value, url: string): Value => {
  if (typeof value === "string") return value.replaceAll(PLACEHOLDER, url) as Value;
  if (Array.isArray(value)) return value.map((inner) => placed(inner, url)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, placed(inner, url)])) as Value;
};

/**
 * Runs an example's machine in this process, against an example API that lives as long as the run.
 *
 * @param options.out folder of the local lake.
 */
export const runExample = async (
  { config, settings }: Source,
  { out, stop }: { out: string; stop: AbortSignal },
): Promise<ExampleRun> => {
  await using api = await startExampleApi();
  const source = resolveSource({ config: placed(config, api.url), settings });
  const tracker = createTracker(
    source.name,
    source.resources.map(({ name }) => name),
  );
  const execution = await runInProcess(source, {
    out,
    input: {},
    secrets: api.secrets,
    time_budget: LAMBDA_TIMEOUT,
    wait_scale: 1,
    stop,
    sink: tracker.sink,
  });
  return { source, url: api.url, execution, summary: tracker.summary(bucketFolder(out)), requests: api.requests };
};
