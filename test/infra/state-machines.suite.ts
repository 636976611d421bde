import { createRequire } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { loadSources } from "../../infra/sources.ts";
import { type CompiledStateMachine, compiledStateMachines, readTemplate } from "../../local/compiled.ts";
import type { CompiledTemplate } from "./package.fixture.ts";

const isValidDefinition = createRequire(import.meta.url)("asl-validator") as (definition: unknown) => {
  isValid: boolean;
  errorsText(): string;
};

/** Returns a definition with ARNs of Lambdas, as CloudFormation deploys it. */
const withArns = (definition: object): unknown =>
  JSON.parse(
    JSON.stringify(definition).replaceAll(/\$\{\w+\.Arn\}/g, "arn:aws:lambda:eu-central-1:000000000000:function:one"),
  );

/** Tests the state machines of the compiled stack. */
export const describeStateMachines = (packaged: () => { folder: string; template: CompiledTemplate }) =>
  describe("the state machines", () => {
    let template: CompiledTemplate;
    let stateMachines: CompiledStateMachine[];
    beforeAll(() => {
      template = packaged().template;
      stateMachines = compiledStateMachines(readTemplate(packaged().folder));
    });

    interface Task {
      Type: string;
      TimeoutSeconds?: number;
      Retry?: object[];
      Catch?: { ErrorEquals: string[]; ResultPath: string; Next: string }[];
    }
    const statesOf = (stateMachine: CompiledStateMachine) => stateMachine.definition.States as Record<string, Task>;

    test("are valid, with names within Step Functions' limits", () => {
      expect(stateMachines).toHaveLength(5);
      for (const { name, definition } of stateMachines) {
        const { isValid, errorsText } = isValidDefinition(withArns(definition));
        expect(isValid, `${name}: ${errorsText()}`).toBe(true);
        for (const state of Object.keys(definition.States)) expect(state.length).toBeLessThanOrEqual(80);
        expect(name.length).toBeLessThanOrEqual(80);
      }
    });

    test("invoke exactly the Lambda of each state", () => {
      for (const { source, definition, lambdas } of stateMachines) {
        for (const [state, name] of lambdas) {
          const folder = state === "open" || state === "finish" ? "state_machine" : source;
          expect(name).toBe(`restlake-dev-${folder}-${state}`);
        }
        const tasks = Object.entries(definition.States).filter(([, { Type }]) => Type === "Task");
        expect([...lambdas.keys(), "successor"].sort()).toEqual(tasks.map(([state]) => state).sort());
      }
    });

    test("give every Task a longer timeout than its Lambda, and retry exactly the Lambda service's errors", () => {
      for (const stateMachine of stateMachines) {
        for (const [state, task] of Object.entries(statesOf(stateMachine))) {
          if (task.Type !== "Task") continue;
          const lambda = Object.values(template.Resources).find(
            ({ Properties }) =>
              Properties.FunctionName !== undefined && Properties.FunctionName === stateMachine.lambdas.get(state),
          );
          expect(task.TimeoutSeconds, state).toBeGreaterThan(Number(lambda?.Properties.Timeout ?? 0));
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

    test("record a resource's failure and continue, and fail when open, finish or the successor fails", async () => {
      const sources = await loadSources();
      for (const stateMachine of stateMachines) {
        const names = sources.find(({ resolved }) => resolved.name === stateMachine.source)?.resolved.resources ?? [];
        for (const [index, { name }] of names.entries()) {
          const { Catch } = statesOf(stateMachine)[name] as Task;
          const Next = names[index + 1]?.name ?? "finish";
          expect(Catch).toEqual([{ ErrorEquals: ["States.ALL"], ResultPath: `$.failures.${name}`, Next }]);
        }
        for (const name of ["open", "finish", "successor"]) expect(statesOf(stateMachine)[name]?.Catch).toBeUndefined();
      }
    });

    test("load a child after its parent", () => {
      const states = Object.keys(
        stateMachines.find(({ source }) => source === "order_management")?.definition.States ?? {},
      );
      expect(states.indexOf("returns")).toBeGreaterThan(states.indexOf("orders"));
    });

    test("may invoke their own Lambdas and start a successor, with a role that only state machines of this account may assume", () => {
      const role = template.Resources.InventoryManagementStateMachineRole?.Properties;
      expect(template.Resources.InventoryManagementStateMachine?.Properties.RoleArn).toEqual({
        "Fn::GetAtt": ["InventoryManagementStateMachineRole", "Arn"],
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
                    { "Fn::GetAtt": ["StateMachineOpenLambdaFunction", "Arn"] },
                    { "Fn::GetAtt": ["StateMachineFinishLambdaFunction", "Arn"] },
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
