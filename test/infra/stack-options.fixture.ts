import type { StackOptions } from "../../infra/options.ts";

/** What serverless.yml says of a stage on which alarms are on and schedules are not. */
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
  log_retention_days: 30,
  bucket: "",
  catalog: "",
};
