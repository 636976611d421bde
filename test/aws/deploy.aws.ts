import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { lambdaName, pascalCase, stateMachineLogicalId } from "../../infra/names.ts";
import { loadSources } from "../../infra/sources.ts";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { sampleTables } from "../../local/sample-apis/index.ts";
import { readObject, readTable } from "../cli/lake.fixture.ts";
import { expectRows } from "../e2e/oracle.fixture.ts";
import { grantsOf, matches } from "../infra/guarded-bucket.ts";
import { until } from "../until.ts";
import { type Deployment, putSecrets, startDeployment } from "./deployment.fixture.ts";
import { isEmulated } from "./emulated-template.ts";
import type { Succeeded } from "./executions.fixture.ts";
import { downloadLake } from "./lake.fixture.ts";
import { deleteStack } from "./stack.fixture.ts";

/** The source whose schedule is on, every minute. */
const SCHEDULED = "inventory_management";
/** The source whose API requires two waits, so that a second start finds it running. */
const SLOW = "asset_management";

/** Grants that no call of the five sources uses, with the reason for each. */
const UNUSED: Record<string, string> = {
  "* s3:ListBucket *":
    "without it, S3 returns 403 for an absent key; S3 checks it only then, and most runs read few absent keys",
  "* s3:*Object state/*/positions/*.json":
    "used for a position of more than 2 KB; any cursor or boundary can become that large",
  "* s3:GetObject reports/*/latest.json": "used where an incremental resource has no state, or has lost it",
  "* s3:*Object state/*/keys/*": "used by a resource with a primary key and more than one part in a run",
  "* s3:*Object state/*/hashes/*": "used where more than 1,000 rows share the last value of a cursor",
};
/** All actions that a function may have. */
const ACTIONS = [
  "logs:CreateLogStream",
  "logs:PutLogEvents",
  "s3:GetObject",
  "s3:ListBucket",
  "s3:PutObject",
  "secretsmanager:GetSecretValue",
];

const sources = (await loadSources()).map(({ resolved }) => resolved);

let deployment: Deployment;
let lake: string;
/** Executions that this test started: all others were started by a schedule. */
const startedHere: string[] = [];
/** Id of the run that a failed execution left open. */
let openRun: string | undefined;
const ended: Record<string, Succeeded> = {};

const machineOf = (source: string): string => String(deployment.stack.outputs[`${stateMachineLogicalId(source)}Arn`]);
const start = async (source: string): Promise<string> => {
  const arn = await deployment.executions.start(machineOf(source));
  startedHere.push(arn);
  return arn;
};
const run = async (source: string): Promise<Succeeded> => deployment.executions.succeeded(await start(source));
/** Invokes each Lambda of a source as from the console: first all in one run, then each with a new run. */
const invokeManually = async ({ name: source, resources }: ResolvedSource): Promise<void> => {
  const invoke = (resource: string, event: object) =>
    deployment.functions.invoke(lambdaName({ service: "restlake", stage: "dev" }, source, resource), event);
  for (const { name } of resources) expect(await invoke(name, {}), name).toMatchObject({ status: "done" });
  for (const { name, parent } of resources) {
    const output = await invoke(name, { new_run: true });
    // The emulator names every error Runtime.HandlerError.
    const noParent = { errorMessage: expect.stringContaining(`its parent ${parent?.resource} is not done in run`) };
    expect(output, name).toMatchObject(parent === null ? { status: "done" } : noParent);
  }
};
const download = () => downloadLake(deployment.emulator, String(deployment.stack.outputs.LakeName), lake);

beforeAll(async () => {
  deployment = await startDeployment({ [`${pascalCase(SCHEDULED)}Schedule`]: "rate(1 minute)" });
  lake = join(deployment.folder, "lake");
});
afterAll(() => deployment?.close());
afterEach(({ task }) => {
  if (task.result?.state === "fail") console.error(deployment.emulator.tail());
});

test("the stack has every resource of the template that the emulator supports", () => {
  const { template, stack } = deployment;
  const wanted = Object.entries(template.Resources).filter(([, resource]) => isEmulated(resource));
  expect(stack.types).toEqual(Object.fromEntries(wanted.map(([id, { Type }]) => [id, Type])));
});

test("a wrong key fails the execution, and its run stays open", async () => {
  const { emulator, apis } = deployment;
  await putSecrets(emulator, { ...apis.keys, [SCHEDULED]: "wrong" });
  const failed = await run(SCHEDULED).catch((error: Error) => error.message);
  expect(failed).toContain("1 of 1 resources failed: inventory_items");
  await putSecrets(emulator, apis.keys);
  openRun = /resumes run ([0-9TZ]+-[0-9a-f]{8})/.exec(String(failed))?.[1];
});

test("every state machine loads its source when started with {}; a concurrent second start ends as skipped", async () => {
  const { executions } = deployment;
  const started = await Promise.all(sources.map(async ({ name }) => ({ name, arn: await start(name) })));
  await until(`${SLOW} is read`, () => deployment.apis.requests(SLOW).length > 0);
  const second = await run(SLOW);
  for (const { name, arn } of started) ended[name] = await executions.succeeded(arn);

  for (const { name, resources } of sources) {
    expect(ended[name]?.output).toMatchObject({ status: "done", source: name, resources: resources.length });
  }
  expect(ended[SCHEDULED]?.output.run_id).toBe(openRun);
  expect(second.output).toMatchObject({ status: "skipped", owner: started.find(({ name }) => name === SLOW)?.arn });
  await download();
});

