import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { ConfigError } from "../../lib/errors.ts";
import { compiledMachines, readTemplate } from "../local/compiled.ts";
import { bucketFolder } from "../local/in-process.ts";
import { type Execution, execute } from "../local/machine/index.ts";
import { type OfflineStack, startOfflineStack } from "../local/offline-stack.ts";
import { deadOwner, localOwner } from "../local/owner.ts";
import { runServerless } from "../local/serverless.ts";
import { type DeployedSource, loadSources } from "../sources.ts";
import { readArguments, readNumber } from "./arguments.ts";
import { onInterrupt } from "./interrupt.ts";
import { EXIT } from "./main.ts";
import { createProgress, type Progress } from "./progress.ts";
import { createTracker, errorLines, summaryTable, type Tracker } from "./summary.ts";
import { DEFAULT_OUT } from "./sync.ts";

const USAGE = "npm start -- [<source>]... [--out DIR] [--wait-scale FACTOR]";

/** A machine's wait of 60 s becomes 3 s: this is a demonstration, and the sample APIs do not mind. */
const DEFAULT_WAIT_SCALE = 0.05;

const chooseSources = (all: DeployedSource[], names: string[]): DeployedSource[] => {
  const chosen = names.map((name) => {
    const source = all.find(({ resolved }) => resolved.name === name.replaceAll("-", "_"));
    if (source === undefined) {
      const known = all.map(({ resolved }) => resolved.name).join(", ");
      throw new ConfigError(`there is no source ${JSON.stringify(name)} in functions/; there are: ${known}`);
    }
    return source;
  });
  return chosen.length === 0 ? all : chosen;
};

/** One source's compiled machine, its Tasks invoking serverless-offline's Lambda API. */
const runMachine = async (
  source: DeployedSource,
  machine: ReturnType<typeof compiledMachines>[number],
  stack: OfflineStack,
  { out, wait_scale, stop, sink }: { out: string; wait_scale: number; stop: AbortSignal; sink: Progress["sink"] },
): Promise<Execution> => {
  const { name } = source.resolved;
  const task = async (state: string, input: unknown) => {
    const isResource = state !== "open" && state !== "finish";
    if (isResource) sink({ type: "resource", source: name, resource: state });
    try {
      const result = (await stack.invoke(machine.functions.get(state) ?? state, input)) as { run_id?: string };
      if (isResource) sink({ ...result, type: "outcome", source: name, resource: state });
      else if (state === "open") sink({ type: "run", source: name, run_id: result.run_id });
      return result;
    } catch (error) {
      const { name: errorName, message } = error as Error;
      if (isResource) sink({ type: "failure", source: name, resource: state, name: errorName, message });
      throw error;
    }
  };
  const execution = await execute(machine.definition, { dead_owner: deadOwner(bucketFolder(out), name) }, task, {
    owner: localOwner(),
    wait_scale,
    stop,
    onWait: (resource, seconds) => sink({ type: "waiting", source: name, resource, seconds }),
  });
  sink({ type: "ended", source: name });
  return execution;
};

/** `npm start`: the sample APIs, the stand-ins, serverless-offline, and every source's compiled machine. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(
    args,
    { out: { type: "string", default: DEFAULT_OUT }, "wait-scale": { type: "string" } },
    USAGE,
  );
  const wait_scale = readNumber("wait-scale", values["wait-scale"], 0) ?? DEFAULT_WAIT_SCALE;
  const sources = chooseSources(await loadSources(), positionals);
  const out = resolve(process.env.INIT_CWD ?? ".", values.out);
  mkdirSync(out, { recursive: true });
  const interrupt = onInterrupt();

  console.log(
    `Compiling the stack and starting ${sources.length} sample APIs, S3, Secrets Manager and the Lambdas ...`,
  );
  const packageFolder = join(out, "package");
  await runServerless(["package", `--package=${packageFolder}`], {
    env: { RESTLAKE_BUILD_FOLDER: ".esbuild/package" },
  });
  const machines = new Map(compiledMachines(readTemplate(packageFolder)).map((machine) => [machine.source, machine]));
  const trackers = new Map<string, Tracker>(
    sources.map(({ resolved }) => [
      resolved.name,
      createTracker(
        resolved.name,
        resolved.resources.map(({ name }) => name),
      ),
    ]),
  );
  let progress: Progress | undefined;
  const sink: Progress["sink"] = (event) => {
    trackers.get(event.source)?.sink(event);
    progress?.sink(event);
  };
  const stack = await startOfflineStack({
    out,
    // Outcomes come from the machine itself; the log is for what happens in between.
    sink: (event) => {
      if (event.type !== "outcome") sink(event);
    },
  });
  const lambdas = sources.reduce((sum, { resolved }) => sum + resolved.resources.length, 2);
  console.log(
    `Up: ${lambdas} Lambdas, ${sources.length} state machines. The machine's waits are shortened to ${wait_scale * 100} % (--wait-scale).\n`,
  );
  progress = createProgress(
    new Map(sources.map(({ resolved }) => [resolved.name, resolved.resources.length])),
    process.stdout,
  );
  const startedAt = performance.now();
  let executions: Execution[];
  try {
    executions = await Promise.all(
      sources.map((source) => {
        const machine = machines.get(source.resolved.name);
        if (machine === undefined)
          throw new ConfigError(`${source.resolved.name} has no machine in the compiled stack`);
        return runMachine(source, machine, stack, { out, wait_scale, stop: interrupt.signal, sink });
      }),
    );
  } finally {
    progress.end();
    interrupt.release();
    await stack.close();
  }

  const summaries = [...trackers.values()].map((tracker) => tracker.summary(bucketFolder(out)));
  console.log(`\n${summaryTable(summaries)}\n`);
  const wall = ((performance.now() - startedAt) / 1000).toFixed(1);
  if (executions.some(({ status }) => status === "stopped")) {
    console.error('Stopped; what was read is kept. "npm start" goes on from there.');
    return EXIT.stopped;
  }
  for (const line of errorLines(summaries)) console.error(line);
  for (const [index, execution] of executions.entries()) {
    if (execution.status === "failed") {
      console.error(`${sources[index]?.resolved.name}: ${execution.error}: ${execution.cause}`);
    }
  }
  const all = summaries.flatMap(({ resources }) => resources);
  const isDone = all.every(({ status }) => status === "done");
  if (!isDone) return EXIT.failed;
  const table = sources[0]?.resolved;
  console.log(
    [
      `${all.length} resources are in the lake, in ${wall} s. It lies in ${values.out}/s3/lake. Next:`,
      "  npm run query                                          the tables",
      `  npm run query -- "select * from ${table?.name}.${table?.resources[0]?.table} limit 10"`,
      "  npm run offline                                        keep the Lambdas up, to invoke single ones",
      "  README.md                                              add your own source: one file in functions/",
    ].join("\n"),
  );
  return EXIT.done;
};
