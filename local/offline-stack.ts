import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { LOCAL_BUCKET } from "../infra/lake-folder.ts";
import { secretName } from "../infra/names.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { connectLake, startLake } from "./bucket.ts";
import type { EventSink } from "./events.ts";
import { freePort } from "./free-port.ts";
import { announceLambdas, releaseDeadLeases } from "./owner.ts";
import { type SampleApis, startSampleApis } from "./sample-apis/index.ts";
import { startSecretsManager } from "./secrets-manager/index.ts";
import { killGroup, ServerlessError, type ServerlessProcess, startServerless } from "./serverless.ts";

const SECOND = 1000;
/** Until serverless-offline must answer. */
const STARTING_TIME = 600 * SECOND;
const STOPPING_TIME = 5 * SECOND;
/** Until a Lambda that did not answer is not held to have died with serverless-offline. */
const GONE_TIME = 5 * SECOND;
/** A file name that nobody has. */
const NOTHING = "nothing-is-watched";
/** Between two looks whether it answers. */
const POLL = 100;

/** The stack that runs on this machine. */
export const LOCAL_STACK = { service: "restlake", stage: "dev" } as const;

/** Ports of the servers that a person wants to reach; without them, free ones are taken. */
export interface StackPorts {
  lambda: number;
  s3: number;
  secrets_manager: number;
  /** Sample APIs by source. */
  apis: Record<string, number>;
}

/** Everything that runs: sample APIs, S3, Secrets Manager, and serverless-offline with every Lambda. */
export interface OfflineStack {
  apis: SampleApis;
  endpoints: { lambda: string; s3: string; secrets_manager: string };
  /**
   * Invokes a Lambda by name as Step Functions does.
   *
   * @throws an error by the name the Lambda threw it with; ServerlessError when it did not answer at all.
   */
  invoke(name: string, input: unknown): Promise<unknown>;
  /** Resolves when serverless-offline is gone; before `close`, that is a failure. */
  gone: Promise<ServerlessError>;
  close(): Promise<void>;
}

/** @throws ConfigError when someone listens there: serverless-offline would only die in the middle of starting. */
const checkFree = async ({ lambda, s3, secrets_manager, apis }: StackPorts): Promise<void> => {
  const wanted: [string, number][] = [
    ["the Lambda API", lambda],
    ["S3", s3],
    ["Secrets Manager", secrets_manager],
    ...Object.entries(apis).map(([source, port]): [string, number] => [`the sample API ${source}`, port]),
  ];
  for (const [what, port] of wanted) {
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(
        `port ${port} for ${what} ${code === "EADDRINUSE" ? "is in use: stop what listens there, or" : `cannot be opened (${code}):`} take other ports with --port`,
      );
    }
    server.close();
    await once(server, "close");
  }
};

/** What each sample API accepts, as its source's secret. */
const keysOf = ({ keys }: SampleApis): Record<string, Record<string, string>> =>
  Object.fromEntries(Object.entries(keys).map(([source, api_key]) => [source, { api_key }]));

/** A line of Powertools' logger, or null for anything else that serverless-offline prints. */
const logLine = (line: string): Record<string, unknown> | null => {
  if (!line.startsWith("{")) return null;
  try {
    const parsed = JSON.parse(line) as Record<string, unknown>;
    return typeof parsed.message === "string" && typeof parsed.source === "string" ? parsed : null;
  } catch {
    // Not a log line: EMF metrics, or a notice.
    return null;
  }
};

const lambdaClient = (endpoint: string): LambdaClient =>
  new LambdaClient({
    endpoint,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 20 * 60 * SECOND, connectionTimeout: 5 * SECOND },
  });

const invoker = (client: LambdaClient, gone: Promise<ServerlessError>) => async (name: string, input: unknown) => {
  const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(input) });
  const answer = await client.send(command).catch(async (error: NodeJS.ErrnoException) => {
    const noAnswer = new ServerlessError(`the Lambda ${name} did not answer (${error.code ?? error.name})`);
    throw await Promise.race([gone, sleep(GONE_TIME, noAnswer)]);
  });
  const text = answer.Payload?.transformToString() ?? "null";
  const result = JSON.parse(text === "" ? "null" : text) as { errorMessage?: string; trace?: string[] } | null;
  if (result?.errorMessage === undefined) return result;
  // serverless-offline calls every error "Error"; the first line of the trace still has its name.
  const named = /^(\w+): /.exec(result.trace?.[0] ?? "")?.[1] ?? "Error";
  throw Object.assign(new Error(result.errorMessage), { name: named });
};

