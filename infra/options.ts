import { isIP } from "node:net";
import { z } from "zod";
import { sourceSettings } from "../lib/config/schema/index.ts";
import { ConfigError } from "../lib/errors/index.ts";
import type { StackName } from "./names.ts";
import { wrongSchedule } from "./schedule-expression.ts";
import type { DeployedSource } from "./sources.ts";

/** Retention periods that CloudWatch Logs accepts. Days. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** Lambda's limits. MB and seconds. */
const MEMORY = { min: 128, max: 10_240 };
/** Memory of Lambdas unless serverless.yml sets it. MB. */
export const DEFAULT_MEMORY = 512;
const TIMEOUT = { min: 1, max: 900 };
/** CloudWatch's maximum evaluation range is seven days. Hours. */
const STALE_AFTER = { min: 1, max: 168 };
const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
const PERCENT = { min: 1, max: 100 };

/** Treats an empty string as missing: that is what a parameter without a value is. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());

/** An integer, or the string that `--param` makes of it. */
const integer = ({ min, max }: { min: number; max: number }) => {
  const error = `must be an integer from ${min} to ${max}`;
  return z.coerce.number({ error }).int(error).min(min, error).max(max, error);
};

const overrides = z.strictObject({
  base_url: optional(z.url({ protocol: /^https?$/, error: "must be an http or https URL" })),
  schedule: optional(
    z.string().superRefine((expression, context) => {
      const problem = wrongSchedule(expression);
      if (problem !== null) context.addIssue(problem);
    }),
  ),
  timezone: optional(sourceSettings.shape.timezone),
  memory: optional(integer(MEMORY)),
  timeout: optional(integer(TIMEOUT)),
  alarm_email: optional(z.email("must be an e-mail address")),
  stale_after_hours: optional(integer(STALE_AFTER)),
});

const onOrOff = z.enum(["on", "off"], { error: 'must be "on" or "off"' });

const restlake = z.strictObject({
  memory: integer(MEMORY).default(DEFAULT_MEMORY),
  schedules: onOrOff.default("off"),
  alarms: onOrOff.default("off"),
  alarm_email: optional(z.email("must be an e-mail address")),
  stale_after_hours: integer(STALE_AFTER).default(26),
  throttled_percent: integer(PERCENT).default(50),
  log_level: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).default("INFO"),
  log_retention_days: z.coerce
    .number()
    .refine((days) => RETENTIONS.includes(days), `must be one of ${RETENTIONS.join(", ")}`)
    .default(30),
  bucket: optional(
    z
      .string()
      .regex(
        /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
        "must be an S3 bucket name: 3 to 63 characters of a-z, 0-9, dots and dashes",
      ),
  ),
  allowed_addresses: optional(
    z.string().refine((addresses) => addresses.split(",").every((address) => isIP(address) !== 0), {
      error: "must be IP addresses, separated by commas",
    }),
  ),
  catalog: z.preprocess((value) => (value === null || value === "off" ? "" : value), z.string().optional()),
  only: optional(
    z.string().transform((names) =>
      names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== ""),
    ),
  ),
  sources: z.preprocess(
    (value) => value ?? {},
    z.record(
      z.string(),
      z.preprocess((value) => value ?? {}, overrides),
    ),
  ),
});

/** Overrides of a source in serverless.yml, under `custom.restlake.sources.<source>`. */
export type SourceOverrides = z.output<typeof overrides>;

/** Options of a stack, from serverless.yml. */
export interface StackOptions extends StackName {
  /** Overrides by source. */
  overrides: Record<string, SourceOverrides>;
  /** Memory of Lambdas without an override. MB. */
  memory: number;
  schedules_enabled: boolean;
  /** Names of the sources in this stack; null: all. */
  only: string[] | null;
  alarms_enabled: boolean;
  /** "" for none. */
  alarm_email: string;
  /** Hours without a completed run that raise an alarm. */
  stale_after_hours: number;
  /** Percent of a run's time spent waiting for the API that raises an alarm. */
  throttled_percent: number;
  log_level: (typeof LOG_LEVELS)[number];
  log_retention_days: number;
  /** Name of the bucket; "" when CloudFormation generates it. */
  bucket: string;
  /** Private addresses that requests may go to, separated by commas; "" for none. */
  allowed_addresses: string;
  /** Folder of a lake whose tables are deployed into Glue; "" for none. */
  catalog: string;
}

const describe = ({ path, ...issue }: z.core.$ZodIssue): string => {
  const place = ["custom.restlake", ...path].join(".");
  if (issue.code !== "unrecognized_keys") return `serverless.yml: ${place}: ${issue.message}`;
  const allowed = Object.keys((path[0] === "sources" ? overrides : restlake).shape).join(", ");
  return `serverless.yml: ${place}: unknown key ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}. Allowed keys: ${allowed}`;
};

/**
 * Parses `custom.restlake` of serverless.yml.
 *
 * @throws ConfigError with one line per validation error, or for an unknown source.
 */
export const parseOptions = (name: StackName, custom: unknown, sources: DeployedSource[]): StackOptions => {
  const result = restlake.safeParse(custom ?? {});
  if (!result.success) throw new ConfigError(result.error.issues.map(describe).join("\n"));
  const {
    sources: bySource,
    only = null,
    schedules,
    alarms,
    alarm_email = "",
    bucket = "",
    allowed_addresses = "",
    catalog = "",
    ...rest
  } = result.data;
  const known = sources.map(({ resolved }) => resolved.name);
  for (const [key, names] of Object.entries({ sources: Object.keys(bySource), only: only ?? [] })) {
    const unknown = names.filter((source) => !known.includes(source)).map((name) => JSON.stringify(name));
    if (unknown.length === 0) continue;
    throw new ConfigError(
      `serverless.yml: custom.restlake.${key}: unknown source ${unknown.join(", ")}: choose from ${known.join(", ")}`,
    );
  }
  const enabled = { schedules_enabled: schedules === "on", alarms_enabled: alarms === "on" };
  return { ...name, ...rest, ...enabled, only, overrides: bySource, alarm_email, bucket, allowed_addresses, catalog };
};
