import process from "node:process";
import { commandForm } from "../infra/command-form.ts";
import { bucketFolder } from "../infra/lake-folder.ts";
import { type DeployedSource, loadSources } from "../infra/sources.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { formatDuration } from "../lib/report/format.ts";
import { SECOND } from "../lib/time/durations.ts";
import { lakeFolder } from "../local/bucket.ts";
import { SAMPLE_SOURCES } from "../local/sample-apis/index.ts";
import type { Execution } from "../local/state-machine/index.ts";
import { readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { busyText } from "./conclude.ts";
import { costLine } from "./cost-line.ts";
import * as definitions from "./definitions.ts";
import { unknownSource } from "./find-source.ts";
import { onInterrupt } from "./interrupt.ts";
import { queryCommand, reportLines, tablesCommand } from "./next-commands.ts";
import { createProgress, type Progress } from "./progress.ts";
import { readSecrets } from "./secret-values.ts";
import { type MachineOptions, runMachines } from "./start/run-machines.ts";
import { type CompiledStack, startStack } from "./start/start-stack.ts";
import { createTracker, errorLines, type SourceSummary, type Tracker, warningLines } from "./summary.ts";
import { summaryTable } from "./summary-table.ts";
import { print, printError } from "./terminal.ts";
import { terminalWidth, wrapText } from "./wrap-text.ts";

/** All sources of the project, and those that this command runs. */
interface Selection {
  all: ResolvedSource[];
  selected: ResolvedSource[];
}

const hasSample = ({ name }: ResolvedSource): boolean => SAMPLE_SOURCES.includes(name);

const selectSources = (deployed: DeployedSource[], names: string[]): Selection => {
  const all = deployed.map(({ resolved }) => resolved);
  const named = names.map((name) => {
    const source = all.find((candidate) => candidate.name === name.replaceAll("-", "_"));
    if (source !== undefined) return source;
    throw unknownSource(
      name,
      all.map((candidate) => candidate.name),
    );
  });
  return { all, selected: named.length === 0 ? all.filter(hasSample) : [...new Set(named)] };
};

/** Returns the secrets of the sources without a sample API, by source. Their real APIs are used. */
const readAllSecrets = (sources: ResolvedSource[]): Record<string, Record<string, string>> =>
  Object.fromEntries(
    sources.filter((source) => !hasSample(source)).map((source) => [source.name, readSecrets(source)]),
  );

/** Events go to the tracker of their source, and to the progress once it exists. */
interface Monitor {
  trackers: Map<string, Tracker>;
  progress: Progress | null;
  sink: Progress["sink"];
  say(line: string): void;
}

const createMonitor = (sources: ResolvedSource[]): Monitor => {
  const trackers = new Map(
    sources.map(({ name, resources }) => [
      name,
      createTracker(
        name,
        resources.map((resource) => resource.name),
      ),
    ]),
  );
  const monitor: Monitor = {
    trackers,
    progress: null,
    sink(event) {
      trackers.get(event.source)?.sink(event);
      monitor.progress?.sink(event);
    },
    say: (line) => (monitor.progress === null ? printError(line) : monitor.progress.say(line)),
  };
  return monitor;
};

const printReady = ({ all, selected }: Selection, wait_scale: number): void => {
  // The two others are open and finish.
  const lambdas = all.reduce((sum, { resources }) => sum + resources.length, 2);
  const running = selected.length < all.length ? ` (running ${selected.length})` : "";
  print(`Ready: ${lambdas} Lambdas, ${all.length} state machines${running}.`);
  if (wait_scale !== 1) {
    const percent = Number((wait_scale * 100).toPrecision(3));
    print(`State machines wait ${percent} % of the requested time (--wait-scale).`);
  }
  print("");
};

/** Runs the state machines of the selected sources, and stops the stack afterwards. */
const runSources = async (
  { stack, machines }: CompiledStack,
  { selected }: Selection,
  monitor: Monitor,
  options: Omit<MachineOptions, "sink">,
): Promise<Execution[]> => {
  const progress = createProgress(
    new Map(selected.map(({ name, resources }) => [name, resources.length])),
    process.stdout,
  );
  monitor.progress = progress;
  try {
    return await runMachines(
      stack,
      selected.map(({ name }) => ({ source: name, machine: machines.get(name)! })),
      { ...options, sink: monitor.sink },
    );
  } finally {
    progress.end();
    await stack.close();
  }
};

const printSummaries = (summaries: SourceSummary[], out: string): void => {
  const width = terminalWidth(process.stdout);
  print(`\n${summaryTable(summaries, width)}\n`);
  for (const line of warningLines(summaries)) print(`${wrapText(line, width).join("\n")}\n`);
  const cost = costLine(summaries);
  if (cost !== null) print(`${wrapText(cost, width).join("\n")}\n`);
  for (const line of reportLines(summaries, out)) print(line);
};

/** Prints the errors of all executions on stderr. Returns the exit code. */
const concludeAll = (executions: Execution[], summaries: SourceSummary[]): number => {
  if (executions.some(({ status }) => status === "stopped")) {
    printError("Stopped. All pages read so far are kept. To resume, run the same command.");
    return EXIT.stopped;
  }
  for (const line of errorLines(summaries)) printError(line);
  for (const [index, execution] of executions.entries()) {
    const { source } = summaries[index] as SourceSummary;
    if (execution.status === "failed") printError(`${execution.error}: ${execution.cause}`);
    const busy = execution.status === "succeeded" ? busyText(source, execution.output) : null;
    if (busy !== null) printError(busy);
  }
  const isDone = summaries.every(({ resources }) => resources.every(({ status }) => status === "done"));
  return isDone ? EXIT.done : EXIT.failed;
};

const printNextSteps = (sources: ResolvedSource[], summaries: SourceSummary[], out: string, seconds: number): void => {
  const count = summaries.reduce((sum, { resources }) => sum + resources.length, 0);
  const loaded = count === 1 ? "1 resource" : `all ${count} resources`;
  const pairs = sources.map((source, index) => [source, summaries[index] as SourceSummary] as const);
  print(
    [
      `Loaded ${loaded} into ${out}/s3/lake in ${formatDuration(seconds)}. Next steps:`,
      `  ${tablesCommand(out)}`,
      "    lists the tables",
      `  ${queryCommand(pairs, out)}`,
      "    shows rows of a table",
      `  ${commandForm("offline")}`,
      "    keeps the Lambdas running, to invoke single ones",
      "To add a source, add one file to functions/: see docs/tutorial.md.",
    ].join("\n"),
  );
};

/** `npm start`: runs sources with the sample APIs, the emulators, serverless-offline and the compiled state machines. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.start);
  const selection = selectSources(await loadSources(), positionals);
  const { all, selected } = selection;
  const secrets = readAllSecrets(selected);
  const out = lakeFolder(options.out);
  const wait_scale = options["wait-scale"];
  const monitor = createMonitor(selected);
  using interrupt = onInterrupt(monitor.say);

  print("Compiling the stack; starting sample APIs, S3, Secrets Manager and Lambdas ...");
  const stack = await startStack(interrupt.signal, {
    out,
    sources: all.map(({ name }) => name),
    secrets,
    log_level: "DEBUG",
    watch: false,
    // Outcomes come from the state machine; the log has the events in between.
    sink: (event) => {
      if (event.type !== "outcome") monitor.sink(event);
    },
  });
  printReady(selection, wait_scale);
  const startedAt = performance.now();
  const executions = await runSources(stack, selection, monitor, { out, wait_scale, stop: interrupt.signal });

  const seconds = (performance.now() - startedAt) / SECOND;
  const summaries = [...monitor.trackers.values()].map((tracker) => tracker.summary(bucketFolder(out)));
  printSummaries(summaries, options.out);
  const code = concludeAll(executions, summaries);
  if (code === EXIT.done) printNextSteps(selected, summaries, options.out, seconds);
  return code;
};
