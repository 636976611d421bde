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

/** The source that its schedule starts every minute. */
const SCHEDULED = "inventory_management";
/** Its API has it wait twice, so that a second start finds it at work. */
const SLOW = "asset_management";

/** What no call of the five sources needs, with the reason why it is granted. */
const UNUSED: Record<string, string> = {
  "* s3:ListBucket *": "403 must not mean absent: S3 looks at it only when a key is, which in most runs few are",
  "* s3:*Object state/*/positions/*.json":
    "a position of more than 2 KB, which any cursor and any boundary can grow to",
};
/** All that a function may ever do. */
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
/** Executions that this test started: any other is a schedule's. */
const startedHere: string[] = [];
/** The run that a failed execution left. */
let openRun: string | undefined;
const ended: Record<string, Succeeded> = {};

const machineOf = (source: string): string => String(deployment.stack.outputs[`${stateMachineLogicalId(source)}Arn`]);
const start = async (source: string): Promise<string> => {
  const arn = await deployment.executions.start(machineOf(source));
  startedHere.push(arn);
  return arn;
};
const run = async (source: string): Promise<Succeeded> => deployment.executions.succeeded(await start(source));
/** Starts each Lambda of a source as the Lambda console does: first in one run, then each with a run that it opens itself. */
const byHand = async ({ name: source, resources }: ResolvedSource): Promise<void> => {
  const invoke = (resource: string, event: object) =>
    deployment.functions.invoke(lambdaName({ service: "restlake", stage: "dev" }, source, resource), event);
  for (const { name } of resources) expect(await invoke(name, {}), name).toMatchObject({ status: "done" });
  for (const { name, parent } of resources) {
    const answer = await invoke(name, { new_run: true });
    // The emulator calls every error Runtime.HandlerError.
    const noParent = { errorMessage: expect.stringContaining(`its parent ${parent?.resource} is not done in run`) };
    expect(answer, name).toMatchObject(parent === null ? { status: "done" } : noParent);
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

test("everything in the template is in the stack, but for what the emulator lacks", () => {
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

test("every machine loads its source, started with {} as from the console; a second start meanwhile ends as skipped", async () => {
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
  test.for(resources)("$name: every row is as the API has it, once, in order", ({ name, columns }) => {
    const records = sampleTables(source)[name] as Record<string, unknown>[];
    const [first] = readTable(lake, source, name);
    expect(first?.run_id).toBe(ended[source]?.output.run_id);
    expectRows(first, records, columns);
  });

  test("its report says what was loaded, and has a page for people", () => {
    const key = `reports/${source}/${ended[source]?.output.run_id}.json`;
    const report = JSON.parse(readObject(lake, key)) as RunReport;
    expect(report.resources.map(({ resource, rows }) => [resource, rows])).toEqual(
      resources.map(({ name }) => [name, sampleTables(source)[name]?.length]),
    );
    expect(readObject(lake, key.replace(/json$/, "html"))).toMatch(/^<!doctype html>/i);
  });
});

test("a second start loads all of each resource, and of incremental ones only what is new", async () => {
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
  const asked = deployment.apis.requests(source).slice(before);
  const since = asked.filter(({ path }) => path === "/v1/orders").map(({ query }) => query.last_modified_date_min);
  expect(since).toEqual([times.at(-1)]);
});

test("every Lambda does its work when it is started by hand, too", async () => {
  await Promise.all(sources.filter(({ name }) => name !== SCHEDULED).map(byHand));
});

test("the schedule starts its machine by itself, and that makes a run of its own", async () => {
  const { executions } = deployment;
  const { output } = await until("an execution of the schedule is done", async () => {
    const its = (await executions.of(machineOf(SCHEDULED))).filter((arn) => !startedHere.includes(arn));
    const outcomes = await Promise.all(its.map((arn) => executions.succeeded(arn)));
    // On a slow machine it may have found one at work that this test started.
    return outcomes.find((outcome) => outcome.output.status !== "skipped") ?? null;
  });
  expect(output).toMatchObject({ status: "done", source: SCHEDULED });
  expect(output.run_id).not.toBe(ended[SCHEDULED]?.output.run_id);
  // Until it starts the next one, its Lambdas can be started by hand.
  await Promise.all(sources.filter(({ name }) => name === SCHEDULED).map(byHand));
});

describe("what the functions did all the while, each with the role in the template and nothing else:", () => {
  const each = () => [...deployment.gates.byFunction];

  test("no call was made that the role does not allow", () => {
    expect(each().flatMap(([id, { denied }]) => denied.map((call) => `${id}: ${call}`))).toEqual([]);
  });

  test("no role allows what its function never did", () => {
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

  test("each role has statements about the lake, its logs, tracing, and a resource's secret, and about nothing else", () => {
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
  // A secret that is gone could not be given a value.
  await putSecrets(emulator, apis.keys);
  await expect(deployment.executions.start(machineOf(SLOW))).rejects.toMatchObject({
    name: "StateMachineDoesNotExist",
  });
});
