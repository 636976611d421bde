import { describe, expect, test } from "vitest";
import { parseOptions } from "../../infra/options.ts";
import { wrongSchedule } from "../../infra/schedule-expression.ts";
import { loadSources } from "../../infra/sources.ts";
import { stack } from "../../infra/stack.ts";

const sources = await loadSources();
const name = { service: "restlake", stage: "dev" };
const custom = {
  only: "",
  memory: "512",
  schedules: "off",
  alarms: "off",
  alarm_email: "",
  stale_after_hours: "26",
  throttled_percent: "50",
  log_retention_days: 30,
  bucket: "",
  sources: {},
};
const parse = (more: object) => parseOptions(name, { ...custom, ...more }, sources);

describe("custom.restlake of serverless.yml", () => {
  test("gives Lambdas the addresses that they may request, and none by default", () => {
    const environmentOf = (more: object) => JSON.stringify(stack(sources, parse(more)).functions);
    expect(environmentOf({})).not.toContain("RESTLAKE_ALLOWED_ADDRESSES");
    expect(environmentOf({ allowed_addresses: "10.0.0.7,::1" })).toContain(
      '"RESTLAKE_ALLOWED_ADDRESSES":"10.0.0.7,::1"',
    );
    expect(() => parse({ allowed_addresses: "10.0.0.7, api.test" })).toThrow(
      "serverless.yml: custom.restlake.allowed_addresses: must be IP addresses, separated by commas",
    );
  });

  test("overrides base_url, schedule, time zone, memory and timeout of one source", () => {
    const own = {
      base_url: "https://stock.example.net/api",
      schedule: "rate(6 hours)",
      timezone: "Europe/Vienna",
      memory: "1024",
      timeout: 120,
    };
    const { functions, resources } = stack(sources, parse({ sources: { stock_analytics: own } }));
    expect(functions.StockAnalyticsItems).toMatchObject({
      memorySize: 1024,
      timeout: 120,
      environment: {
        RESTLAKE_BASE_URL: "https://stock.example.net/api",
        NODE_OPTIONS: "--enable-source-maps --max-old-space-size=512 --max-semi-space-size=16",
      },
    });
    expect(functions.OrderManagementTags).toMatchObject({
      memorySize: 512,
      environment: { NODE_OPTIONS: "--enable-source-maps --max-old-space-size=256 --max-semi-space-size=8" },
    });
    expect(functions.OrderManagementTags).not.toHaveProperty("environment.RESTLAKE_BASE_URL");
    expect(resources).toMatchObject({
      StockAnalyticsSchedule: {
        Properties: { ScheduleExpression: "rate(6 hours)", ScheduleExpressionTimezone: "Europe/Vienna" },
      },
    });
    const { DefinitionString } =
      (resources as unknown as Record<string, { Properties: { DefinitionString: object } }>).StockAnalyticsStateMachine
        ?.Properties ?? {};
    expect(JSON.stringify(DefinitionString)).toContain('\\"TimeoutSeconds\\":240');
  });

  test("treats an empty parameter, and a source without overrides, as missing", () => {
    const nothing = { base_url: "", schedule: "", timezone: "", memory: "", timeout: "" };
    const { overrides } = parse({ sources: { stock_analytics: nothing, order_management: null } });
    expect(overrides).toEqual({ stock_analytics: {}, order_management: {} });
    expect(parse({ sources: null }).overrides).toEqual({});
  });

  test("enables and disables schedules, and names the bucket", () => {
    expect(parse({ schedules: "on" }).schedules_enabled).toBe(true);
    expect(parse({ schedules: "off" }).schedules_enabled).toBe(false);
    const { resources } = stack(sources, parse({ bucket: "my-lake", log_retention_days: "7" }));
    expect(resources).toMatchObject({
      Lake: { Properties: { BucketName: "my-lake" } },
      StateMachineLogGroup: { Properties: { RetentionInDays: 7 } },
    });
  });

  test.each<[object, string]>([
    [
      { sources: { order_managment: {} } },
      'serverless.yml: custom.restlake.sources: unknown source "order_managment": choose from asset_management, inventory_management, order_management, stock_analytics, workforce_analytics',
    ],
    [
      { sources: { order_management: { memmory: 1 } } },
      'serverless.yml: custom.restlake.sources.order_management: unknown key "memmory". Allowed keys: base_url, schedule, timezone, memory, timeout, alarm_email, stale_after_hours',
    ],
    [
      { retention: 1 },
      'serverless.yml: custom.restlake: unknown key "retention". Allowed keys: memory, schedules, alarms, alarm_email, stale_after_hours, throttled_percent, log_level, log_retention_days, bucket, allowed_addresses, catalog, only, sources',
    ],
    [
      { only: "order_managment, stock_analytics" },
      'serverless.yml: custom.restlake.only: unknown source "order_managment": choose from asset_management, inventory_management, order_management, stock_analytics, workforce_analytics',
    ],
    [{ alarm_email: "data-team" }, "serverless.yml: custom.restlake.alarm_email: must be an e-mail address"],
    [
      { sources: { order_management: { stale_after_hours: 169 } } },
      "serverless.yml: custom.restlake.sources.order_management.stale_after_hours: must be an integer from 1 to 168",
    ],
    [{ memory: "lots" }, "serverless.yml: custom.restlake.memory: must be an integer from 128 to 10240"],
    [{ schedules: "yes" }, 'serverless.yml: custom.restlake.schedules: must be "on" or "off"'],
    [
      { log_retention_days: 31 },
      "serverless.yml: custom.restlake.log_retention_days: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
    ],
    [
      { bucket: "My_Lake" },
      "serverless.yml: custom.restlake.bucket: must be an S3 bucket name: 3 to 63 characters of a-z, 0-9, dots and dashes",
    ],
    [
      { sources: { order_management: { base_url: "api.example.net" } } },
      "serverless.yml: custom.restlake.sources.order_management.base_url: must be an http or https URL",
    ],
    [
      { sources: { order_management: { memory: 64 } } },
      "serverless.yml: custom.restlake.sources.order_management.memory: must be an integer from 128 to 10240",
    ],
    [
      { sources: { order_management: { timeout: "15 min" } } },
      "serverless.yml: custom.restlake.sources.order_management.timeout: must be an integer from 1 to 900",
    ],
    [
      { sources: { order_management: { timezone: "Mars" } } },
      "serverless.yml: custom.restlake.sources.order_management.timezone: expected IANA time zone, such as Europe/Vienna",
    ],
  ])("%j is rejected with one line", (more, message) => {
    expect(() => parse(more)).toThrow(expect.objectContaining({ name: "ConfigError", message }));
  });
});

describe("a schedule", () => {
  test.each(["cron(0 3 * * ? *)", "cron(15 10 ? * 6L 2027-2029)", "rate(1 minute)", "rate(12 hours)"])(
    "%s is valid",
    (expression) => expect(wrongSchedule(expression)).toBeNull(),
  );

  test.each(["cron(0 3 * * *)", "cron(0 3 * * * *)", "0 3 * * ? *", "rate(0 hours)", "rate(90)", "daily", ""])(
    "%j is rejected during packaging, not in the middle of a deployment",
    (expression) => expect(wrongSchedule(expression)).toContain(`(it is ${JSON.stringify(expression)})`),
  );

  test("in a source's file is validated, too", () => {
    const [first] = sources;
    if (first === undefined) throw new Error("no sources");
    const wrong = { ...first, source: { ...first.source, settings: { schedule: "cron(0 3 * * *)" } } };
    expect(() => stack([wrong], parse({}))).toThrow("functions/asset-management.ts: settings: schedule: must be rate(");
  });
});
