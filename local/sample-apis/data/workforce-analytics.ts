import { type Dice, dice, type Row, table } from "../dice.ts";
import type { Route, SampleSource } from "../sample-source.ts";
import { company, LOCALES, NOTES } from "../vocabulary.ts";

/** Credentials, webhooks, tasks and work schedules: small tables; the config requests two rows per page. */
export const workforceAnalytics = (): SampleSource => {
  const overlap_periods = overlapPeriods();
  const schedules = table("workforce_analytics.schedules", 301, 24, (id, roll) => ({
    id,
    updated_at: roll.instant("2025-06-01", "2026-10-01"),
    name: roll.maybe(roll.pick(["Früh", "Spät", "Nuit", "Week-end"])),
    employees: roll.maybe(employeeIds(roll), 0.2),
    // The same objects as in overlap_periods: nested lists of APIs often repeat another resource.
    periods: roll.maybe(
      overlap_periods.filter((period) => period.schedule_id === id),
      0.2,
    ),
  }));
  const tables = {
    public_credentials: publicCredentials(),
    webhook_subscriptions: table("workforce_analytics.webhook_subscriptions", 7, 22, (id, roll) => ({
      id,
      type: roll.maybe(roll.pick(["shift.created", "shift.updated", "task.closed"])),
      target_url: roll.maybe(`https://hooks.example.com/${roll.digits(6)}?source=workforce&kind=a%20b`),
      name: roll.maybe(`Hook ${id}`),
      enabled: roll.maybe(roll.chance(0.7)),
    })),
    tasks: table("workforce_analytics.tasks", 4_001, 60, (id, roll) => ({
      id,
      updated_at: roll.instant("2025-06-01", "2026-10-01"),
      name: roll.maybe(roll.pick(["Inventur", "Clean café", "Train newcomers", "棚卸し"])),
      content: roll.maybe(roll.pick(NOTES), 0.4),
      status: roll.maybe(roll.pick(["todo", "doing", "done"])),
      due_on: roll.maybe(roll.date("2026-01-01", "2027-01-01"), 0.4),
      assignee_ids: roll.maybe(employeeIds(roll), 0.2),
    })),
    schedules,
    overlap_periods,
  };

  return {
    key_location: "header",
    paging: { by: "page", size: 25, size_param: "limit" },
    tables,
    routes: [
      route("/v1/api_public/credentials", tables.public_credentials),
      route("/v1/api_public/webhook_subscriptions", tables.webhook_subscriptions),
      route("/v1/tasks/tasks", tables.tasks),
      route("/v1/work_schedule/schedules", tables.schedules),
      route("/v1/work_schedule/overlap_periods", tables.overlap_periods),
    ],
    faults: [
      { path: "/v1/tasks/tasks", page: 5, status: 429, retry_after: 2 },
      { path: "/v1/work_schedule/overlap_periods", page: 3, status: 429, retry_after: 1 },
    ],
  };
};

const route = (path: string, rows: Row[]): Route => ({ path, find: () => rows, envelope: (data) => ({ data }) });

const employeeIds = (roll: Dice): number[] => Array.from({ length: roll.int(0, 5) }, () => roll.int(1_000, 1_060));

/** The key is a string, unlike in every other table. */
function publicCredentials(): Row[] {
  const roll = dice("workforce_analytics.public_credentials");
  return Array.from({ length: 20 }, () => ({
    name: company(roll),
    id: `${roll.digits(3)}-${roll.pick(["ab", "cf", "ed"])}`,
  }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map(({ id, name }) => ({
      id: `cred_${id}`,
      company_id: roll.maybe(roll.int(1, 60)),
      name: roll.maybe(name),
      legal_name: roll.maybe(name, 0.4),
      locale: roll.maybe(roll.pick(LOCALES)),
      tos: roll.maybe(roll.chance(0.8)),
    }));
}

function overlapPeriods(): Row[] {
  return table("workforce_analytics.overlap_periods", 9_001, 41, (id, roll) => {
    const start = roll.date("2026-01-01", "2026-06-01");
    const end = roll.date("2026-06-01", "2027-01-01");
    const dated = roll.chance(0.8);
    return {
      id,
      default: roll.maybe(roll.chance(0.3)),
      start_date: dated ? start : null,
      end_date: dated ? roll.maybe(end) : null,
      schedule_type: roll.maybe(roll.pick(["weekly", "rotating", "flexible"])),
      start_day: dated ? Number(start.slice(8)) : null,
      start_month: dated ? Number(start.slice(5, 7)) : null,
      end_day: dated ? Number(end.slice(8)) : null,
      end_month: dated ? Number(end.slice(5, 7)) : null,
      schedule_id: roll.maybe(roll.int(301, 330), 0.1),
    };
  });
}
