import { resolve } from "node:path";
import process from "node:process";
import { ConfigError } from "../../lib/errors.ts";
import { checkBaseUrl } from "../../lib/http/origin.ts";
import { factsOf } from "../../lib/run/steps.ts";
import { withAncestors } from "../../lib/source/dependencies.ts";
import { findResource, resolveSource } from "../../lib/source/resolve.ts";
import { secretsIn } from "../../lib/source/secret.ts";
import { bucketFolder, checkSecrets, runInProcess } from "../local/in-process.ts";
import { LAMBDA_TIMEOUT } from "../state-machine.ts";
import { readArguments, readNumber } from "./arguments.ts";
import { findSource } from "./find-source.ts";
import { onInterrupt } from "./interrupt.ts";
import { EXIT } from "./main.ts";
import { createProgress, jsonProgress } from "./progress.ts";
import { createTracker, errorLines, summaryTable } from "./summary.ts";

/** Where the local lake is when nobody says otherwise. */
export const DEFAULT_OUT = ".local";

const USAGE =
  "npm run sync -- <source> [--base-url URL] [--secret name=value] [--resource NAME]... [--out DIR] [--new-run] [--refresh full] [--window-start VALUE --window-end VALUE] [--time-budget SECONDS] [--request-timeout SECONDS] [--wait-scale FACTOR] [--json]";

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

const readSecrets = (given: string[] = [], names: string[]): Record<string, string> => {
  const secrets: Record<string, string> = {};
  for (const name of names) {
    const value = process.env[`RESTLAKE_SECRET_${name.toUpperCase()}`];
    if (value) secrets[name] = value;
  }
  for (const pair of given) {
    const [name = "", ...value] = pair.split("=");
    if (name === "" || value.length === 0 || value.join("=") === "") {
      throw new ConfigError("--secret must be name=value (the value is not shown here)");
    }
    secrets[name] = value.join("=");
  }
  return secrets;
};

const readWindow = (start: string | undefined, end: string | undefined) => {
  if (start === undefined && end === undefined) return undefined;
  if (start === undefined || end === undefined) {
    throw new ConfigError("--window-start and --window-end belong together: a window has two ends");
  }
  return { start, end };
};

/** `npm run sync`: one source in this process, through its machine. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, OPTIONS, USAGE);
  const [name] = positionals;
  if (name === undefined || positionals.length > 1) {
    throw new ConfigError(`give one source: the name of a file in functions/, or a path\nusage: ${USAGE}`);
  }
  if (values.refresh !== undefined && values.refresh !== "full") throw new ConfigError('--refresh can only be "full"');
  const time_budget = readNumber("time-budget", values["time-budget"], 0.001) ?? LAMBDA_TIMEOUT;
  const request_timeout = readNumber("request-timeout", values["request-timeout"], 0.001);
  const wait_scale = readNumber("wait-scale", values["wait-scale"], 0) ?? 1;
  const window = readWindow(values["window-start"], values["window-end"]);

  const source = await findSource(name);
  const resolved = resolveSource(source, { base_url: values["base-url"] });
  if (request_timeout !== undefined) resolved.settings.request_timeout = request_timeout;
  checkBaseUrl(resolved.name, resolved.base_url);
  for (const resource of values.resource ?? []) findResource(resolved, resource);
  const secrets = readSecrets(values.secret, secretsIn([resolved.auth, resolved.headers]));
  checkSecrets(resolved, secrets);

  const out = resolve(process.env.INIT_CWD ?? ".", values.out);
  const facts = factsOf(resolved);
  const wanted = withAncestors(facts, values.resource ?? facts.map((resource) => resource.name));
  const tracker = createTracker(
    resolved.name,
    resolved.resources.map((resource) => resource.name).filter((resource) => wanted.has(resource)),
  );
  const progress = values.json
    ? jsonProgress(process.stdout)
    : createProgress(new Map([[resolved.name, wanted.size]]), process.stdout);
  const interrupt = onInterrupt();
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
  }).finally(() => {
    interrupt.release();
    progress.end();
  });

  const summary = tracker.summary(bucketFolder(out));
  const output = execution.status === "succeeded" ? (execution.output as { status?: string } | null) : null;
  if (values.json) {
    const { run_id, resources } = summary;
    process.stdout.write(`${JSON.stringify({ type: "summary", run_id, resources })}\n`);
  } else {
    console.log(`\n${summaryTable([summary])}\n`);
  }
  if (execution.status === "stopped") {
    console.error(
      `Stopped; what was read is kept. The same command goes on with run ${summary.run_id ?? "(none yet)"}.`,
    );
    return EXIT.stopped;
  }
  if (output?.status === "skipped") {
    const { owner, expires_at } = output as { owner?: string; expires_at?: string };
    console.error(
      `${resolved.name} is being worked on by ${owner}, until ${expires_at} at the latest: nothing was done.`,
    );
    return EXIT.failed;
  }
  if (execution.status === "failed") {
    // The config's own mistakes are told the way all of them are.
    if (execution.error === "ConfigError") throw new ConfigError(execution.cause);
    for (const line of errorLines([summary])) console.error(line);
    console.error(`${execution.error}: ${execution.cause}`);
    return EXIT.failed;
  }
  if (!values.json) {
    console.log(
      `Look at the rows: npm run query -- "select * from ${resolved.name}.${resolved.resources[0]?.table} limit 10"`,
    );
  }
  return EXIT.done;
};
