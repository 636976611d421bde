import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { LOCAL_BUCKET } from "../infra/lake-folder.ts";
import { secretName } from "../infra/names.ts";
import { WATCH_VARIABLE } from "../infra/plugin/offline.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { MINUTE, SECOND } from "../lib/time/durations.ts";
import { connectLake, startLake } from "./bucket.ts";
import type { EventSink } from "./events.ts";
import { freePort } from "./free-port.ts";
import { announceLambdas, releaseDeadLeases } from "./owner.ts";
import type { LocalS3 } from "./s3/index.ts";
import { type SampleApis, startSampleApis } from "./sample-apis/index.ts";
import { type LocalSecretsManager, startSecretsManager } from "./secrets-manager/index.ts";
import { killGroup, ServerlessError, type ServerlessProcess, startServerless } from "./serverless.ts";

/** Time within which serverless-offline must be up. */
const START_TIMEOUT = 10 * MINUTE;
/** Time after which serverless-offline is killed. */
const STOP_TIMEOUT = 5 * SECOND;
/** Time in which serverless-offline may turn out to have ended, when a Lambda does not respond. */
const END_TIMEOUT = 5 * SECOND;
/** Timeout of an invocation: longer than that of any Lambda. */
const INVOCATION_TIMEOUT = 20 * MINUTE;
/** Milliseconds between two checks whether serverless-offline is up. */
const POLL_INTERVAL = 100;
/** Addresses of this machine, where the sample APIs and emulators are. */
const LOOPBACK = "127.0.0.1,::1";

/** Name of the stack that runs on this machine. */
export const LOCAL_STACK = { service: "restlake", stage: "dev" } as const;

/** Fixed ports of the servers. Without them, free ports are used. */
export interface StackPorts {
  lambda: number;
  s3: number;
  secrets_manager: number;
  /** Ports of the sample APIs, by source. */
  apis: Record<string, number>;
}

/** A running stack: sample APIs, S3, Secrets Manager, and serverless-offline with every Lambda. */
export interface OfflineStack {
  apis: SampleApis;
  endpoints: { lambda: string; s3: string; secrets_manager: string };
  /**
   * Invokes a Lambda by name, as Step Functions does.
   *
   * @throws an error with the name of the Lambda's error; ServerlessError when it did not respond.
   */
  invoke(name: string, input: unknown): Promise<unknown>;
  /** Resolves when serverless-offline has ended. Before `close`, that is a failure. */
  gone: Promise<ServerlessError>;
  close(): Promise<void>;
}

/** @throws ConfigError for a port in use: serverless-offline would fail later, and without a clear message. */
const checkPorts = async ({ lambda, s3, secrets_manager, apis }: StackPorts): Promise<void> => {
  const required: [string, number][] = [
    ["the Lambda API", lambda],
    ["S3", s3],
    ["Secrets Manager", secrets_manager],
    ...Object.entries(apis).map(([source, port]): [string, number] => [`the sample API ${source}`, port]),
  ];
  for (const [what, port] of required) {
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(
        `port ${port} for ${what} ${code === "EADDRINUSE" ? "is in use: stop the process that uses it, or" : `cannot be opened (${code}):`} choose other ports with --port`,
      );
    }
    server.close();
    await once(server, "close");
  }
};

/** Returns the key of each sample API as its source's secret. */
const keysOf = ({ keys }: SampleApis): Record<string, Record<string, string>> =>
  Object.fromEntries(Object.entries(keys).map(([source, api_key]) => [source, { api_key }]));

/** Returns the base_url of each source that has a sample API. */
const baseUrls = ({ urls }: SampleApis, sources: string[]): Record<string, { base_url: string }> =>
  Object.fromEntries(
    Object.entries(urls)
      .filter(([source]) => sources.includes(source))
      .map(([source, base_url]) => [source, { base_url }]),
  );

/** Parses a line of Powertools' logger; null for any other line that serverless-offline prints. */
const logEntry = (line: string): Record<string, unknown> | null => {
  if (!line.startsWith("{")) return null;
  try {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    return typeof parsed.message === "string" && typeof parsed.source === "string" ? parsed : null;
  } catch {
    // Not a log line.
    return null;
  }
};

const lambdaClient = (endpoint: string): LambdaClient =>
  new LambdaClient({
    endpoint,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: INVOCATION_TIMEOUT, connectionTimeout: 5 * SECOND },
  });

const invoker = (client: LambdaClient, gone: Promise<ServerlessError>) => async (name: string, input: unknown) => {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(input) });
  const response = await client.send(command).catch(async (error: NodeJS.ErrnoException) => {
    const noResponse = new ServerlessError(`the Lambda ${name} did not respond (${error.code ?? error.name})`);
    throw await Promise.race([gone, sleep(END_TIMEOUT, noResponse)]);
  });
  const text = response.Payload?.transformToString() ?? "null";
  const result = JSON.parse(text === "" ? "null" : text) as { errorMessage?: string; trace?: string[] } | null;
  if (result?.errorMessage === undefined) return result;
  // serverless-offline names every error "Error". The first line of the stack trace still contains its name.
  const errorName = /^(\w+): /.exec(result.trace?.[0] ?? "")?.[1] ?? "Error";
  throw Object.assign(new Error(result.errorMessage), { name: errorName });
};

