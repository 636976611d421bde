import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createAwsSecrets } from "../../lib/aws/secrets.ts";
import { type LocalSecretsManager, startSecretsManager } from "../../local/secrets-manager/index.ts";

let server: LocalSecretsManager;
beforeAll(async () => {
  server = await startSecretsManager({ secrets: { "restlake/crm": '{"refresh_token":"r-0","client_id":"me"}' } });
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url);
  vi.stubEnv("AWS_REGION", "us-east-1");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await server.close();
});

test("a refresh token is written to Secrets Manager, and read past the cache", async () => {
  const secrets = createAwsSecrets("restlake/crm", new Map());
  expect(await secrets.get("refresh_token")).toBe("r-0");
  await secrets.put("refresh_token", "r-1");
  expect(await secrets.get("refresh_token", { force: true })).toBe("r-1");
  expect(await secrets.get("client_id")).toBe("me");
});
