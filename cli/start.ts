import process from "node:process";
import { bucketFolder } from "../infra/lake-folder.ts";
import { type DeployedSource, loadSources } from "../infra/sources.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { lakeFolder } from "../local/bucket.ts";
import { type CompiledMachine, compiledMachines, compileStack } from "../local/compiled.ts";
import { type OfflineStack, type OfflineStackOptions, startOfflineStack } from "../local/offline-stack.ts";
import { deadOwner, localOwner } from "../local/owner.ts";
import { SAMPLE_SOURCES } from "../local/sample-apis/index.ts";
import { ServerlessError } from "../local/serverless.ts";
import { type Execution, execute } from "../local/state-machine/index.ts";
import { readArguments, readNumber } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { costLine } from "./cost-line.ts";
import { onInterrupt } from "./interrupt.ts";
import { busyText, queryHint, reportLines, tablesHint } from "./next-commands.ts";
import { createProgress, type Progress } from "./progress.ts";
import { readSecrets } from "./secrets.ts";
import { createTracker, errorLines, type SourceSummary } from "./summary.ts";
import { summaryTable } from "./summary-table.ts";

/** A machine's wait of 60 s becomes 3 s: this is a demonstration, and the sample APIs do not mind. */
const DEFAULT_WAIT_SCALE = 0.05;

const USAGE = `npm start -- [<source>]... [options]
  Sample APIs, S3, Secrets Manager and every Lambda on this machine; then the sources' state machines as compiled.

  <source>              only this one; by default all that have a sample API (${SAMPLE_SOURCES.join(", ")})
  --out DIR             folder of the local lake (${DEFAULT_OUT})
  --wait-scale FACTOR   shortens the machines' waits: 1 waits as long as the APIs ask for (${DEFAULT_WAIT_SCALE})`;

const hasSample = ({ resolved }: DeployedSource): boolean => SAMPLE_SOURCES.includes(resolved.name);

const chooseSources = (all: DeployedSource[], names: string[]): DeployedSource[] => {
  const chosen = names.map((name) => {
    const source = all.find(({ resolved }) => resolved.name === name.replaceAll("-", "_"));
    if (source === undefined) {
      const known = all.map(({ resolved }) => resolved.name).join(", ");
      throw new ConfigError(`there is no source ${JSON.stringify(name)} in functions/; there are: ${known}`);
    }
    return source;
  });
  return chosen.length === 0 ? all.filter(hasSample) : [...new Set(chosen)];
};

/** Secrets of the sources whose own API is asked, for want of a sample. */
const secretsOf = (sources: DeployedSource[]): Record<string, Record<string, string>> =>
  Object.fromEntries(
    sources.filter((source) => !hasSample(source)).map(({ resolved }) => [resolved.name, readSecrets(resolved)]),
  );

/** Starts the stack and compiles its machines, at the same time: each takes a while. */
const startStack = async (signal: AbortSignal, options: OfflineStackOptions) => {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const compiling = compileStack(either);
  const starting = startOfflineStack({ ...options, signal: either });
  try {
    const [stack, template] = await Promise.all([starting, compiling]);
    return { stack, machines: new Map(compiledMachines(template).map((machine) => [machine.source, machine])) };
  } catch (error) {
    failure.abort(error);
    await Promise.allSettled([starting.then((stack) => stack.close()), compiling]);
    throw error;
  }
};

interface MachineOptions {
  out: string;
  wait_scale: number;
  stop: AbortSignal;
  sink: Progress["sink"];
}

/** One source's compiled machine, its Tasks invoking serverless-offline's Lambda API. */
const runMachine = async (
  source: string,
  { definition, functions }: CompiledMachine,
  stack: OfflineStack,
  { out, wait_scale, stop, sink }: MachineOptions,
): Promise<Execution> => {
  const task = async (state: string, input: unknown) => {
    const isResource = state !== "open" && state !== "finish";
    if (isResource) sink({ type: "resource", source, resource: state });
    try {
      const result = (await stack.invoke(functions.get(state) ?? state, input)) as { run_id?: string };
      if (isResource) sink({ ...result, type: "outcome", source, resource: state });
      else if (state === "open") sink({ type: "run", source, run_id: result.run_id });
      return result;
    } catch (error) {
      const { name, message } = error as Error;
      const isTold = error instanceof ServerlessError;
      if (isResource && !isTold) sink({ type: "failure", source, resource: state, name, message });
      throw error;
    }
  };
  const execution = await execute(definition, { dead_owner: deadOwner(out, source) }, task, {
    owner: localOwner(),
    wait_scale,
    stop,
    onWait: (resource, seconds) =>
      sink({ type: "waiting", source, resource, seconds, scaled_seconds: seconds * wait_scale }),
  });
  sink({ type: "ended", source });
  return execution;
};

