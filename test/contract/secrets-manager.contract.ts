import { randomBytes } from "node:crypto";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";

/** A client with all permissions for secrets whose names begin with `restlake-contract-`. */
export interface SecretsManagerUnderTest {
  client: SecretsManagerClient;
  stop(): Promise<void>;
}

/** Properties of Secrets Manager that restlake relies on, one per test. Deletes the secrets that it creates. */
export function secretsManagerContract(start: () => Promise<SecretsManagerUnderTest>): void {
  let secrets: SecretsManagerUnderTest;
  const made: string[] = [];
  beforeAll(async () => {
    secrets = await start();
  });
  afterAll(async () => {
    for (const SecretId of made) {
      await secrets.client.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }));
    }
    await secrets?.stop();
  });

  const newName = () => `restlake-contract-${randomBytes(6).toString("hex")}/api-key`;
  const create = async (SecretString?: string) => {
    const Name = newName();
    const { ARN } = await secrets.client.send(new CreateSecretCommand({ Name, SecretString }));
    made.push(Name);
    return { name: Name, arn: ARN! };
  };
  const get = (SecretId: string) => secrets.client.send(new GetSecretValueCommand({ SecretId }));
  const put = (SecretId: string, SecretString: string) =>
    secrets.client.send(new PutSecretValueCommand({ SecretId, SecretString }));

  test("a value is read by name and by ARN", async () => {
    const { name, arn } = await create('{"api_key":"k-1"}');
    expect(await get(name)).toMatchObject({ Name: name, ARN: arn, SecretString: '{"api_key":"k-1"}' });
    expect((await get(arn)).SecretString).toBe('{"api_key":"k-1"}');
  });

  test("a value keeps its Unicode characters and line endings", async () => {
    const value = 'pässwörd 😀\n"quoted"\t\\';
    const { name } = await create(value);
    expect((await get(name)).SecretString).toBe(value);
  });

  test("a missing secret is ResourceNotFoundException", async () => {
    await expect(get(newName())).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret.",
    });
  });

  test("a secret without a value is ResourceNotFoundException, which names the label", async () => {
    const { name } = await create();
    await expect(get(name)).rejects.toMatchObject({
      name: "ResourceNotFoundException",
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    });
    await put(name, "now");
    expect((await get(name)).SecretString).toBe("now");
  });

  test("a new value is visible immediately, with another version", async () => {
    const { name } = await create("old");
    const before = await get(name);
    await put(name, "new");
    const after = await get(name);
    expect(after.SecretString).toBe("new");
    expect(after.VersionId).not.toBe(before.VersionId);
    expect(after.VersionStages).toEqual(["AWSCURRENT"]);
  });

  test("the previous value stays readable as AWSPREVIOUS", async () => {
    const { name } = await create("old");
    await put(name, "new");
    const previous = new GetSecretValueCommand({ SecretId: name, VersionStage: "AWSPREVIOUS" });
    expect((await secrets.client.send(previous)).SecretString).toBe("old");
  });

  test("a name cannot be used twice", async () => {
    const { name } = await create("x");
    const again = secrets.client.send(new CreateSecretCommand({ Name: name, SecretString: "y" }));
    await expect(again).rejects.toMatchObject({ name: "ResourceExistsException" });
    expect((await get(name)).SecretString).toBe("x");
  });

  test("a new value for a missing secret is ResourceNotFoundException", async () => {
    await expect(put(newName(), "x")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("a description shows that the secret exists, but not its value", async () => {
    const { name, arn } = await create("do-not-tell");
    const described = await secrets.client.send(new DescribeSecretCommand({ SecretId: name }));
    expect(described).toMatchObject({ Name: name, ARN: arn });
    expect(JSON.stringify(described)).not.toContain("do-not-tell");
    const missing = secrets.client.send(new DescribeSecretCommand({ SecretId: newName() }));
    await expect(missing).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("the value of a secret marked for deletion cannot be read", async () => {
    const { name } = await create("x");
    await secrets.client.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    await expect(get(name)).rejects.toMatchObject({ name: "InvalidRequestException" });
  });

  test("a secret deleted without recovery is missing", async () => {
    const { name } = await create("x");
    made.pop();
    await secrets.client.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    await expect(get(name)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });
}
