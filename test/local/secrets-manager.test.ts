import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import {
  type SecretsManagerOptions,
  type SecretsManagerRequest,
  startSecretsManager,
} from "../../local/secrets-manager/index.ts";

/** Starts an emulator and a client without retries, so that each fault occurs once. */
async function start(options: SecretsManagerOptions = {}) {
  const server = await startSecretsManager(options);
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new SecretsManagerClient({ endpoint: server.url, region: "us-east-1", credentials, maxAttempts: 1 });
  return {
    ...server,
    client,
    get: async (SecretId: string) => (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString,
    put: (SecretId: string, SecretString: string) =>
      client.send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken: crypto.randomUUID() })),
    async [Symbol.asyncDispose]() {
      client.destroy();
      await server.close();
    },
  };
}
const notFound = { name: "ResourceNotFoundException", $metadata: { httpStatusCode: 400 } };

describe("the local Secrets Manager", () => {
  test("serves initial secrets, rotates them and removes them", async () => {
    await using server = await start({ secrets: { "restlake/crm": '{"api_key":"one"}' } });
    expect(await server.get("restlake/crm")).toBe('{"api_key":"one"}');
    server.set("restlake/crm", "two");
    expect(await server.get("restlake/crm")).toBe("two");
    server.set("restlake/new", "three");
    expect(await server.get("restlake/new")).toBe("three");
    server.remove("restlake/crm");
    await expect(server.get("restlake/crm")).rejects.toMatchObject(notFound);
    server.remove("restlake/crm");
  });

  test("counts requests, including failed ones", async () => {
    await using server = await start({ secrets: { a: "x" } });
    expect(server.requests()).toBe(0);
    await server.get("a");
    await server.get("b").catch(() => {});
    expect(server.requests()).toBe(2);
  });

  test("finds an ARN with and without its random suffix, but not by another prefix", async () => {
    await using server = await start({ secrets: { "restlake/crm": "one", "restlake/crm-2": "two" } });
    const { ARN } = await server.client.send(new DescribeSecretCommand({ SecretId: "restlake/crm" }));
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:restlake\/crm-\w{6}$/);
    expect(await server.get(ARN!)).toBe("one");
    expect(await server.get(ARN!.slice(0, -7))).toBe("one");
    await expect(server.get(ARN!.slice(0, -8))).rejects.toMatchObject(notFound);
  });

  test("names a missing version in the error", async () => {
    await using server = await start({ secrets: { a: "x" } });
    const get = (more: { VersionId?: string; VersionStage?: string }) =>
      server.client.send(new GetSecretValueCommand({ SecretId: "a", ...more }));
    const { VersionId } = await get({});
    expect((await get({ VersionId })).SecretString).toBe("x");
    await expect(get({ VersionStage: "AWSPENDING" })).rejects.toThrow("for staging label: AWSPENDING");
    await expect(get({ VersionId: crypto.randomUUID() })).rejects.toThrow("for VersionId: ");
  });

  test("keeps the previous value when a put is retried", async () => {
    await using server = await start({ secrets: { a: "one" } });
    const put = new PutSecretValueCommand({
      SecretId: "a",
      SecretString: "two",
      ClientRequestToken: crypto.randomUUID(),
    });
    await server.client.send(put);
    await server.client.send(put);
    const previous = new GetSecretValueCommand({ SecretId: "a", VersionStage: "AWSPREVIOUS" });
    expect((await server.client.send(previous)).SecretString).toBe("one");
  });

  test("accepts the retry of a create, but not with another value or another token", async () => {
    await using server = await start();
    const ClientRequestToken = crypto.randomUUID();
    const create = (SecretString: string, token = ClientRequestToken) =>
      server.client.send(new CreateSecretCommand({ Name: "a", SecretString, ClientRequestToken: token }));
    const first = await create("x");
    expect(await create("x")).toMatchObject({ ARN: first.ARN, VersionId: first.VersionId });
    const exists = { name: "ResourceExistsException" };
    await expect(create("y")).rejects.toMatchObject(exists);
    await expect(create("x", crypto.randomUUID())).rejects.toMatchObject(exists);
    expect(await server.get("a")).toBe("x");
  });

  test("refuses to create a secret whose name is marked for deletion", async () => {
    await using server = await start({ secrets: { a: "x" } });
    await server.client.send(new DeleteSecretCommand({ SecretId: "a" }));
    const create = new CreateSecretCommand({ Name: "a", SecretString: "y" });
    await expect(server.client.send(create)).rejects.toMatchObject({ name: "InvalidRequestException" });
    server.set("a", "y");
    expect(await server.get("a")).toBe("y");
  });

  test("refuses an operation that is not implemented with an error that names it", async () => {
    await using server = await start();
    const headers = { "x-amz-target": "secretsmanager.toString" };
    expect((await fetch(server.url, { method: "POST", headers, body: "{}" })).status).toBe(400);
    await expect(server.client.send(new ListSecretsCommand())).rejects.toMatchObject({
      name: "UnknownOperationException",
      message: 'The local Secrets Manager emulator does not implement "secretsmanager.ListSecrets".',
    });
  });

  test("never quotes an invalid body in a response, since it may contain a secret", async () => {
    await using server = await start();
    for (const body of ['{"SecretString": hunter2', '"hunter2"', '["hunter2"]']) {
      const headers = { "x-amz-target": "secretsmanager.PutSecretValue" };
      const response = await fetch(server.url, { method: "POST", headers, body });
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        __type: "SerializationException",
        Message: "The body must be a JSON object.",
      });
    }
  });

  test("never quotes an internal error in a response", async () => {
    await using server = await start({
      fault: () => {
        throw new Error("hunter2");
      },
    });
    await expect(server.get("a")).rejects.toMatchObject({
      name: "InternalServiceError",
      message: "An error occurred on the server side.",
    });
  });

  test("names the port in use and what to do", async () => {
    await using server = await start();
    const port = Number(new URL(server.url).port);
    await expect(startSecretsManager({ port })).rejects.toThrow(`port ${port} on 127.0.0.1 is in use: stop`);
  });
});

describe("a fault", () => {
  test("with a status fails the operation without any effect", async () => {
    const seen: SecretsManagerRequest[] = [];
    await using server = await start({
      secrets: { a: "one" },
      fault: (request) => {
        seen.push(request);
        return request.operation === "PutSecretValue" ? { status: 400, code: "ThrottlingException" } : undefined;
      },
    });
    await expect(server.put("a", "two")).rejects.toMatchObject({ name: "ThrottlingException" });
    expect(await server.get("a")).toBe("one");
    expect(seen).toEqual([
      { operation: "PutSecretValue", secret: "a" },
      { operation: "GetSecretValue", secret: "a" },
    ]);
  });

  test('"lost" executes the operation but sends no response, not even an error', async () => {
    await using server = await start({
      secrets: { a: "one" },
      fault: ({ operation }) => (operation === "PutSecretValue" ? "lost" : undefined),
    });
    await expect(server.put("a", "two")).rejects.toMatchObject({ code: "ECONNRESET" });
    await expect(server.put("b", "two")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await server.get("a")).toBe("two");
  });

  test('"reset" sends no response and does not execute the operation', async () => {
    await using server = await start({
      secrets: { a: "one" },
      fault: ({ operation }) => (operation === "PutSecretValue" ? "reset" : undefined),
    });
    await expect(server.put("a", "two")).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(await server.get("a")).toBe("one");
  });
});
