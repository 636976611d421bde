import type { ResolvedAuth } from "../config/resolved.ts";
import type { HttpClient } from "../http/client.ts";
import { createHttpClient } from "../http/client.ts";
import { checkBaseUrl } from "../http/origin.ts";
import type { RateLimiter } from "../http/rate-limit.ts";
import { withTokenServer } from "../http/token-auths.ts";
import type { CommitLog } from "../lake/commit-log.ts";
import { addressOf } from "../lake/keys.ts";
import { createRowHashes } from "../lake/row-hashes.ts";
import { createSchemaStore, type SchemaStore } from "../lake/schemas.ts";
import { type HttpStats, NO_STATS } from "../metering/resource-stats.ts";
import { withFields } from "../ports/logger.ts";
import { type Budget, createBudget } from "../time/budget.ts";
import { createAccount } from "./account.ts";
import { createIncrementalLoading, type IncrementalLoading } from "./incremental-loading.ts";
import { createPageReader, type PageReader } from "./page-reader.ts";
import { openParents } from "./parents.ts";
import { createRequestBuilder } from "./request-builder.ts";
import type { Instruments, Invocation, RunContext } from "./run-context.ts";
import { createStaticReader } from "./static-reader.ts";

/** Everything that one invocation needs to read and commit pages. */
export interface Session {
  log: CommitLog;
  reader: PageReader;
  incremental: IncrementalLoading;
  schemas: SchemaStore;
  budget: Budget;
  /** The page that is being read, from 1: a field of every log line. */
  progress: { page: number };
  account: ReturnType<typeof createAccount>;
}

const openHttpClient = (
  { ports, source, resource }: RunContext,
  auth: ResolvedAuth | null,
  limiter: RateLimiter,
  budget: Budget,
): HttpClient => {
  const { error_handler, response_actions, response_format } = resource;
  const options = { ...source.settings, auth, error_handler, response_actions, response_format };
  return createHttpClient(ports, options, limiter, budget);
};

/** Opens the reader of a resource's pages, and the numbers of its requests. */
const openReader = async (
  context: RunContext,
  incremental: IncrementalLoading,
  budget: Budget,
  limiter: RateLimiter,
): Promise<{ reader: PageReader; stats: HttpStats }> => {
  const { ports, source, resource, run } = context;
  if (resource.rows !== null) return { reader: createStaticReader(resource.rows, ports.redactor), stats: NO_STATS };
  const { allow_link_local, max_empty_pages } = source.settings;
  const base = checkBaseUrl(source.name, source.base_url, allow_link_local);
  const auth = withTokenServer(resource.auth, base, allow_link_local);
  const parents = await openParents(context);
  const http = openHttpClient(context, auth, limiter, budget);
  const times = { opened_at: run.opened_at, now: ports.clock.now };
  const requests = createRequestBuilder({ base, allow_link_local }, resource, incremental, times);
  return {
    reader: createPageReader({ http, resource, requests, parents, budget, max_empty_pages, ...ports }),
    stats: http.stats,
  };
};

/**
 * Opens a session at the end of the log.
 *
 * @throws ConfigError for a base_url or token server that must not be requested; ParentError when the parent is not done.
 */
export const openSession = async (
  context: RunContext,
  log: CommitLog,
  { time, stop }: Invocation,
  { limiter, meter }: Instruments,
): Promise<Session> => {
  const { source, resource, run } = context;
  const progress = { page: log.end.position.pages + 1 };
  const ports = { ...context.ports, logger: withFields(context.ports.logger, progress) };
  const budget = createBudget(ports.clock, time, stop);
  const incremental = createIncrementalLoading(resource, run, createRowHashes(ports, source.name));
  const { reader, stats } = await openReader({ ...context, ports }, incremental, budget, limiter);
  return {
    log,
    reader,
    incremental,
    schemas: createSchemaStore(ports, addressOf(source.name, resource, run.run_id), resource),
    budget,
    progress,
    account: createAccount(log, stats, { meter, limiter, clock: ports.clock }),
  };
};
