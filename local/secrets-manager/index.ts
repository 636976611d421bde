import type { IncomingMessage, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { listen } from "../s3/http/listen.ts";
import { type Input, operations, SecretsManagerError } from "./operations.ts";
import { createVault } from "./vault.ts";

/** A request as a `fault` sees it. */
export interface SecretsManagerRequest {
  /** `GetSecretValue`, `CreateSecret` ... */
  operation: string;
  /** Name or ARN, as sent. */
  secret: string;
}

/** What goes wrong: an error answer and nothing done; done but the answer lost; the connection reset, nothing done. */
export type SecretsManagerFault = { status: number; code: string } | "lost" | "reset";

export interface SecretsManagerOptions {
  /** Values by name; a config with several fields is JSON text, as in AWS. */
  secrets?: Record<string, string>;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Asked before each request is carried out. */
  fault?: (request: SecretsManagerRequest) => SecretsManagerFault | undefined;
}

export interface SecretsManagerStandIn {
  /** For AWS_ENDPOINT_URL_SECRETS_MANAGER. */
  url: string;
  /** Makes the secret, or gives it a new current value, which the next request sees. */
  set(name: string, value: string): void;
  /** Removes the secret at once, without AWS's recovery window. */
  remove(name: string): void;
  /** How many requests came in so far, those that failed included: for tests of a cache. */
  requests(): number;
  close(): Promise<void>;
}

/**
 * Secrets Manager on this machine, in memory: GetSecretValue, CreateSecret, PutSecretValue, DescribeSecret and
 * DeleteSecret in AWS's words, so that a missing secret or one without a value fails as it will in the cloud.
 * Signatures are not verified. Nothing is logged. Throws a plain Error when the port is taken.
 */
export async function startSecretsManager(options: SecretsManagerOptions = {}): Promise<SecretsManagerStandIn> {
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
    let lost = false;
    try {
      const operation = operationOf(request);
      const input = await readInput(request);
      const secret = String(input.SecretId ?? input.Name ?? "");
      const fault = options.fault?.({ operation, secret });
      if (fault === "reset") return hangUp(request);
      if (typeof fault === "object") {
        throw new SecretsManagerError(fault.code, "A fault that was asked for.", fault.status);
      }
      lost = fault === "lost";
      const output = operations[operation]!(vault, input);
      if (lost) return hangUp(request);
      answer(response, 200, output);
    } catch (thrown) {
      if (lost) return hangUp(request);
      // Not the text of what was thrown: a parser's message may quote the body, and so a value.
      const error =
        thrown instanceof SecretsManagerError
          ? thrown
          : new SecretsManagerError("InternalServiceError", "An error occurred on the server side.", 500);
      answer(response, error.status, { __type: error.code, Message: error.message });
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
    `The local Secrets Manager stand-in does not implement ${JSON.stringify(target)}.`,
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

function hangUp(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function answer(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
}
