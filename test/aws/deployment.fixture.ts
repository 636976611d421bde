import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { secretName } from "../../infra/names.ts";
import { type SampleApis, startSampleApis } from "../../local/sample-apis/index.ts";
import type { CompiledTemplate } from "../infra/package.fixture.ts";
import { emulatedTemplate } from "./emulated-template.ts";
import { type Emulator, startEmulator } from "./emulator.fixture.ts";
import { connectExecutions, type Executions } from "./executions.fixture.ts";
import { connectFunctions, type Functions } from "./functions.fixture.ts";
import { type Gates, startGates } from "./gates.fixture.ts";
import { packageApart } from "./packaged.fixture.ts";
import { type DeployedStack, deploy } from "./stack.fixture.ts";

/** Scales a wait of one minute, as an API requires, to 6 s: long enough to find the state machine running. */
const WAIT_SCALE = 0.1;

/** The sample APIs listen on this machine, as the emulated AWS does. */
const LOOPBACK = "--param=allowed_addresses=127.0.0.1,::1";
/** Alarms are off by default outside of prod; these tests deploy them as well. */
const ALARMS = ["--param=alarms=on", "--param=alarm_email=data@example.com"];

/** The service, deployed to the emulator, with sample APIs for its sources. */
export interface Deployment {
  emulator: Emulator;
  /** The packaged template. */
  template: CompiledTemplate;
  stack: DeployedStack;
  gates: Gates;
  executions: Executions;
  functions: Functions;
  apis: SampleApis;
  /** A folder for the test, removed at the end. */
  folder: string;
  close(): Promise<void>;
}

/** Sets the values of the sources' secrets, as a user would. */
export const putSecrets = async ({ client: settings }: Emulator, keys: Record<string, string>): Promise<void> => {
  const client = new SecretsManagerClient(settings);
  for (const [source, api_key] of Object.entries(keys)) {
    const SecretId = secretName({ service: "restlake", stage: "dev" }, source);
    await client.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify({ api_key }) }));
  }
  client.destroy();
};

/**
 * Packages the service as `npm run package` does, and deploys it. The secrets have no values yet. If one step fails, everything
 * that was started is stopped.
 *
 * @param schedules expressions of the schedules that are on, by id in the template
 */
export const startDeployment = async (schedules: Record<string, string>): Promise<Deployment> => {
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const folder = mkdtempSync(join(tmpdir(), "restlake-deployment-"));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    const apis = await startSampleApis();
    closing.push(() => apis.close());
    const packaged = join(folder, "package");
    const urls = Object.entries(apis.urls).map(([source, url]) => `--param=${source}_url=${url}`);
    const { template } = await packageApart(packaged, [...urls, ...ALARMS, LOOPBACK]);
    const emulator = await startEmulator({ wait_scale: WAIT_SCALE });
    closing.push(() => emulator.close());

    let lake = "";
    const gates = await startGates({ url: emulator.url, template, lake: () => lake });
    closing.push(() => gates.close());
    const variables = Object.fromEntries([...gates.byFunction].map(([id, { url }]) => [id, { AWS_ENDPOINT_URL: url }]));
    const stack = await deploy(emulator, packaged, emulatedTemplate(template, { variables, schedules }));
    lake = String(stack.outputs.LakeName);
    const executions = connectExecutions(emulator);
    closing.push(() => executions.close());
    const functions = connectFunctions(emulator);
    closing.push(() => functions.close());
    return { emulator, template, stack, gates, executions, functions, apis, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
};