/** Waits until serverless-offline is up. */
const untilUp = async ({ child, tail }: ServerlessProcess, url: string, signal?: AbortSignal): Promise<void> => {
  const deadline = Date.now() + START_TIMEOUT;
  for (;;) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new ServerlessError(`serverless-offline ended during its start:\n${tail()}`);
    }
    if (Date.now() > deadline) throw new ServerlessError(`serverless-offline did not start:\n${tail()}`);
    // Any HTTP response means that the server is up.
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(POLL_INTERVAL);
  }
};

const stop = async ({ child, remove }: ServerlessProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, "close");
    child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(child), STOP_TIMEOUT);
    await closed;
    clearTimeout(timer);
  }
  remove();
};

const endOf = async ({ child, tail }: ServerlessProcess): Promise<ServerlessError> => {
  const [code, signal] = await once(child, "close");
  return new ServerlessError(
    `serverless-offline and its Lambdas ended unexpectedly (${signal ?? code}): run the command again, it resumes the run. Last output:\n${tail()}`,
  );
};

/** How the stack is started. */
export interface OfflineStackOptions {
  /** Folder of the local lake. */
  out: string;
  /** Names of the sources whose Lambdas run. */
  sources: string[];
  /** Secrets of sources without a sample API: values by source, then by field. */
  secrets?: Record<string, Record<string, string>>;
  ports?: StackPorts;
  /** Log level of the Lambdas. DEBUG logs a line per page. */
  log_level: "DEBUG" | "INFO";
  /** Whether Lambdas are bundled again when a file of the project changes. That ends the invocations in progress. */
  watch: boolean;
  /** Receives the log entries of the Lambdas. */
  sink?: EventSink;
  /** Called with every line that serverless-offline prints. */
  onLine?: (line: string) => void;
  /** Aborts the start. The signal's reason is thrown. */
  signal?: AbortSignal;
}

/** Servers that the Lambdas reach over the network. */
interface RunningServers {
  apis: SampleApis;
  s3: LocalS3;
  secretsManager: LocalSecretsManager;
}

/** Registers a server to be closed with the stack, and returns it. */
type Keep = <Server extends { close(): Promise<void> | void }>(server: Server) => Server;

/** Starts the servers. Each one is passed to `keep`, also when a later one fails. */
const startServers = async ({ out, ports, secrets }: OfflineStackOptions, keep: Keep): Promise<RunningServers> => {
  const apis = keep(await startSampleApis({ ports: ports?.apis }));
  const s3 = keep(await startLake(out, ports?.s3));
  const values = Object.entries({ ...keysOf(apis), ...secrets });
  const secretsManager = keep(
    await startSecretsManager({
      port: ports?.secrets_manager,
      secrets: Object.fromEntries(
        values.map(([source, value]) => [secretName(LOCAL_STACK, source), JSON.stringify(value)]),
      ),
    }),
  );
  return { apis, s3, secretsManager };
};

/** Starts serverless-offline, which runs the Lambdas. */
const startLambdas = async (
  lambdaPort: number,
  { apis, s3, secretsManager }: RunningServers,
  options: OfflineStackOptions,
): Promise<ServerlessProcess> =>
  startServerless(
    [
      "offline",
      "start",
      "--host=127.0.0.1",
      `--lambdaPort=${lambdaPort}`,
      `--httpPort=${await freePort()}`,
      `--websocketPort=${await freePort()}`,
      `--albPort=${await freePort()}`,
    ],
    {
      stack: {
        bucket: LOCAL_BUCKET,
        allowed_addresses: LOOPBACK,
        log_level: options.log_level,
        sources: baseUrls(apis, options.sources),
      },
      env: {
        AWS_ENDPOINT_URL_S3: s3.url,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
        ...(options.watch ? {} : { [WATCH_VARIABLE]: "off" }),
      },
      onLine(line) {
        options.onLine?.(line);
        const entry = logEntry(line);
        if (entry !== null) options.sink?.({ ...entry, type: String(entry.message), source: String(entry.source) });
      },
    },
  );

/** Releases the leases of dead processes, and announces to other processes that Lambdas run on this lake. */
const takeOverLake = async (out: string, sources: string[], s3: LocalS3): Promise<() => void> => {
  const lake = connectLake(s3.url);
  await releaseDeadLeases(out, sources, lake.bucket);
  lake.close();
  return announceLambdas(out);
};

/**
 * Starts the stack. Its code is the deployed code. When a part of it cannot start, the others are stopped.
 *
 * @throws ConfigError for a port in use and for a folder that cannot be written; ServerlessError.
 */
export const startOfflineStack = async (options: OfflineStackOptions): Promise<OfflineStack> => {
  const { out, sources, ports, signal } = options;
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  const keep: Keep = (server) => {
    closing.push(() => server.close());
    return server;
  };

  try {
    if (ports !== undefined) await checkPorts(ports);
    const servers = await startServers(options, keep);
    const { apis, s3, secretsManager } = servers;
    closing.push(await takeOverLake(out, sources, s3));

    const lambdaPort = ports?.lambda ?? (await freePort());
    const serverless = await startLambdas(lambdaPort, servers, options);
    closing.push(() => stop(serverless));
    const endpoints = { lambda: `http://127.0.0.1:${lambdaPort}`, s3: s3.url, secrets_manager: secretsManager.url };
    await untilUp(serverless, endpoints.lambda, signal);
    const client = lambdaClient(endpoints.lambda);
    closing.push(() => client.destroy());
    const gone = endOf(serverless);
    return { apis, endpoints, invoke: invoker(client, gone), gone, close };
  } catch (error) {
    await close();
    throw error;
  }
};
