import { z } from "zod";
import { ENDPOINT_DEFAULTS, ERROR_HANDLER_DEFAULTS, RETRIED_STATUS_CODES } from "../defaults.ts";
import { auth } from "./auth-types.ts";
import { paginator } from "./paginator-types.ts";
import {
  headerName,
  httpUrl,
  plainSecretText,
  seconds,
  statusCode,
  withDefault,
  withDefaultNote,
} from "./primitives.ts";

const retriedStatusCodes = RETRIED_STATUS_CODES.map(({ first, last }) =>
  first === last ? `\`${first}\`` : `\`${first}\` to \`${last}\``,
).join(", ");

/** Retries of failed requests. */
export const errorHandler = z
  .strictObject({
    retry_on_status_codes: withDefaultNote(z.array(statusCode).optional(), retriedStatusCodes).describe(
      "Status codes of responses that are retried.",
    ),
    max_retries: withDefault(z.int().nonnegative().optional(), ERROR_HANDLER_DEFAULTS.max_retries).describe(
      "Maximum number of consecutive retries. The count restarts after each commit.",
    ),
    backoff_factor: withDefault(z.number().min(1).optional(), ERROR_HANDLER_DEFAULTS.backoff_factor).describe(
      "Base of the exponential backoff: the delay before retry n is random, at most `backoff_factor` to the power of n seconds.",
    ),
    min_retry_after: withDefault(seconds.optional(), ERROR_HANDLER_DEFAULTS.min_retry_after).describe(
      "Minimum delay before a retry, in seconds.",
    ),
  })
  .describe("Retries of failed requests. A `Retry-After` header can extend the delay. Not in dlt.");

/** Rate limit of all resources of a source together. */
export const rateLimit = z
  .strictObject({
    requests: z.int().positive().describe("Maximum number of requests in each period."),
    per: z.number().positive().describe("Length of the period, in seconds."),
  })
  .describe("Rate limit of all resources together. The state machine takes long waits. Not in dlt.");

/** Maximum number of concurrent requests of a resource. */
export const maxConcurrency = z.int().min(1).max(100);

const CONCURRENCY =
  "Maximum number of concurrent requests of a resource, 1 to 100, where later pages are known in advance. Not in dlt.";

/** `max_concurrency` of the client. */
const clientConcurrency = withDefault(maxConcurrency.nullish(), ENDPOINT_DEFAULTS.max_concurrency).describe(
  CONCURRENCY,
);

/** `max_concurrency` of an endpoint. */
export const endpointConcurrency = withDefaultNote(maxConcurrency.nullish(), "the client's").describe(CONCURRENCY);

/** dlt's `client`: settings of all resources of a source. */
export const client = z
  .strictObject({
    base_url: httpUrl.describe("URL that paths are appended to. A stage in `serverless.yml` may override it."),
    headers: z
      .record(headerName, plainSecretText)
      .nullish()
      .describe("Headers of every request. Values may be secret references."),
    auth: auth.nullish().describe("Authentication of requests, unless an endpoint has its own."),
    paginator: withDefault(paginator.nullish(), ENDPOINT_DEFAULTS.paginator).describe(
      "Pagination of all endpoints without a `paginator`.",
    ),
    error_handler: withDefaultNote(errorHandler.nullish(), "the defaults of its keys"),
    rate_limit: rateLimit.nullish(),
    max_concurrency: clientConcurrency,
  })
  .describe("Settings that all resources share.");
