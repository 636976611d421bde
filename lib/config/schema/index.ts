/**
 * The config schema (dlt-compatible), in zod: the source of the types, the validation, the JSON Schema and the tables of
 * docs/sources.md. Only `infra` and the CLI run it. A Lambda contains a config that was validated at build time, and imports
 * only types from here.
 */
import { z } from "zod";
import { SCHEDULE_DEFAULTS, SETTINGS_DEFAULTS } from "../defaults.ts";
import { client } from "./client-config.ts";
import { identifier, resourceName, seconds, withDefault } from "./primitives.ts";
import { resource, resourceDefaults } from "./resource-config.ts";

/** A source: one API. dlt's `rest_api` config, plus `name`. */
export const sourceConfig = z.strictObject({
  name: identifier.describe("Name of the source. The file has the same name, with dashes."),
  client,
  resource_defaults: resourceDefaults.nullish(),
  resources: z
    .array(z.union([resourceName, resource]))
    .min(1, "expected at least 1 resource")
    .describe("The resources. A string is both name and path."),
});

const isTimeZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
};

const setting = <Schema extends z.ZodType>(schema: Schema, key: keyof typeof SETTINGS_DEFAULTS) =>
  withDefault(schema.optional(), SETTINGS_DEFAULTS[key]);

/** Settings that dlt does not have: schedule and limits. All durations in seconds. */
export const sourceSettings = z.strictObject({
  schedule: withDefault(
    z
      .string()
      .regex(/^(cron|rate)\(.+\)$/, "expected cron(...) or rate(...)")
      .optional(),
    SCHEDULE_DEFAULTS.schedule,
  ).describe("Schedule as an EventBridge Scheduler expression, `cron(...)` or `rate(...)`."),
  timezone: withDefault(
    z.string().refine(isTimeZone, "expected IANA time zone, such as Europe/Vienna").optional(),
    SCHEDULE_DEFAULTS.timezone,
  ).describe("IANA time zone of the schedule."),
  max_inline_wait: setting(seconds, "max_inline_wait").describe(
    "Longest wait that the Lambda takes itself, in seconds. The state machine takes longer ones.",
  ),
  max_wait: setting(seconds, "max_wait").describe("Longest wait, in seconds. A longer one is an error."),
  max_empty_pages: setting(z.int().positive(), "max_empty_pages").describe(
    "Maximum number of consecutive pages without rows. A cursor or link that leads to more of them is an `IncompleteError`.",
  ),
  max_run_age: setting(seconds, "max_run_age").describe(
    "Age of an open run, in seconds, from which it is abandoned and replaced by a new run.",
  ),
  fresh_after: setting(seconds, "fresh_after").describe(
    "Age of a run at its end, in seconds, from which the same execution starts another run.",
  ),
  request_timeout: setting(z.number().positive(), "request_timeout").describe("Timeout of one request, in seconds."),
  allow_link_local: setting(z.boolean(), "allow_link_local").describe(
    "Whether requests may go to link-local addresses, where cloud metadata services run.",
  ),
  allow_private_addresses: setting(z.boolean(), "allow_private_addresses").describe(
    "Whether requests of a Lambda may go to private and loopback addresses, for an API in your own network.",
  ),
  file_max_items: setting(z.int().positive(), "file_max_items").describe("Maximum number of rows of a part."),
  file_max_bytes: setting(z.int().positive(), "file_max_bytes").describe(
    "Maximum size of a part before compression, in bytes.",
  ),
  file_max_seconds: setting(seconds, "file_max_seconds").describe("Maximum time between commits, in seconds."),
});

/** A source's config as written. */
export type SourceConfig = z.input<typeof sourceConfig>;
/** A source's settings as written. */
export type SourceSettings = z.input<typeof sourceSettings>;
/** A built-in paginator with its defaults applied. */
export type PaginatorConfig = z.output<typeof import("./paginator-types.ts").builtInPaginator>;
/** A built-in auth with its defaults applied. */
export type AuthConfig = z.output<typeof import("./auth-types.ts").builtInAuth>;
/** An error handler as written. */
export type ErrorHandler = z.output<typeof import("./client-config.ts").errorHandler>;
/** Rate limit of a source. */
export type RateLimit = z.output<typeof import("./client-config.ts").rateLimit>;
/** Hints of a column. */
export type Column = z.output<typeof import("./column-hints.ts").column>;
/** Types that a column can be declared as. */
export type DeclaredType = z.output<typeof import("./column-hints.ts").dataType>;
/** Incremental loading as written. */
export type Incremental = z.output<typeof import("./incremental-config.ts").incremental>;
