import process from "node:process";
import { bucketFolder } from "../infra/lake-folder.ts";
import { compareCursors, isCertain } from "../lib/columns/cursor-values.ts";
import { findResource, type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { checkBaseUrl } from "../lib/http/origin.ts";
import type { Window } from "../lib/lake/run-record.ts";
import { wantedResources } from "../lib/run/selection.ts";
import { resourceFactsOf } from "../lib/run/source-facts.ts";
import type { StartOptions } from "../lib/run/start-options.ts";
import { lakeFolder } from "../local/bucket.ts";
import { runInProcess } from "../local/in-process.ts";
import type { Execution } from "../local/state-machine/index.ts";
import { type OptionValues, readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { conclude } from "./conclude.ts";
import * as definitions from "./definitions.ts";
import { findSource } from "./find-source.ts";
import { onInterrupt } from "./interrupt.ts";
import { queryCommand, reportLines } from "./next-commands.ts";
import { createProgress, jsonProgress } from "./progress.ts";
import { readSecrets } from "./secret-values.ts";
import { createTracker, type SourceSummary, warningLines } from "./summary.ts";
import { summaryTable } from "./summary-table.ts";
import { print } from "./terminal.ts";
import { terminalWidth, wrapText } from "./wrap-text.ts";

type Options = OptionValues<typeof definitions.sync>;

const readWindow = ({ "window-start": start, "window-end": end, refresh }: Options): Window | undefined => {
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined) {
    const [given, missing] = end === undefined ? ["start", "end"] : ["end", "start"];
    throw new ConfigError(`--window-${given} without --window-${missing}: give both ends of the window`);
  }
  if (isCertain(start) && isCertain(end) && compareCursors(start, end) >= 0) {
    throw new ConfigError(`--window-start ${start} is not before --window-end ${end}: the end is excluded`);
  }
  if (refresh !== undefined) {
    throw new ConfigError("--refresh full and a window are both given: use one of them");
  }
  return { start, end };
};

/** Returns the input of the execution: start options, as the console or a schedule could send them. */
const startOptions = (options: Options): Partial<StartOptions> => {
  const window = readWindow(options);
  return {
    ...(options.refresh && { refresh: options.refresh }),
    ...(window && { window }),
    ...(options.resource.length > 0 && { resources: options.resource }),
    ...(options["new-run"] && { new_run: true }),
  };
};

const openSource = async (name: string, options: Options): Promise<ResolvedSource> => {
  const source = resolveSource(await findSource(name), { base_url: options["base-url"] });
  const { settings } = source;
  settings.request_timeout = options["request-timeout"] ?? settings.request_timeout;
  checkBaseUrl(source.name, source.base_url, settings.allow_link_local);
  return source;
};

const runSource = async (
  source: ResolvedSource,
  input: Partial<StartOptions>,
  options: Options,
): Promise<{ execution: Execution; summary: SourceSummary }> => {
  for (const name of options.resource) findResource(source, name);
  const facts = resourceFactsOf(source);
  const all = facts.map(({ name }) => name);
  const selected = wantedResources(facts, { resources: input.resources ?? null, window: input.window ?? null }) ?? all;
  const secrets = readSecrets(source, options.secret);
  const out = lakeFolder(options.out);
  const tracker = createTracker(
    source.name,
    all.filter((name) => selected.includes(name)),
  );
  const progress = options.json
    ? jsonProgress(process.stdout)
    : createProgress(new Map([[source.name, selected.length]]), process.stdout);
  using interrupt = onInterrupt(progress.say);
  const execution = await runInProcess(source, {
    out,
    input,
    secrets,
    time_budget: options["time-budget"],
    wait_scale: options["wait-scale"],
    stop: interrupt.signal,
    sink(event) {
      tracker.sink(event);
      progress.sink(event);
    },
  }).finally(() => progress.end());
  return { execution, summary: tracker.summary(bucketFolder(out)) };
};

const printSummary = (summary: SourceSummary, { json, out }: Options): void => {
  if (json) {
    const { run_id, resources } = summary;
    print(JSON.stringify({ type: "summary", run_id, resources }));
    return;
  }
  const width = terminalWidth(process.stdout);
  print(`\n${summaryTable([summary], width)}\n`);
  for (const line of warningLines([summary])) print(`${wrapText(line, width).join("\n")}\n`);
  for (const line of reportLines([summary], out)) print(line);
};

/** `npm run sync`: runs one source in this process, with its state machine. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.sync);
  const input = startOptions(options);
  const source = await openSource(positionals[0] as string, options);
  const { execution, summary } = await runSource(source, input, options);
  printSummary(summary, options);
  const again = options["new-run"] ? "the same command without --new-run" : "the same command";
  const code = conclude(execution, summary, again);
  if (code === EXIT.done && !options.json) {
    print(`Query the rows:\n  ${queryCommand([[source, summary]], options.out)}`);
  }
  return code;
};
