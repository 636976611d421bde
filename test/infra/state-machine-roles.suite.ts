import { describe, expect, test } from "vitest";
import { type CompiledTemplate, ofType } from "./package.fixture.ts";

interface Statement {
  Effect: string;
  Action: string[];
  Resource: unknown;
}

/** Returns `effect action resource` of every statement of a role. */
const allowed = (template: CompiledTemplate, roleId: string): string[] => {
  const Policies = template.Resources[roleId]?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)
    .flatMap(({ Effect, Action, Resource }) =>
      Action.flatMap((action) =>
        [Resource].flat().map((resource) => `${Effect} ${action} ${JSON.stringify(resource)}`),
      ),
    )
    .sort();
};
const allow = (action: string, resource: unknown): string => `Allow ${action} ${JSON.stringify(resource)}`;
const sorted = (texts: string[]): string[] => [...new Set(texts)].sort();
const roleOf = (arn: unknown): string => (arn as { "Fn::GetAtt": [string, string] })["Fn::GetAtt"][0];

/** Tests the roles of state machines and schedules: they allow exactly what definitions and targets in the template do. */
export const describeStateMachineRoles = (compiled: () => CompiledTemplate): void => {
  describe("the roles of state machines and schedules", () => {
    test("allow a state machine exactly what its definition does", () => {
      const template = compiled();
      const stateMachines = Object.values(ofType(template, "AWS::StepFunctions::StateMachine"));
      expect(stateMachines).toHaveLength(5);
      for (const { Properties } of stateMachines) {
        const { States } = JSON.parse((Properties.DefinitionString as { "Fn::Sub": string })["Fn::Sub"]) as {
          States: Record<string, { Type: string; Resource?: string }>;
        };
        const itself = {
          "Fn::Sub": `arn:\${AWS::Partition}:states:\${AWS::Region}:\${AWS::AccountId}:stateMachine:${Properties.StateMachineName}`,
        };
        const used = Object.values(States)
          .filter(({ Type }) => Type === "Task")
          .map(({ Resource = "" }) => {
            const [, lambdaId] = /^\$\{(\w+)\.Arn\}$/.exec(Resource) ?? [];
            if (lambdaId !== undefined) return allow("lambda:InvokeFunction", { "Fn::GetAtt": [lambdaId, "Arn"] });
            expect(Resource).toBe("arn:aws:states:::states:startExecution");
            return allow("states:StartExecution", itself);
          });
        expect(allowed(template, roleOf(Properties.RoleArn))).toEqual(sorted(used));
      }
    });

    test("allow the scheduler exactly what the schedules' targets need", () => {
      const template = compiled();
      const schedules = Object.values(ofType(template, "AWS::Scheduler::Schedule"));
      expect(schedules).toHaveLength(5);
      const targets = schedules.map(
        ({ Properties }) =>
          Properties.Target as { Arn: unknown; RoleArn: unknown; DeadLetterConfig?: { Arn: unknown } },
      );
      expect(sorted(targets.map(({ RoleArn }) => roleOf(RoleArn)))).toEqual(["SchedulerRole"]);
      const used = targets.flatMap(({ Arn, DeadLetterConfig }) => [
        allow("states:StartExecution", Arn),
        ...(DeadLetterConfig === undefined ? [] : [allow("sqs:SendMessage", DeadLetterConfig.Arn)]),
      ]);
      expect(allowed(template, "SchedulerRole")).toEqual(sorted(used));
    });

    test("are all used, each by the service that it trusts", () => {
      const template = compiled();
      const users: Record<string, string> = {};
      const uses = (service: string, arn: unknown) => {
        users[roleOf(arn)] = service;
      };
      for (const { Type, Properties } of Object.values(template.Resources)) {
        if (Type === "AWS::Lambda::Function") uses("lambda.amazonaws.com", Properties.Role);
        if (Type === "AWS::StepFunctions::StateMachine") uses("states.amazonaws.com", Properties.RoleArn);
        if (Type === "AWS::Scheduler::Schedule") {
          uses("scheduler.amazonaws.com", (Properties.Target as { RoleArn: unknown }).RoleArn);
        }
      }
      const trusted = Object.entries(ofType(template, "AWS::IAM::Role")).map(([id, { Properties }]) => {
        const { Statement } = Properties.AssumeRolePolicyDocument as {
          Statement: { Action: string; Principal: { Service: string } }[];
        };
        expect(Statement.map(({ Action }) => Action)).toEqual(["sts:AssumeRole"]);
        return [id, Statement[0]?.Principal.Service];
      });
      expect(Object.fromEntries(trusted)).toEqual(users);
    });
  });
};
