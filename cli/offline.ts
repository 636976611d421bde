import { LOCAL_BUCKET } from "../infra/lake-folder.ts";
import { lambdaName } from "../infra/names.ts";
import { loadSources } from "../infra/sources.ts";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { lakeFolder } from "../local/bucket.ts";
import { LOCAL_STACK, type OfflineStack, type StackPorts, startOfflineStack } from "../local/offline-stack.ts";
import { SAMPLE_SOURCES } from "../local/sample-apis/index.ts";
import { type OptionValues, readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import * as definitions from "./definitions.ts";
import { onInterrupt } from "./interrupt.ts";
import { logText } from "./lambda-log.ts";
import { secretsInEnvironment } from "./secret-values.ts";
import { print, printError } from "./terminal.ts";

type Options = OptionValues<typeof definitions.offline>;

/** Distances of the other ports from the port of the Lambda API. */
const PORT_DISTANCE = { s3: 8, secrets_manager: 9, firstApi: 18 };

const portsFrom = (lambda: number): StackPorts => ({
  lambda,
  s3: lambda + PORT_DISTANCE.s3,
  secrets_manager: lambda + PORT_DISTANCE.secrets_manager,
  apis: Object.fromEntries(SAMPLE_SOURCES.map((source, index) => [source, lambda + PORT_DISTANCE.firstApi + index])),
});

const printLog = (line: string): void => {
  const text = logText(line);
  if (text !== null) print(text);
};

const startStack = (sources: ResolvedSource[], { out, port }: Options, signal: AbortSignal): Promise<OfflineStack> => {
  const withoutSample = sources.filter(({ name }) => !SAMPLE_SOURCES.includes(name));
  return startOfflineStack({
    out: lakeFolder(out),
    sources: sources.map(({ name }) => name),
    secrets: Object.fromEntries(withoutSample.map((source) => [source.name, secretsInEnvironment(source)])),
    ports: portsFrom(port),
    log_level: "INFO",
    watch: true,
    signal,
    onLine: printLog,
  });
};

/** Returns the addresses of all servers, and how to invoke a Lambda. */
const addressLines = (sources: ResolvedSource[], { endpoints, apis }: OfflineStack, out: string): string[] => {
  const names = sources.flatMap(({ name, resources }) =>
    resources.map((resource) => lambdaName(LOCAL_STACK, name, resource.name)),
  );
  return [
    "Lambdas:",
    ...names.map((name) => `  ${name}`),
    "",
    "Everything is running. Press Ctrl-C to stop.",
    `  Lambda API       ${endpoints.lambda}`,
    `  S3               ${endpoints.s3} (bucket ${LOCAL_BUCKET}, files in ${out}/s3)`,
    `  Secrets Manager  ${endpoints.secrets_manager}`,
    ...Object.entries(apis.urls).map(([source, url]) => `  sample API       ${url} (${source})`),
    "",
    "To invoke a Lambda:",
    `  curl -d '{}' ${endpoints.lambda}/2015-03-31/functions/${names[0]}/invocations`,
  ];
};

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });

/** `npm run offline`: keeps serverless-offline and the emulators running, to invoke single Lambdas. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options } = readArguments(args, definitions.offline);
  const sources = (await loadSources()).map(({ resolved }) => resolved);
  using interrupt = onInterrupt(printError);
  print("Starting sample APIs, S3, Secrets Manager and Lambdas ...");
  const stack = await startStack(sources, options, interrupt.signal);
  print(addressLines(sources, stack, options.out).join("\n"));
  const failure = await Promise.race([untilAborted(interrupt.signal), stack.gone]);
  await stack.close();
  if (failure !== undefined) throw failure;
  print("Stopped.");
  return EXIT.stopped;
};
