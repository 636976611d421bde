import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { loadSources } from "../../infra/sources.ts";
import { type CompiledMachine, compiledMachines, readTemplate } from "../../local/compiled.ts";
import type { CompiledTemplate } from "./package.fixture.ts";

const isValidDefinition = createRequire(import.meta.url)("asl-validator") as (definition: unknown) => {
  isValid: boolean;
  errorsText(): string;
};

/** A definition as it is once CloudFormation has filled in the functions' ARNs. */
const withArns = (definition: object): unknown =>
  JSON.parse(
    JSON.stringify(definition).replaceAll(/\$\{\w+\.Arn\}/g, "arn:aws:lambda:eu-central-1:000000000000:function:one"),
  );

/** What holds for the machines of the compiled stack. */
export const describeMachines = (packaged: () => { folder: string; template: CompiledTemplate }) =>
  describe("the machines", () => {
    let template: CompiledTemplate;
    let machines: CompiledMachine[];
    beforeAll(() => {
      template = packaged().template;
      machines = compiledMachines(readTemplate(packaged().folder));
    });

    interface Task {
      Type: string;
      TimeoutSeconds?: number;
      Retry?: object[];
      Catch?: { ErrorEquals: string[]; ResultPath: string; Next: string }[];
    }
    const statesOf = (machine: CompiledMachine) => machine.definition.States as Record<string, Task>;

    test("are valid, with names and a size that Step Functions takes", () => {
      expect(machines).toHaveLength(5);
      for (const { name, definition } of machines) {
        const { isValid, errorsText } = isValidDefinition(withArns(definition));
        expect(isValid, `${name}: ${errorsText()}`).toBe(true);
        for (const state of Object.keys(definition.States)) expect(state.length).toBeLessThanOrEqual(80);
        expect(name.length).toBeLessThanOrEqual(80);
      }
    });

    test("invoke the function of each state, and none else", () => {
      for (const { source, definition, functions } of machines) {
        for (const [state, name] of functions) {
          const folder = state === "open" || state === "finish" ? "machine" : source;
          expect(name).toBe(`restlake-dev-${folder}-${state}`);
        }
        const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === "Task");
        expect([...functions.keys(), "successor"].sort()).toEqual(tasks.map(([state]) => state).sort());
      }
    });

    test("give every Task a timeout beyond its function's, and retry exactly the Lambda service's errors", () => {
      for (const machine of machines) {
        for (const [state, task] of Object.entries(statesOf(machine))) {
          if (task.Type !== "Task") continue;
          const own = Object.values(template.Resources).find(
            ({ Properties }) =>
              Properties.FunctionName !== undefined && Properties.FunctionName === machine.functions.get(state),
          );
          expect(task.TimeoutSeconds, state).toBeGreaterThan(Number(own?.Properties.Timeout ?? 0));
          if (state === "successor") continue;
          expect(task.Retry, state).toEqual([
            {
              ErrorEquals: [
                "Lambda.ClientExecutionTimeoutException",
                "Lambda.ServiceException",
                "Lambda.AWSLambdaException",
                "Lambda.SdkClientException",
                "Lambda.TooManyRequestsException",
              ],
              IntervalSeconds: 2,
              MaxAttempts: 5,
              BackoffRate: 2,
              MaxDelaySeconds: 60,
              JitterStrategy: "FULL",
            },
          ]);
        }
      }
    });

    test("record a resource's failure and go on; open, finish and the successor fail the execution", async () => {
      const sources = await loadSources();
      for (const machine of machines) {
        const names = sources.find(({ resolved }) => resolved.name === machine.source)?.resolved.resources ?? [];
        for (const [index, { name }] of names.entries()) {
          const { Catch } = statesOf(machine)[name] as Task;
          const Next = names[index + 1]?.name ?? "finish";
          expect(Catch).toEqual([{ ErrorEquals: ["States.ALL"], ResultPath: `$.failures.${name}`, Next }]);
        }
        for (const name of ["open", "finish", "successor"]) expect(statesOf(machine)[name]?.Catch).toBeUndefined();
      }
    });

    test("read a child after its parent", () => {
      const states = Object.keys(machines.find(({ source }) => source === "order_management")?.definition.States ?? {});
      expect(states.indexOf("returns")).toBeGreaterThan(states.indexOf("orders"));
    });

    test("may invoke their own functions and start themselves, and only machines of this account take the role", () => {
      const role = template.Resources.InventoryManagementMachineRole?.Properties;
      expect(template.Resources.InventoryManagementMachine?.Properties.RoleArn).toEqual({
        "Fn::GetAtt": ["InventoryManagementMachineRole", "Arn"],
      });
      expect(role).toMatchObject({
        AssumeRolePolicyDocument: {
          Statement: [
            {
              Principal: { Service: "states.amazonaws.com" },
              Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
            },
          ],
        },
        Policies: [
          {
            PolicyDocument: {
              Statement: [
                {
                  Action: ["lambda:InvokeFunction"],
                  Resource: [
                    { "Fn::GetAtt": ["MachineOpenLambdaFunction", "Arn"] },
                    { "Fn::GetAtt": ["MachineFinishLambdaFunction", "Arn"] },
                    { "Fn::GetAtt": ["InventoryManagementInventoryItemsLambdaFunction", "Arn"] },
                  ],
                },
                {
                  Action: ["states:StartExecution"],
                  Resource: {
                    "Fn::Sub":
                      "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:restlake-dev-inventory_management",
                  },
                },
              ],
            },
          },
        ],
      });
    });
  });
