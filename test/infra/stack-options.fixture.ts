import type { StackOptions } from "../../infra/options.ts";

/** Options of a stage with alarms and without schedules. */
export const STACK_OPTIONS: StackOptions = {
  service: "restlake",
  stage: "dev",
  overrides: {},
  memory: 512,
  only: null,
  alarms_enabled: true,
  alarm_email: "",
  stale_after_hours: 26,
  throttled_percent: 50,
  schedules_enabled: false,
  log_level: "INFO",
  log_retention_days: 30,
  bucket: "",
  allowed_addresses: "",
  catalog: "",
};
