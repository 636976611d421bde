import process from "node:process";
import { LAMBDA_TIMEOUT } from "../infra/definition.ts";
import { bucketFolder } from "../infra/lake-folder.ts";
import { compareCursors } from "../lib/columns/cursor-values.ts";
import { withAncestors } from "../lib/config/dependencies.ts";
import { findResource, resolveSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { checkBaseUrl } from "../lib/http/origin.ts";
import type { Window } from "../lib/lake/run-record.ts";
import { resourceFactsOf } from "../lib/run/source-facts.ts";
import { lakeFolder } from "../local/bucket.ts";
import { runInProcess } from "../local/in-process.ts";
import { readArguments, readNumber } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { conclude } from "./conclude.ts";
import { findSource } from "./find-source.ts";
import { onInterrupt } from "./interrupt.ts";
import { queryHint, reportLines } from "./next-commands.ts";
import { createProgress, jsonProgress } from "./progress.ts";
import { readSecrets } from "./secrets.ts";
import { createTracker } from "./summary.ts";
import { summaryTable } from "./summary-table.ts";

/** Seconds that an option may be given; a timer of this machine holds no more than 24 days. */
const ANY_TIME: [number, number] = [0.001, 1_000_000];
const ANY_SCALE: [number, number] = [0, 10];

const USAGE = `npm run sync -- <source> [options]
  One source in this process, through the machine that is deployed. It goes on with the run that is open.

  <source>                    name of a file in functions/, or path of a .ts, .js, .json or .yaml config
  --base-url URL              instead of the config's base_url
  --secret name=value         value of a secret; or RESTLAKE_SECRET_<NAME> in the environment
  --resource NAME             only this resource, and those it descends from; may be repeated
  --out DIR                   folder of the local lake (${DEFAULT_OUT})
  --new-run                   give up the open run and begin a new one
  --refresh full              load everything again, whatever was loaded before
  --window-start VALUE        load rows from this cursor value on ...
  --window-end VALUE          ... up to, and without, this one
  --time-budget SECONDS       as if a Lambda had that long (${LAMBDA_TIMEOUT})
  --request-timeout SECONDS   until a request without an answer is given up
  --wait-scale FACTOR         shortens the machine's waits: 0.1 waits a tenth (1)
  --json                      one JSON object per line, the last one a summary`;

const OPTIONS = {
  "base-url": { type: "string" },
  secret: { type: "string", multiple: true },
  resource: { type: "string", multiple: true },
  out: { type: "string", default: DEFAULT_OUT },
  "new-run": { type: "boolean", default: false },
  refresh: { type: "string" },
  "window-start": { type: "string" },
  "window-end": { type: "string" },
  "time-budget": { type: "string" },
  "request-timeout": { type: "string" },
  "wait-scale": { type: "string" },
  json: { type: "boolean", default: false },
} as const;

const readWindow = (start: string | undefined, end: string | undefined): Window | undefined => {
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined) {
    throw new ConfigError("--window-start and --window-end belong together: a window has two ends");
  }
  if (compareCursors(start, end) >= 0) {
    throw new ConfigError(
      `--window-start ${start} must be before --window-end ${end}, which is not part of the window`,
    );
  }
  return { start, end };
};

/** `npm run sync`: one source in this process, through its machine. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, OPTIONS, USAGE);
  const [name] = positionals;
  if (name === undefined) throw new ConfigError(`give a source\nusage: ${USAGE}`);
  if (positionals.length > 1) throw new ConfigError(`give one source, not ${positionals.join(" and ")}`);
  if (values.refresh !== undefined && values.refresh !== "full") throw new ConfigError('--refresh can only be "full"');
  const time_budget = readNumber("time-budget", values["time-budget"], ANY_TIME) ?? LAMBDA_TIMEOUT;
  const request_timeout = readNumber("request-timeout", values["request-timeout"], ANY_TIME);
  const wait_scale = readNumber("wait-scale", values["wait-scale"], ANY_SCALE) ?? 1;
  const window = readWindow(values["window-start"], values["window-end"]);
  if (window !== undefined && values.refresh !== undefined) {
    throw new ConfigError("--refresh full and a window exclude each other: a window leaves everything else alone");
  }

  const source = await findSource(name);
  const resolved = resolveSource(source, { base_url: values["base-url"] });
  if (request_timeout !== undefined) resolved.settings.request_timeout = request_timeout;
  checkBaseUrl(resolved.name, resolved.base_url, resolved.settings.allow_link_local);
  for (const resource of values.resource ?? []) findResource(resolved, resource);
  const secrets = readSecrets(resolved, values.secret ?? []);
  const out = lakeFolder(values.out);

  const facts = resourceFactsOf(resolved);
  const wanted = withAncestors(facts, values.resource ?? facts.map((resource) => resource.name));
  const tracker = createTracker(
    resolved.name,
    resolved.resources.map((resource) => resource.name).filter((resource) => wanted.has(resource)),
  );
  const progress = values.json
    ? jsonProgress(process.stdout)
    : createProgress(new Map([[resolved.name, wanted.size]]), process.stdout);
  using interrupt = onInterrupt(progress.say);
  const execution = await runInProcess(resolved, {
    out,
    input: {
      ...(values.refresh && { refresh: values.refresh }),
      ...(window && { window }),
      ...(values.resource && { resources: values.resource }),
      ...(values["new-run"] && { new_run: true }),
    },
    secrets,
    time_budget,
    wait_scale,
    stop: interrupt.signal,
    sink(event) {
      tracker.sink(event);
      progress.sink(event);
    },
  }).finally(() => progress.end());

  const summary = tracker.summary(bucketFolder(out));
  if (values.json) {
    const { run_id, resources } = summary;
    process.stdout.write(`${JSON.stringify({ type: "summary", run_id, resources })}\n`);
  } else {
    console.log(`\n${summaryTable([summary], process.stdout.columns)}\n`);
    for (const line of reportLines([summary], values.out)) console.log(line);
  }
  const again = values["new-run"] ? "The same command without --new-run" : "The same command";
  const code = conclude(execution, summary, again);
  if (code === EXIT.done && !values.json) {
    console.log(`Look at the rows: ${queryHint([[resolved, summary]], values.out)}`);
  }
  return code;
};