/** Waits until serverless-offline answers. */
const untilUp = async ({ child, tail }: ServerlessProcess, url: string, signal?: AbortSignal): Promise<void> => {
  const deadline = Date.now() + STARTING_TIME;
  for (;;) {
    signal?.throwIfAborted();
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new ServerlessError(`serverless-offline ended while starting:\n${tail()}`);
    }
    if (Date.now() > deadline) throw new ServerlessError(`serverless-offline did not start:\n${tail()}`);
    // Any HTTP answer will do: the server is up.
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    await sleep(POLL);
  }
};

const stop = async ({ child, remove }: ServerlessProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, "close");
    child.kill("SIGTERM");
    const timer = setTimeout(() => killGroup(child), STOPPING_TIME);
    await closed;
    clearTimeout(timer);
  }
  remove();
};

const endOf = async ({ child, tail }: ServerlessProcess): Promise<ServerlessError> => {
  const [code, signal] = await once(child, "close");
  return new ServerlessError(
    `serverless-offline ended (${signal ?? code}), and with it the Lambdas. What was read is kept. It said last:\n${tail()}`,
  );
};

/** How the stack is started. */
export interface OfflineStackOptions {
  /** Folder of the local lake. */
  out: string;
  /** Every source whose Lambdas run. */
  sources: string[];
  /** Secrets of sources that have no sample API: values by source, then by field. */
  secrets?: Record<string, Record<string, string>>;
  ports?: StackPorts;
  /** What the Lambdas log: at DEBUG, a line for each page. */
  log_level: "DEBUG" | "INFO";
  /** Whether Lambdas are bundled anew when a file of the project changes: it costs the invocations under way. */
  watch: boolean;
  /** Gets what the Lambdas log. */
  sink?: EventSink;
  /** Gets every line that serverless-offline prints. */
  onLine?: (line: string) => void;
  /** Gives up starting; what is thrown is the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Starts the stack; nothing in it knows that it is not in the cloud. When a part of it cannot start, none is left.
 *
 * @throws ConfigError for a port in use and for a folder that cannot be written; ServerlessError.
 */
export const startOfflineStack = async (options: OfflineStackOptions): Promise<OfflineStack> => {
  const { out, ports, signal, sink } = options;
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  const keep = <Server extends { close(): Promise<void> | void }>(server: Server): Server => {
    closing.push(() => server.close());
    return server;
  };

  try {
    if (ports !== undefined) await checkFree(ports);
    const apis = keep(await startSampleApis({ ports: ports?.apis }));
    const s3 = keep(await startLake(out, ports?.s3));
    const secrets = { ...keysOf(apis), ...options.secrets };
    const secretsManager = keep(
      await startSecretsManager({
        port: ports?.secrets_manager,
        secrets: Object.fromEntries(
          Object.entries(secrets).map(([source, value]) => [secretName(LOCAL_STACK, source), JSON.stringify(value)]),
        ),
      }),
    );
    const lake = connectLake(s3.url);
    await releaseDeadLeases(out, options.sources, lake.bucket);
    lake.close();
    closing.push(announceLambdas(out));

    const lambdaPort = ports?.lambda ?? (await freePort());
    const serverless = startServerless(
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
        params: {
          bucket: LOCAL_BUCKET,
          log_level: options.log_level,
          ...Object.fromEntries(Object.entries(apis.urls).map(([source, url]) => [`${source}_url`, url])),
        },
        env: {
          AWS_ENDPOINT_URL_S3: s3.url,
          AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
          ...(options.watch ? {} : { RESTLAKE_WATCH: NOTHING }),
        },
        onLine(line) {
          options.onLine?.(line);
          const parsed = logLine(line);
          if (parsed !== null) sink?.({ ...parsed, type: String(parsed.message), source: String(parsed.source) });
        },
      },
    );
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