describe.for(sources)("$name", ({ name: source, resources }) => {
  test.for(resources)("$name: every row of the API is loaded once, unchanged and in order", ({ name, columns }) => {
    const records = sampleTables(source)[name] as Record<string, unknown>[];
    const [first] = readTable(lake, source, name);
    expect(first?.run_id).toBe(ended[source]?.output.run_id);
    expectRows(first, records, columns);
  });

  test("the report has the loaded rows and a human-readable page", () => {
    const key = `reports/${source}/${ended[source]?.output.run_id}.json`;
    const report = JSON.parse(readObject(lake, key)) as RunReport;
    expect(report.resources.map(({ resource, rows }) => [resource, rows])).toEqual(
      resources.map(({ name }) => [name, sampleTables(source)[name]?.length]),
    );
    expect(readObject(lake, key.replace(/json$/, "html"))).toMatch(/^<!doctype html>/i);
  });
});

test("a second run loads full resources completely, and only new rows of incremental ones", async () => {
  const source = "stock_analytics";
  const before = deployment.apis.requests(source).length;
  const { output } = await run(source);
  expect(output).toMatchObject({ status: "done", source });
  await download();
  const rowsOf = (table: string) => readTable(lake, source, table).find(({ run_id }) => run_id === output.run_id)?.rows;
  expect(rowsOf("items")).toHaveLength(sampleTables(source).items?.length ?? 0);
  expect(rowsOf("orders")).toEqual([]);
  const times =
    sampleTables(source)
      .orders?.map((row) => String(row.last_modified_date))
      .sort() ?? [];
  const requests = deployment.apis.requests(source).slice(before);
  const since = requests.filter(({ path }) => path === "/v1/orders").map(({ query }) => query.last_modified_date_min);
  expect(since).toEqual([times.at(-1)]);
});

test("every Lambda loads its resource when it is invoked manually", async () => {
  await Promise.all(sources.filter(({ name }) => name !== SCHEDULED).map(invokeManually));
});

test("the schedule starts the state machine, and each execution is a separate run", async () => {
  const { executions } = deployment;
  const { output } = await until("an execution of the schedule is done", async () => {
    const scheduled = (await executions.of(machineOf(SCHEDULED))).filter((arn) => !startedHere.includes(arn));
    const outcomes = await Promise.all(scheduled.map((arn) => executions.succeeded(arn)));
    // On a slow computer, it may have been skipped because an execution of this test was running.
    return outcomes.find((outcome) => outcome.output.status !== "skipped") ?? null;
  });
  expect(output).toMatchObject({ status: "done", source: SCHEDULED });
  expect(output.run_id).not.toBe(ended[SCHEDULED]?.output.run_id);
  // Until the next scheduled execution, its Lambdas can be invoked manually.
  await Promise.all(sources.filter(({ name }) => name === SCHEDULED).map(invokeManually));
});

describe("the role of each function", () => {
  const each = () => [...deployment.gates.byFunction];

  test("allows every call that the function made", () => {
    expect(each().flatMap(([id, { denied }]) => denied.map((call) => `${id}: ${call}`))).toEqual([]);
  });

  test("allows nothing that the function never used, except for the listed grants", () => {
    const excused = new Set<string>();
    const spare = each().flatMap(([id, gate]) =>
      grantsOf(gate.role)
        .filter(({ effect }) => effect === "Allow")
        .map(({ action, pattern }) => `${action} ${pattern}`)
        .filter((grant) => !gate.used.has(grant))
        .filter((grant) => {
          const excuse = Object.keys(UNUSED).find((pattern) => matches(pattern, `${id} ${grant}`));
          if (excuse !== undefined) excused.add(excuse);
          return excuse === undefined;
        })
        .map((grant) => `${id} ${grant}`),
    );
    expect(spare).toEqual([]);
    expect([...excused].sort()).toEqual(Object.keys(UNUSED).sort());
  });

  test("has statements for the lake, the logs, tracing and the secret, and no others", () => {
    for (const [id, { role }] of each()) {
      const { Properties } = role as unknown as { Properties: Record<string, unknown> };
      expect(Object.keys(Properties).sort(), id).toEqual(["AssumeRolePolicyDocument", "ManagedPolicyArns", "Policies"]);
      expect(Properties.ManagedPolicyArns).toEqual([
        { "Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess" },
      ]);
      expect(role.Properties.Policies).toHaveLength(1);
      for (const { Action } of role.Properties.Policies[0]?.PolicyDocument.Statement ?? []) {
        for (const action of Action) expect(ACTIONS, `${id} ${action}`).toContain(action);
      }
    }
  });
});

test("the lake and the secrets outlive the stack", async () => {
  const { emulator, apis } = deployment;
  const keys = await download();
  expect(keys.length).toBeGreaterThan(100);
  await deleteStack(emulator);
  expect(await download()).toEqual(expect.arrayContaining(keys));
  // This would fail for a deleted secret.
  await putSecrets(emulator, apis.keys);
  await expect(deployment.executions.start(machineOf(SLOW))).rejects.toMatchObject({
    name: "StateMachineDoesNotExist",
  });
});