/** Tells on stderr what went wrong. @returns the exit code. */
const conclude = (executions: Execution[], summaries: SourceSummary[]): number => {
  if (executions.some(({ status }) => status === "stopped")) {
    console.error("Stopped; what was read is kept. The same command goes on from there.");
    return EXIT.stopped;
  }
  for (const line of errorLines(summaries)) console.error(line);
  for (const [index, execution] of executions.entries()) {
    const { source } = summaries[index] as SourceSummary;
    if (execution.status === "failed") console.error(`${execution.error}: ${execution.cause}`);
    const busy = execution.status === "succeeded" ? busyText(source, execution.output) : null;
    if (busy !== null) console.error(busy);
  }
  const isDone = summaries.every(({ resources }) => resources.every(({ status }) => status === "done"));
  return isDone ? EXIT.done : EXIT.failed;
};

/** `npm start`: the sample APIs, the stand-ins, serverless-offline, and every source's compiled machine. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(
    args,
    { out: { type: "string", default: DEFAULT_OUT }, "wait-scale": { type: "string" } },
    USAGE,
  );
  const wait_scale = readNumber("wait-scale", values["wait-scale"], [0, 10]) ?? DEFAULT_WAIT_SCALE;
  const all = await loadSources();
  const sources = chooseSources(all, positionals);
  const secrets = secretsOf(sources);
  const out = lakeFolder(values.out);
  const trackers = new Map(
    sources.map(({ resolved: { name, resources } }) => [
      name,
      createTracker(
        name,
        resources.map((resource) => resource.name),
      ),
    ]),
  );
  let progress: Progress | undefined;
  const sink: Progress["sink"] = (event) => {
    trackers.get(event.source)?.sink(event);
    progress?.sink(event);
  };
  using interrupt = onInterrupt((line) => (progress === undefined ? console.error(line) : progress.say(line)));

  console.log("Compiling the stack; starting sample APIs, S3, Secrets Manager, Lambdas ...");
  const { stack, machines } = await startStack(interrupt.signal, {
    out,
    sources: all.map(({ resolved }) => resolved.name),
    secrets,
    log_level: "DEBUG",
    watch: false,
    // Outcomes come from the machine itself; the log is for what happens in between.
    sink: (event) => {
      if (event.type !== "outcome") sink(event);
    },
  });
  const lambdas = all.reduce((sum, { resolved }) => sum + resolved.resources.length, 2);
  console.log(
    [
      `Up: ${lambdas} Lambdas, ${all.length} state machines${sources.length < all.length ? `, of which ${sources.length} will run` : ""}.`,
      ...(wait_scale === 1 ? [] : [`The machines wait ${wait_scale * 100} % of what APIs ask for (--wait-scale).`]),
      "",
    ].join("\n"),
  );
  progress = createProgress(
    new Map(sources.map(({ resolved }) => [resolved.name, resolved.resources.length])),
    process.stdout,
  );
  const startedAt = performance.now();
  let executions: Execution[];
  const failure = new AbortController();
  const stop = AbortSignal.any([interrupt.signal, failure.signal]);
  try {
    executions = await Promise.race([
      Promise.all(
        sources.map(({ resolved: { name } }) =>
          runMachine(name, machines.get(name) as CompiledMachine, stack, { out, wait_scale, stop, sink }),
        ),
      ),
      stack.gone.then((error) => {
        failure.abort(error);
        throw error;
      }),
    ]);
  } finally {
    progress.end();
    await stack.close();
  }

  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const summaries = [...trackers.values()].map((tracker) => tracker.summary(bucketFolder(out)));
  console.log(`\n${summaryTable(summaries, process.stdout.columns)}\n`);
  const cost = costLine(summaries);
  if (cost !== null) console.log(`${cost}\n`);
  for (const line of reportLines(summaries, values.out)) console.log(line);
  const code = conclude(executions, summaries);
  if (code === EXIT.done) {
    const count = summaries.reduce((sum, { resources }) => sum + resources.length, 0);
    console.log(
      [
        `${count === 1 ? "The resource is" : `All ${count} resources are`} in the lake, ${values.out}/s3/lake, after ${seconds} s. Next:`,
        `  ${tablesHint(values.out)}`,
        "    lists the tables",
        `  ${queryHint(
          sources.map(({ resolved }, index) => [resolved, summaries[index] as SourceSummary]),
          values.out,
        )}`,
        "  npm run offline",
        "    keeps the Lambdas up, to invoke single ones",
        "  README.md tells how to add a source of your own: one file in functions/",
      ].join("\n"),
    );
  }
  return code;
};
