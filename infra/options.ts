import { z } from "zod";
import { sourceSettings } from "../lib/config/schema/index.ts";
import { ConfigError } from "../lib/errors/index.ts";
import type { StackName } from "./names.ts";
import { wrongSchedule } from "./schedule-expression.ts";
import type { DeployedSource } from "./sources.ts";

/** Days that CloudWatch Logs can keep a log for. */
const RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
/** Lambda's limits: MB, seconds. */
const MEMORY = { min: 128, max: 10_240 };
const TIMEOUT = { min: 1, max: 900 };
/** CloudWatch looks back seven days at most. Hours. */
const STALE_AFTER = { min: 1, max: 168 };
const PERCENT = { min: 1, max: 100 };

/** A parameter that nobody set is an empty text: as good as not there. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === "" || value === null ? undefined : value), schema.optional());

/** A number, also as the text that `--param` makes of it. */
const whole = ({ min, max }: { min: number; max: number }) => {
  const error = `must be a whole number from ${min} to ${max}`;
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
  memory: optional(whole(MEMORY)),
  timeout: optional(whole(TIMEOUT)),
  alarm_email: optional(z.email("must be an e-mail address")),
  stale_after_hours: optional(whole(STALE_AFTER)),
});

const onOrOff = z.enum(["on", "off"], { error: 'must be "on" or "off"' });

const restlake = z.strictObject({
  memory: whole(MEMORY),
  schedules: onOrOff,
  alarms: onOrOff,
  alarm_email: optional(z.email("must be an e-mail address")),
  stale_after_hours: whole(STALE_AFTER),
  throttled_percent: whole(PERCENT),
  log_retention_days: z.coerce
    .number()
    .refine((days) => RETENTIONS.includes(days), `must be one of ${RETENTIONS.join(", ")}`),
  bucket: optional(
    z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "must be an S3 bucket name: 3 to 63 of a-z, 0-9, dots and dashes"),
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

/** What serverless.yml may override per source, under `custom.restlake.sources.<source>`. */
export type SourceOverrides = z.output<typeof overrides>;

/** What serverless.yml says about a stage. */
export interface StackOptions extends StackName {
  /** By source. */
  overrides: Record<string, SourceOverrides>;
  /** Of a function whose source says nothing else. MB. */
  memory: number;
  schedules_enabled: boolean;
  /** Names of the sources that this stack has; null: all there are. */
  only: string[] | null;
  alarms_enabled: boolean;
  /** "" when nobody is written to. */
  alarm_email: string;
  /** Hours without a completed run that are told. */
  stale_after_hours: number;
  /** Percent of a run's time that may be waiting for the API. */
  throttled_percent: number;
  log_retention_days: number;
  /** "" when CloudFormation names the bucket. */
  bucket: string;
  /** Folder of a lake whose tables are deployed into Glue; "" for none. */
  catalog: string;
}

const describe = ({ path, ...issue }: z.core.$ZodIssue): string => {
  const place = ["custom.restlake", ...path].join(".");
  if (issue.code !== "unrecognized_keys") return `serverless.yml: ${place}: ${issue.message}`;
  const allowed = Object.keys((path[0] === "sources" ? overrides : restlake).shape).join(", ");
  return `serverless.yml: ${place}: unknown key ${issue.keys.map((key) => JSON.stringify(key)).join(", ")}. Allowed: ${allowed}`;
};

/**
 * Reads `custom.restlake` of serverless.yml.
 *
 * @throws ConfigError with a line per mistake; overrides of a source that is not there are one.
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
    catalog = "",
    ...rest
  } = result.data;
  const known = sources.map(({ resolved }) => resolved.name);
  for (const [key, named] of Object.entries({ sources: Object.keys(bySource), only: only ?? [] })) {
    const unknown = named.filter((source) => !known.includes(source));
    if (unknown.length === 0) continue;
    throw new ConfigError(
      `serverless.yml: custom.restlake.${key}: no file in functions/ has the source ${unknown.join(", ")}. There are: ${known.join(", ")}`,
    );
  }
  const enabled = { schedules_enabled: schedules === "on", alarms_enabled: alarms === "on" };
  return { ...name, ...rest, ...enabled, only, overrides: bySource, alarm_email, bucket, catalog };
};
