import { stateMachineDefinition } from "./definition.ts";
import { stateMachineLambdaKey, timeoutOf } from "./lambdas.ts";
import { lambdaKey, lambdaLogicalId, stateMachineLogicalId, stateMachineName } from "./names.ts";
import type { StackOptions } from "./options.ts";
import { stateMachineRoleLogicalId } from "./roles.ts";
import type { DeployedSource } from "./sources.ts";

/** Returns the ARN of a Lambda as a variable of Fn::Sub. */
const arnOf = (key: string): string => `\${${lambdaLogicalId(key)}.Arn}`;

/**
 * Returns one Step Functions state machine per source. Definitions are JSON without whitespace: a template holds 1 MB, and
 * the definitions of 150 resources are a third of it.
 */
export const stateMachines = (options: StackOptions, sources: DeployedSource[]) =>
  Object.fromEntries(
    sources.map(({ resolved }) => {
      const definition = stateMachineDefinition(resolved, {
        open: arnOf(stateMachineLambdaKey("open")),
        finish: arnOf(stateMachineLambdaKey("finish")),
        resource: (name) => arnOf(lambdaKey(resolved.name, name)),
        timeout: timeoutOf(options.overrides[resolved.name]),
      });
      const stateMachine = {
        Type: "AWS::StepFunctions::StateMachine",
        Properties: {
          StateMachineName: stateMachineName(options, resolved.name),
          RoleArn: { "Fn::GetAtt": [stateMachineRoleLogicalId(resolved.name), "Arn"] },
          DefinitionString: { "Fn::Sub": JSON.stringify(definition) },
          TracingConfiguration: { Enabled: true },
        },
      };
      return [stateMachineLogicalId(resolved.name), stateMachine];
    }),
  );
