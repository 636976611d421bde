import { stateMachineDefinition } from "./definition.ts";
import { machineFunctionKey, timeoutOf } from "./lambdas.ts";
import { functionKey, functionLogicalId, stateMachineLogicalId, stateMachineName } from "./names.ts";
import type { StackOptions } from "./options.ts";
import { machineRoleLogicalId } from "./roles.ts";
import type { DeployedSource } from "./sources.ts";

/** CloudFormation's way to a Lambda, in a text that goes through Fn::Sub. */
const arnOf = (key: string): string => `\${${functionLogicalId(key)}.Arn}`;

/**
 * One Step Functions machine per source. Its definition is a text without a space: a template holds 1 MB, and the definitions
 * of 150 resources are a third of that.
 */
export const stateMachines = (options: StackOptions, sources: DeployedSource[]) =>
  Object.fromEntries(
    sources.map(({ resolved }) => {
      const id = stateMachineLogicalId(resolved.name);
      const definition = stateMachineDefinition(resolved, {
        open: arnOf(machineFunctionKey("open")),
        finish: arnOf(machineFunctionKey("finish")),
        resource: (name) => arnOf(functionKey(resolved.name, name)),
        timeout: timeoutOf(options.overrides[resolved.name]),
      });
      const machine = {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: {
          StateMachineName: stateMachineName(options, resolved.name),
          RoleArn: { "Fn::GetAtt": [machineRoleLogicalId(id), "Arn"] },
          DefinitionString: { "Fn::Sub": JSON.stringify(definition) },
          TracingConfiguration: { Enabled: true },
        },
      };
      return [id, machine];
    }),
  );
