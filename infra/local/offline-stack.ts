import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ConfigError } from "../../lib/errors.ts";
import { secretName } from "../names.ts";
import type { EventSink } from "./events.ts";
import { LOCAL_BUCKET } from "./in-process.ts";
import { startS3 } from "./s3/index.ts";
import { type SampleApis, startSampleApis } from "./sample-apis/index.ts";
import { startSecretsManager } from "./secrets-manager/index.ts";
import { ServerlessError, startServerless } from "./serverless.ts";

const SECOND = 1000;
/** Until serverless-offline must answer. */
const STARTING_TIME = 120 * SECOND;
const STOPPING_TIME = 5 * SECOND;

/** The stack that runs on this machine. */
export const LOCAL_STACK = { service: "restlake", stage: "dev" } as const;

/** Ports of the servers that a person may want to reach; 0 takes a free one. */
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
  /** Invokes a Lambda by name as Step Functions does; throws an error by the name the Lambda threw it with. */
  invoke(name: string, input: unknown): Promise<unknown>;
  close(): Promise<void>;
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

/** @throws ConfigError when someone listens there: serverless-offline would only die in the middle of starting. */
const checkFree = async (port: number, what: string): Promise<void> => {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await Promise.race([once(server, "listening"), once(server, "error").then(([error]) => Promise.reject(error))]);
  } catch (error) {
    throw new ConfigError(
      `port ${port} for ${what} is in use (${(error as NodeJS.ErrnoException).code}): stop what listens there, or choose another port`,
    );
  }
  server.close();
  await once(server, "close");
};

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

const invoker = (client: LambdaClient) => async (name: string, input: unknown) => {
  const answer = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(input) }));
  const text = answer.Payload?.transformToString() ?? "null";
  const result = JSON.parse(text === "" ? "null" : text) as { errorMessage?: string; trace?: string[] } | null;
  if (result?.errorMessage === undefined) return result;
  // serverless-offline calls every error "Error"; the first line of the trace still has its name.
  const named = /^(\w+): /.exec(result.trace?.[0] ?? "")?.[1] ?? "Error";
  throw Object.assign(new Error(result.errorMessage), { name: named });
};

/**
 * Starts the stack; nothing in it knows that it is not in the cloud.
 *
 * @param options.out folder of the local lake.
 * @param options.sink gets what the Lambdas log.
 */
export const startOfflineStack = async (options: {
  out: string;
  ports?: Partial<StackPorts>;
  sink?: EventSink;
  onLine?: (line: string) => void;
}): Promise<OfflineStack> => {
  const { ports = {}, sink } = options;
  const lambdaPort = ports.lambda || (await freePort());
  await checkFree(lambdaPort, "the Lambda API");
  const apis = await startSampleApis({ ports: ports.apis });
  const s3 = await startS3({ root: join(options.out, "s3"), port: ports.s3, buckets: [LOCAL_BUCKET] });
  const secretsManager = await startSecretsManager({
    port: ports.secrets_manager,
    secrets: Object.fromEntries(
      Object.entries(apis.keys).map(([source, key]) => [
        secretName(LOCAL_STACK, source),
        JSON.stringify({ api_key: key }),
      ]),
    ),
  });

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
        log_level: "DEBUG",
        ...Object.fromEntries(Object.entries(apis.urls).map(([source, url]) => [`${source}_url`, url])),
      },
      env: {
        AWS_ENDPOINT_URL_S3: s3.url,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager.url,
        RESTLAKE_BUILD_FOLDER: ".esbuild/offline",
      },
      onLine(line) {
        options.onLine?.(line);
        const parsed = logLine(line);
        if (parsed !== null) sink?.({ ...parsed, type: String(parsed.message), source: String(parsed.source) });
      },
    },
  );
  const endpoints = { lambda: `http://127.0.0.1:${lambdaPort}`, s3: s3.url, secrets_manager: secretsManager.url };
  const client = lambdaClient(endpoints.lambda);

  const close = async () => {
    client.destroy();
    const { child } = serverless;
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, "close");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOPPING_TIME);
      await closed;
      clearTimeout(timer);
    }
    await Promise.all([apis.close(), s3.close(), secretsManager.close()]);
  };

  try {
    const deadline = Date.now() + STARTING_TIME;
    for (;;) {
      if (serverless.child.exitCode !== null) {
        throw new ServerlessError(`serverless-offline ended while starting:\n${serverless.tail()}`);
      }
      if (Date.now() > deadline) throw new ServerlessError(`serverless-offline did not start:\n${serverless.tail()}`);
      // Any HTTP answer will do: the server is up.
      if (
        await fetch(endpoints.lambda).then(
          () => true,
          () => false,
        )
      )
        break;
      await sleep(100);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { apis, endpoints, invoke: invoker(client), close };
};
