import { sourceMetric } from "./alarms.ts";
import { serviceName, stateMachineLogicalId } from "./names.ts";
import type { StackOptions } from "./options.ts";
import type { DeployedSource } from "./sources.ts";

/** The grid is 24 columns wide. */
const COLUMNS = 24;
const HEIGHT = 6;
const DAY = 24 * 60 * 60;

/** A line of a graph, as CloudWatch's dashboards name it: namespace, name, dimensions and their values, options. */
type Line = unknown[];

/**
 * The CloudWatch dashboard of a stack: a row of graphs for each source, of a fortnight. How executions ended, what was loaded,
 * how long it took and how old the data were, and what was waited.
 */
export const dashboard = (options: StackOptions, sources: DeployedSource[]) => {
  const own = (source: string, name: string, stat: string): Line => {
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
    ["rows", ["rows", "discarded_rows"].map((name) => own(source, name, "Sum"))],
    [
      "seconds from start to end, and age of the data",
      ["duration", "freshness"].map((name) => own(source, name, "Maximum")),
    ],
    ["retries, and seconds waited", ["retries", "waited_seconds"].map((name) => own(source, name, "Sum"))],
  ];
  const widgets = sources.flatMap(({ resolved: { name } }, row) =>
    rowOf(name).map(([title, metrics], column, { length }) => ({
      type: "metric",
      x: (column * COLUMNS) / length,
      y: row * HEIGHT,
      width: COLUMNS / length,
      height: HEIGHT,
      properties: { title: `${name}: ${title}`, region: "${AWS::Region}", view: "timeSeries", period: DAY, metrics },
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
