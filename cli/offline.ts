import { LOCAL_BUCKET } from "../infra/lake-folder.ts";
import { functionName } from "../infra/names.ts";
import { loadSources } from "../infra/sources.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { lakeFolder } from "../local/bucket.ts";
import { LOCAL_STACK, type StackPorts, startOfflineStack } from "../local/offline-stack.ts";
import { SAMPLE_SOURCES } from "../local/sample-apis/index.ts";
import { readArguments, readNumber } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { onInterrupt } from "./interrupt.ts";
import { logText } from "./lambda-log.ts";
import { secretsInEnvironment } from "./secrets.ts";

/** serverless-offline's own default. */
const DEFAULT_PORT = 3002;
/** Distance of the other ports from the Lambda API's. */
const BESIDE = { s3: 8, secrets_manager: 9, firstApi: 18 };

const USAGE = `npm run offline -- [options]
  Sample APIs, S3, Secrets Manager and every Lambda stay up, for invoking single Lambdas by hand.

  --out DIR     folder of the local lake (${DEFAULT_OUT})
  --port PORT   of the Lambda API; the others follow it (${DEFAULT_PORT})`;

const portsFrom = (lambda: number): StackPorts => ({
  lambda,
  s3: lambda + BESIDE.s3,
  secrets_manager: lambda + BESIDE.secrets_manager,
  apis: Object.fromEntries(SAMPLE_SOURCES.map((source, index) => [source, lambda + BESIDE.firstApi + index])),
});

/** `npm run offline`: serverless-offline and the stand-ins stay up, for invoking single Lambdas by hand. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(
    args,
    { out: { type: "string", default: DEFAULT_OUT }, port: { type: "string" } },
    USAGE,
  );
  if (positionals.length > 0) throw new ConfigError("npm run offline takes no source: all Lambdas are up");
  const port = readNumber("port", values.port, [1, 65_000]) ?? DEFAULT_PORT;
  if (!Number.isInteger(port)) throw new ConfigError(`--port must be a whole number, and is ${values.port}`);
  const sources = (await loadSources()).map(({ resolved }) => resolved);
  const out = lakeFolder(values.out);
  using interrupt = onInterrupt(console.error);
  console.log("Starting the sample APIs, S3, Secrets Manager, the Lambdas ...");
  const stack = await startOfflineStack({
    out,
    sources: sources.map(({ name }) => name),
    secrets: Object.fromEntries(
      sources
        .filter(({ name }) => !SAMPLE_SOURCES.includes(name))
        .map((source) => [source.name, secretsInEnvironment(source)]),
    ),
    ports: portsFrom(port),
    log_level: "INFO",
    watch: true,
    signal: interrupt.signal,
    onLine: (line) => {
      const text = logText(line);
      if (text !== null) console.log(text);
    },
  });
  const { endpoints, apis } = stack;
  const [first] = sources;
  const example = functionName(LOCAL_STACK, first?.name ?? "", first?.resources[0]?.name ?? "");
  console.log(
    [
      "The Lambdas:",
      ...sources.flatMap(({ name, resources }) =>
        resources.map((resource) => `  ${functionName(LOCAL_STACK, name, resource.name)}`),
      ),
      "",
      "Everything is up; Ctrl-C ends it.",
      `  Lambda API       ${endpoints.lambda}`,
      `  S3               ${endpoints.s3}, bucket ${LOCAL_BUCKET}: the files below ${values.out}/s3`,
      `  Secrets Manager  ${endpoints.secrets_manager}`,
      ...Object.entries(apis.urls).map(([source, url]) => `  sample API       ${url}, ${source}`),
      "",
      "Invoke a Lambda by hand, with {} as from the console:",
      `  curl -d '{}' ${endpoints.lambda}/2015-03-31/functions/${example}/invocations`,
    ].join("\n"),
  );
  const stopped = new Promise<void>((done) => {
    if (interrupt.signal.aborted) done();
    interrupt.signal.addEventListener("abort", () => done(), { once: true });
  });
  const failure = await Promise.race([stopped, stack.gone]);
  await stack.close();
  if (failure !== undefined) throw failure;
  console.log("Stopped.");
  return EXIT.stopped;
};
