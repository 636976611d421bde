import { LAMBDA_TIMEOUT } from "../../infra/definition.ts";
import { bucketFolder } from "../../infra/lake-folder.ts";
import type { Source } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import { type SeenRequest, startExampleApi } from "../../local/example-api/index.ts";
import { runInProcess } from "../../local/in-process.ts";
import type { Execution } from "../../local/state-machine/index.ts";
import { createTracker, type SourceSummary } from "../summary.ts";

/** The base_url of all examples. */
const PLACEHOLDER = "https://api.example.com";

/** Result of running an example. */
export interface ExampleRun {
  source: ResolvedSource;
  /** URL of the example API. */
  url: string;
  execution: Execution;
  summary: SourceSummary;
  /** All requests that the API received, in order. Secrets are masked. */
  requests: SeenRequest[];
}

/** Returns a config value with the URL instead of the placeholder, at any depth. Functions are kept. */
const withUrl = <Value>(value: Value, url: string): Value => {
  if (typeof value === "string") return value.replaceAll(PLACEHOLDER, url) as Value;
  if (Array.isArray(value)) return value.map((inner) => withUrl(inner, url)) as Value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withUrl(inner, url)])) as Value;
};

/**
 * Runs the state machine of an example in this process, against an example API that ends with the run.
 *
 * @param options.out folder of the local lake.
 */
export const runExample = async (
  { config, settings }: Source,
  { out, stop }: { out: string; stop: AbortSignal },
): Promise<ExampleRun> => {
  await using api = await startExampleApi();
  const source = resolveSource({ config: withUrl(config, api.url), settings });
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
