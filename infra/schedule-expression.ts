import { SCHEDULE_DEFAULTS } from "../lib/config/defaults.ts";

/** minutes hours day-of-month month day-of-week year */
const CRON_FIELDS = 6;

/** Returns why EventBridge Scheduler would refuse an expression in the middle of a deployment; null for a valid one. */
export const wrongSchedule = (expression: string): string | null => {
  if (/^rate\([1-9]\d* (minute|hour|day)s?\)$/.test(expression)) return null;
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/) ?? [];
  const [, , dayOfMonth, , dayOfWeek] = fields;
  if (fields.length === CRON_FIELDS && (dayOfMonth === "?" || dayOfWeek === "?")) return null;
  return `must be rate(12 hours), or cron(...) with six fields of which one day is "?", such as ${SCHEDULE_DEFAULTS.schedule} (it is ${JSON.stringify(expression)})`;
};
