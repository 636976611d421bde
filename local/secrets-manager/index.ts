import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { listen } from "../s3/http/listen.ts";
import { type Input, operations, SecretsManagerError } from "./operations.ts";
import { createVault } from "./vault.ts";

/** A request that a `fault` may apply to. */
export interface SecretsManagerRequest {
  /** `GetSecretValue`, `CreateSecret` ... */
  operation: string;
  /** Name or ARN, as requested. */
  secret: string;
}

/** A fault: an error response without any effect; an effect whose response is lost; or a reset connection without any effect. */
export type SecretsManagerFault = { status: number; code: string } | "lost" | "reset";

/** How the emulator is started. */
export interface SecretsManagerOptions {
  /** Values by name. Several fields are a JSON string, as in AWS. */
  secrets?: Record<string, string>;
  /** 0, the default, for a free port. */
  port?: number;
  /** Called before each request. */
  fault?: (request: SecretsManagerRequest) => SecretsManagerFault | undefined;
}

/** A running emulator. */
export interface LocalSecretsManager {
  /** Value for AWS_ENDPOINT_URL_SECRETS_MANAGER. */
  url: string;
  /** Creates a secret, or gives it a new current value. */
  set(name: string, value: string): void;
  /** Removes a secret immediately, without AWS's recovery window. */
  remove(name: string): void;
  /** Returns the number of requests so far, including failed ones, for tests of a cache. */
  requests(): number;
  close(): Promise<void>;
}

/**
 * Starts an emulator of Secrets Manager on this machine, in memory. GetSecretValue, CreateSecret, PutSecretValue,
 * DescribeSecret and DeleteSecret return AWS's errors, for example for a secret without a value. Signatures are not
 * verified. Nothing is logged.
 *
 * @throws Error when the port is in use.
 */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<LocalSecretsManager> {
  const vault = createVault();
  let requests = 0;
  const set = (name: string, value: string) => {
    const secret = vault.find(name) ?? vault.add(name);
    secret.deleted = undefined;
    vault.put(secret, value);
  };
  for (const [name, value] of Object.entries(options.secrets ?? {})) set(name, value);

  const server = await listen(options.port ?? 0, async (request, response) => {
    requests++;
    let isLost = false;
    try {
      const operation = operationOf(request);
      const input = await readInput(request);
      const secret = String(input.SecretId ?? input.Name ?? "");
      const fault = options.fault?.({ operation, secret });
      if (fault === "reset") return resetConnection(request);
      if (typeof fault === "object") {
        throw new SecretsManagerError(fault.code, "An injected fault.", fault.status);
      }
      isLost = fault === "lost";
      const output = operations[operation]!(vault, input);
      if (isLost) return resetConnection(request);
      respond(response, 200, output);
    } catch (thrown) {
      if (isLost) return resetConnection(request);
      // Not the message of the error: a parser may quote the body, which contains a secret.
      const error =
        thrown instanceof SecretsManagerError
          ? thrown
          : new SecretsManagerError("InternalServiceError", "An error occurred on the server side.", 500);
      respond(response, error.status, { __type: error.code, Message: error.message });
    }
  });

  return {
    url: server.url,
    set,
    remove(name) {
      const secret = vault.find(name);
      if (secret) vault.remove(secret);
    },
    requests: () => requests,
    close: server.close,
  };
}

function operationOf(request: IncomingMessage): string {
  const target = String(request.headers["x-amz-target"] ?? "");
  const operation = target.replace(/^secretsmanager\./, "");
  if (Object.hasOwn(operations, operation)) return operation;
  throw new SecretsManagerError(
    "UnknownOperationException",
    `The local Secrets Manager emulator does not implement ${JSON.stringify(target)}.`,
  );
}

async function readInput(request: IncomingMessage): Promise<Input> {
  let input: unknown;
  try {
    input = await json(request);
  } catch {
    input = undefined;
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input as Input;
  throw new SecretsManagerError("SerializationException", "The body must be a JSON object.");
}

function resetConnection(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function respond(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
}
