/**
 * The dialect, as one zod schema: it gives the types, the validation and (later) the JSON Schema.
 * Only `infra` and the CLI run it: a Lambda carries a config that was validated when it was built, and
 * imports nothing but types from here.
 */
import { z } from "zod";
import { client } from "./client.ts";
import { identifier, resourceName, seconds } from "./primitives.ts";
import { resource, resourceDefaults } from "./resource.ts";

/** A source: one API. dlt's `rest_api` config, plus `name`. */
export const sourceConfig = z.strictObject({
  name: identifier,
  client,
  resource_defaults: resourceDefaults.optional(),
  resources: z.array(z.union([resourceName, resource])).min(1, "at least one resource is needed"),
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
  /** EventBridge Scheduler expression, `cron(...)` or `rate(...)`. */
  schedule: z
    .string()
    .regex(/^(cron|rate)\(.+\)$/, "must be cron(...) or rate(...)")
    .optional(),
  /** IANA time zone of the schedule. */
  timezone: z.string().refine(isTimeZone, "must be an IANA time zone, such as Europe/Vienna").optional(),
  /** A wait up to this long, if it fits the budget, is taken in place. */
  max_inline_wait: seconds.optional(),
  /** A wait longer than this fails at once. */
  max_wait: seconds.optional(),
  /** Older open runs are abandoned. */
  max_run_age: seconds.optional(),
  /** When the run just closed was opened longer ago than this, the same execution goes on with a fresh one. */
  fresh_after: seconds.optional(),
  /** One request's timeout. */
  request_timeout: z.number().positive().optional(),
  /** Whether base_url may be a link-local address, where cloud metadata services live. */
  allow_link_local: z.boolean().optional(),
  /** A part is closed at this many rows... */
  file_max_items: z.int().positive().optional(),
  /** ...or at this many bytes before compression... */
  file_max_bytes: z.int().positive().optional(),
  /** ...or after this many seconds. */
  file_max_seconds: seconds.optional(),
});

/** A source's config as it is written. */
export type SourceConfig = z.input<typeof sourceConfig>;
/** A source's settings as they are written. */
export type SourceSettings = z.input<typeof sourceSettings>;
/** A paginator with its defaults applied. */
export type Paginator = Exclude<z.output<typeof import("./client.ts").paginator>, string>;
/** An auth with its defaults applied. */
export type Auth = z.output<typeof import("./client.ts").auth>;
/** An error handler as it is written. */
export type ErrorHandler = z.output<typeof import("./client.ts").errorHandler>;
/** A declared column. */
export type Column = z.output<typeof import("./resource.ts").column>;
/** What a column holds. */
export type DataType = z.output<typeof import("./resource.ts").dataType>;
/** Incremental loading. */
export type Incremental = z.output<typeof import("./resource.ts").incremental>;
