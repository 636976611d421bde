import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, expect, test } from "vitest";
import { stateMachineLogicalId } from "../../infra/names.ts";
import { PROJECT } from "../infra/package.fixture.ts";
import { type Deployment, startDeployment } from "./deployment.fixture.ts";
import { pythonFolder } from "./python.fixture.ts";

const run = promisify(execFile);
const SOURCE = "order_management";

let deployment: Deployment;
beforeAll(async () => {
  deployment = await startDeployment({});
});
afterAll(() => deployment?.close());

/** Commands of the runbook in order: its shell blocks. */
const blocks = [...readFileSync(join(PROJECT, "docs/operations.md"), "utf8").matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, commands]) => commands as string,
);

/** Waits until the execution has ended, as a reader of the runbook would. */
const WAIT = `
while [ -n "$(aws stepfunctions list-executions --state-machine-arn "\${state_machine:-}" --status-filter RUNNING \\
  --query 'executions[].executionArn' --output text)" ]; do sleep 0.5; done
`;

test("the commands of the runbook work, in order", async () => {
  const { emulator, apis, executions, stack } = deployment;
  const key = String(apis.keys[SOURCE]);
  const script = blocks
    .map((block) => (block.includes("start-execution") ? block + WAIT : block))
    .join("\necho '-- next'\n")
    // The stage that this test deploys, and the key that its API accepts.
    .replace("stage=prod", "stage=dev")
    .replaceAll(/"the-(new-)?key"/g, JSON.stringify(key));
  const path = join(deployment.folder, "runbook.sh");
  writeFileSync(path, `set -euo pipefail\n${script}\n`);
  const { stdout } = await run("bash", [path], {
    env: {
      PATH: `${join(pythonFolder("shell"), "bin")}:${process.env.PATH}`,
      HOME: deployment.folder,
      AWS_ENDPOINT_URL: emulator.url,
      // The emulator's credentials: it verifies the signatures of links.
      AWS_ACCESS_KEY_ID: emulator.client.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: emulator.client.credentials.secretAccessKey,
      AWS_DEFAULT_REGION: "eu-central-1",
      AWS_PAGER: "",
    },
  });
  const outputs = stdout.split("-- next\n");
  expect(outputs).toHaveLength(blocks.length);

  const report = outputs.find((text) => text.includes('"version"')) ?? "";
  expect(JSON.parse(report.slice(0, report.lastIndexOf("}") + 1))).toMatchObject({ source: SOURCE, status: "done" });
  const link = /^http\S+$/m.exec(report)?.[0] ?? "";
  const page = await fetch(link);
  expect(page.status).toBe(200);
  expect(await page.text()).toMatch(/^<!doctype html>/i);
  expect(stdout).toMatch(/^SUCCEEDED$/m);

  const secrets = new SecretsManagerClient(emulator.client);
  const { SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: `restlake/dev/${SOURCE}` }));
  secrets.destroy();
  expect(JSON.parse(SecretString ?? "")).toEqual({ api_key: key });

  // A manual start, one resource, a window, a full refresh, a new run: each succeeds as a separate run.
  const stateMachine = String(stack.outputs[`${stateMachineLogicalId(SOURCE)}Arn`]);
  const ended = [];
  for (const arn of await executions.of(stateMachine)) ended.push((await executions.succeeded(arn)).output);
  expect(ended.map(({ status }) => status)).toEqual(Array(5).fill("done"));
  expect(new Set(ended.map(({ run_id }) => run_id)).size).toBe(5);
});
