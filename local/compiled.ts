import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StateMachineDefinition } from "../infra/definition.ts";
import type { State } from "../infra/transitions.ts";
import { runServerless } from "./serverless.ts";

/** A compiled CloudFormation template. */
interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

/** A state machine of a compiled template. */
export interface CompiledStateMachine {
  source: string;
  name: string;
  definition: StateMachineDefinition;
  /** Name of the Lambda that each Task invokes, by state. */
  lambdas: Map<string, string>;
}

/** Reads the compiled template of a packaged stack. */
export const readTemplate = (packageFolder: string): Template =>
  JSON.parse(readFileSync(join(packageFolder, "cloudformation-template-update-stack.json"), "utf8")) as Template;

/** Packages the stack as `npm run package` does, and reads the compiled template. */
export const compileStack = (signal?: AbortSignal): Promise<Template> =>
  runServerless(["package"], (folder) => readTemplate(join(folder, ".serverless")), { signal });

/** Returns the state machines of a compiled template. */
export const compiledStateMachines = ({ Resources }: Template): CompiledStateMachine[] =>
  Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::StepFunctions::StateMachine")
    .map(({ Properties }) => {
      const { "Fn::Sub": text } = Properties.DefinitionString as { "Fn::Sub": string };
      const definition = JSON.parse(text) as StateMachineDefinition;
      const lambdas = new Map<string, string>();
      for (const [state, { Resource }] of Object.entries(definition.States)) {
        const logicalId = typeof Resource === "string" ? /^\$\{(\w+)\.Arn\}$/.exec(Resource)?.[1] : undefined;
        const name = logicalId === undefined ? undefined : Resources[logicalId]?.Properties.FunctionName;
        if (typeof name === "string") lambdas.set(state, name);
      }
      const { source } = (definition.States.open as State).Parameters as { source: string };
      return { source, name: String(Properties.StateMachineName), definition, lambdas };
    });
