import { describe, expect, test } from "vitest";
import { parseOptions } from "../../infra/options.ts";
import { loadSources } from "../../infra/sources.ts";
import { stack } from "../../infra/stack.ts";
import { METRICS_NAMESPACE } from "../../lib/metering/metrics-namespace.ts";

const sources = await loadSources();
const custom = {
  memory: 512,
  schedules: "on",
  alarms: "on",
  alarm_email: "data@company.example",
  stale_after_hours: 26,
  throttled_percent: 50,
  log_retention_days: 30,
};
type Resource = { Type: string; Properties: Record<string, unknown> };
const resourcesOf = (more: object = {}) =>
  stack(sources, parseOptions({ service: "restlake", stage: "prod" }, { ...custom, ...more }, sources))
    .resources as unknown as Record<string, Resource>;
const alarmsOf = (resources: Record<string, Resource>) =>
  Object.entries(resources).filter(([, { Type }]) => Type === "AWS::CloudWatch::Alarm");
const dimensions = (source: string) => [
  { Name: "service", Value: "restlake-prod" },
  { Name: "source", Value: source },
];

describe("alarms", () => {
  const resources = resourcesOf();

  test("are four per source and one for starts, named after the stage, and notify the topic when raised and when cleared", () => {
    const alarms = alarmsOf(resources);
    expect(alarms).toHaveLength(4 * sources.length + 1);
    const names = alarms.map(([, { Properties }]) => String(Properties.AlarmName));
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^restlake-prod-[a-z_-]+$/);
    for (const [, { Properties }] of alarms) {
      expect(Properties).toMatchObject({ AlarmActions: [{ Ref: "AlarmTopic" }], OKActions: [{ Ref: "AlarmTopic" }] });
      expect(String(Properties.AlarmDescription).length).toBeLessThanOrEqual(1024);
    }
    expect(resources.AlarmTopic?.Properties).toMatchObject({
      Subscription: [{ Protocol: "email", Endpoint: "data@company.example" }],
    });
  });

  test("are raised by the first execution that failed, timed out or was aborted, but not without executions", () => {
    const { Metrics, ...condition } = resources.OrderManagementFailedAlarm?.Properties ?? {};
    expect(condition).toMatchObject({
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
    const [sum] = (Metrics as { Id: string; Expression?: string }[]).filter(({ Expression }) => Expression);
    const terms = (
      Metrics as { Id: string; MetricStat?: { Metric: { MetricName: string; Dimensions: object } } }[]
    ).flatMap(({ Id, MetricStat }) => (MetricStat ? [{ Id, ...MetricStat.Metric }] : []));
    expect(terms.map(({ MetricName }) => MetricName)).toEqual([
      "ExecutionsFailed",
      "ExecutionsTimedOut",
      "ExecutionsAborted",
    ]);
    for (const { Id, Dimensions } of terms) {
      expect(sum?.Expression).toContain(`FILL(${Id}, 0)`);
      expect(Dimensions).toEqual([{ Name: "StateMachineArn", Value: { Ref: "OrderManagementStateMachine" } }]);
    }
  });

  test("are raised when no run was completed for stale_after_hours, even if nothing was started", () => {
    expect(resources.OrderManagementStaleAlarm?.Properties).toMatchObject({
      Namespace: METRICS_NAMESPACE,
      MetricName: "duration",
      Dimensions: dimensions("order_management"),
      Statistic: "SampleCount",
      Period: 3600,
      EvaluationPeriods: 26,
      Threshold: 1,
      ComparisonOperator: "LessThanThreshold",
      TreatMissingData: "breaching",
    });
    const own = resourcesOf({ sources: { order_management: { stale_after_hours: 168 } } });
    expect(own.OrderManagementStaleAlarm?.Properties.EvaluationPeriods).toBe(168);
    expect(own.StockAnalyticsStaleAlarm?.Properties.EvaluationPeriods).toBe(26);
    // CloudWatch evaluates at most seven days.
    for (const [, { Properties }] of alarmsOf(own)) {
      if (Properties.Period === undefined) continue;
      expect(Number(Properties.Period) * Number(Properties.EvaluationPeriods)).toBeLessThanOrEqual(7 * 86_400);
    }
  });

  test("do not include stale where schedules are disabled", () => {
    const ids = alarmsOf(resourcesOf({ schedules: "off" })).map(([id]) => id);
    expect(ids).toHaveLength(3 * sources.length + 1);
    expect(ids.filter((id) => id.includes("Stale"))).toEqual([]);
  });

  test("are raised when a resource that had rows has none, and when waiting takes more than throttled_percent", () => {
    expect(resources.StockAnalyticsEmptyAlarm?.Properties).toMatchObject({
      Namespace: METRICS_NAMESPACE,
      MetricName: "empty_resources",
      Dimensions: dimensions("stock_analytics"),
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
    });
    expect(resources.StockAnalyticsThrottledAlarm?.Properties).toMatchObject({
      MetricName: "throttled_percent",
      Dimensions: dimensions("stock_analytics"),
      Threshold: 50,
      ComparisonOperator: "GreaterThanThreshold",
    });
    const { Properties } = resourcesOf({ throttled_percent: 20 }).StockAnalyticsThrottledAlarm ?? {};
    expect(Properties).toMatchObject({ Threshold: 20 });
  });

  test("of a source with alarm_email notify only this address", () => {
    const own = resourcesOf({ sources: { stock_analytics: { alarm_email: "stock@company.example" } } });
    expect(own.StockAnalyticsAlarmTopic?.Properties).toMatchObject({
      Subscription: [{ Protocol: "email", Endpoint: "stock@company.example" }],
    });
    for (const [id, { Properties }] of alarmsOf(own)) {
      const expected = id.startsWith("StockAnalytics") ? "StockAnalyticsAlarmTopic" : "AlarmTopic";
      expect(Properties.AlarmActions, id).toEqual([{ Ref: expected }]);
    }
  });

  test("do not exist when disabled, and neither does the topic", () => {
    const off = resourcesOf({ alarms: "off" });
    expect(alarmsOf(off)).toEqual([]);
    expect(Object.values(off).filter(({ Type }) => Type === "AWS::SNS::Topic")).toEqual([]);
  });
});

describe("a start that EventBridge Scheduler cannot deliver", () => {
  test("goes to a queue that the scheduler may send to, and raises an alarm", () => {
    const resources = resourcesOf();
    const arn = { "Fn::GetAtt": ["StartFailures", "Arn"] };
    expect(resources.StartFailures).toEqual({
      Type: "AWS::SQS::Queue",
      Properties: { SqsManagedSseEnabled: true, MessageRetentionPeriod: 1_209_600 },
    });
    for (const { resolved } of sources) {
      const id = `${resolved.name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Schedule`;
      expect(resources[id]?.Properties.Target).toMatchObject({
        DeadLetterConfig: { Arn: arn },
        RetryPolicy: { MaximumEventAgeInSeconds: 3600, MaximumRetryAttempts: 10 },
      });
    }
    expect(JSON.stringify(resources.SchedulerRole)).toContain(
      JSON.stringify({ Effect: "Allow", Action: ["sqs:SendMessage"], Resource: arn }),
    );
    expect(resources.StartFailuresAlarm?.Properties).toMatchObject({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": ["StartFailures", "QueueName"] } }],
    });
  });
});

describe("the dashboard", () => {
  const { Dashboard } = resourcesOf();
  const body = Dashboard?.Properties.DashboardBody as { "Fn::Sub": string } | undefined;
  const text = body?.["Fn::Sub"] ?? "";
  interface Widget {
    x: number;
    y: number;
    width: number;
    height: number;
    properties: { title: string; metrics: unknown[][] };
  }
  const { widgets } = JSON.parse(text) as { widgets: Widget[] };

  test("has a row of graphs per source on CloudWatch's grid, without overlaps", () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column++) {
        for (let row = y; row < y + height; row++) {
          expect(taken.has(`${column} ${row}`)).toBe(false);
          taken.add(`${column} ${row}`);
        }
      }
    }
    for (const { resolved } of sources) {
      expect(widgets.filter(({ properties }) => properties.title.startsWith(`${resolved.name}: `))).toHaveLength(4);
    }
  });

  test("shows the custom metrics of each source in this stage, and its state machine's executions", () => {
    const lines = widgets.flatMap(({ properties }) => properties.metrics);
    const own = lines.filter(([namespace]) => namespace === METRICS_NAMESPACE);
    expect(new Set(own.map((line) => line[1]))).toEqual(
      new Set(["rows", "discarded_rows", "duration", "freshness", "retries", "waited_seconds"]),
    );
    for (const line of own) expect(line.slice(2, 5)).toEqual(["service", "restlake-prod", "source"]);
    const known = Object.keys(resourcesOf());
    for (const [, id] of text.matchAll(/\$\{(\w+)\}/g)) expect(known).toContain(id);
    for (const { resolved } of sources) expect(own.map((line) => line[5])).toContain(resolved.name);
  });
});
