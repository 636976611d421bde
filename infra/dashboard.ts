import { DAY, SECOND } from "../lib/time/durations.ts";
import { sourceMetric } from "./alarms.ts";
import { serviceName, stateMachineLogicalId } from "./names.ts";
import type { StackOptions } from "./options.ts";
import type { DeployedSource } from "./sources.ts";

/** Width of CloudWatch's grid. */
const COLUMNS = 24;
const HEIGHT = 6;
/** Period of all graphs. Seconds. */
const PERIOD = DAY / SECOND;

/** A line of a graph, in CloudWatch's format: namespace, name, dimension names and values, options. */
type Line = unknown[];

/**
 * Returns the CloudWatch dashboard of a stack. Each source has a row of graphs of the last 14 days: executions, rows, duration
 * and age of the data, retries and waits.
 */
export const dashboard = (options: StackOptions, sources: DeployedSource[]) => {
  const custom = (source: string, name: string, stat: string): Line => {
    const { Namespace, MetricName, Dimensions } = sourceMetric(options, source, name);
    return [Namespace, MetricName, ...Dimensions.flatMap(({ Name, Value }) => [Name, Value]), { stat }];
  };
  const executions = (source: string, name: string): Line => [
    "AWS/States",
    name,
    "StateMachineArn",
    `\${${stateMachineLogicalId(source)}}`,
    { stat: "Sum" },
  ];
  const rowOf = (source: string): [string, Line[]][] => [
    [
      "executions",
      ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut"].map((name) => executions(source, name)),
    ],
    ["rows", ["rows", "discarded_rows"].map((name) => custom(source, name, "Sum"))],
    ["run duration and data age (seconds)", ["duration", "freshness"].map((name) => custom(source, name, "Maximum"))],
    ["retries and waits (seconds)", ["retries", "waited_seconds"].map((name) => custom(source, name, "Sum"))],
  ];
  const widgets = sources.flatMap(({ resolved: { name } }, row) =>
    rowOf(name).map(([title, metrics], column, { length }) => ({
      type: "metric",
      x: (column * COLUMNS) / length,
      y: row * HEIGHT,
      width: COLUMNS / length,
      height: HEIGHT,
      properties: { title: `${name}: ${title}`, region: "${AWS::Region}", view: "timeSeries", period: PERIOD, metrics },
    })),
  );
  return {
    Dashboard: {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: {
        DashboardName: serviceName(options),
        DashboardBody: { "Fn::Sub": JSON.stringify({ start: "-P14D", widgets }) },
      },
    },
  };
};
