/**
 * The dialect, as one zod schema: it gives the types, the validation, the JSON Schema and the tables of docs/sources.md.
 * Only `infra` and the CLI run it: a Lambda carries a config that was validated when it was built, and
 * imports nothing but types from here.
 */
import { z } from "zod";
import { client } from "./client.ts";
import { identifier, resourceName, seconds } from "./primitives.ts";
import { resource, resourceDefaults } from "./resource.ts";

/** A source: one API. dlt's `rest_api` config, plus `name`. */
export const sourceConfig = z.strictObject({
  name: identifier.describe("Name of the source; the file is named after it, with dashes."),
  client,
  resource_defaults: resourceDefaults.nullish(),
  resources: z
    .array(z.union([resourceName, resource]))
    .min(1, "at least one resource is needed")
    .describe("The endpoints; a string is name and path in one."),
});

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
};

/** What is not dlt's: how the source is scheduled and bounded. All durations in seconds. */
export const sourceSettings = z.strictObject({
  schedule: z
    .string()
    .regex(/^(cron|rate)\(.+\)$/, "must be cron(...) or rate(...)")
    .optional()
    .describe("EventBridge Scheduler expression, `cron(...)` or `rate(...)`."),
  timezone: z
    .string()
    .refine(isTimeZone, "must be an IANA time zone, such as Europe/Vienna")
    .optional()
    .describe("IANA time zone of the schedule."),
  max_inline_wait: seconds.optional().describe("A wait up to this long, if it fits the budget, is taken in place."),
  max_wait: seconds.optional().describe("A wait longer than this fails at once."),
  max_run_age: seconds.optional().describe("Older open runs are abandoned."),
  fresh_after: seconds
    .optional()
    .describe("When the run just closed was opened longer ago than this, the same execution goes on with a fresh one."),
  request_timeout: z.number().positive().optional().describe("One request's timeout."),
  allow_link_local: z
    .boolean()
    .optional()
    .describe("Whether base_url may be a link-local address, where cloud metadata services live."),
  file_max_items: z.int().positive().optional().describe("A part is closed at this many rows..."),
  file_max_bytes: z.int().positive().optional().describe("...or at this many bytes before compression..."),
  file_max_seconds: seconds.optional().describe("...or after this many seconds."),
});

/** A source's config as it is written. */
export type SourceConfig = z.input<typeof sourceConfig>;
/** A source's settings as they are written. */
export type SourceSettings = z.input<typeof sourceSettings>;
/** A paginator with its defaults applied. */
export type Paginator = z.output<typeof import("./client.ts").builtInPaginator>;
/** An auth with its defaults applied. */
export type Auth = z.output<typeof import("./client.ts").builtInAuth>;
/** An error handler as it is written. */
export type ErrorHandler = z.output<typeof import("./client.ts").errorHandler>;
/** How often the API may be asked. */
export type RateLimit = z.output<typeof import("./client.ts").rateLimit>;
/** What is said of a column. */
export type Column = z.output<typeof import("./resource.ts").column>;
/** What a column may be declared as. */
export type DeclaredType = z.output<typeof import("./resource.ts").dataType>;
/** Incremental loading, as it is written. */
export type Incremental = z.output<typeof import("./resource.ts").incremental>;
