import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { StateMachineDefinition } from "../infra/definition.ts";
import { runServerless } from "./serverless.ts";

interface Template {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
}

/** A machine as it would be deployed. */
export interface CompiledMachine {
  source: string;
  name: string;
  definition: StateMachineDefinition;
  /** Name of the Lambda behind each Task state. */
  functions: Map<string, string>;
}

/** The compiled template of a packaged stack. */
export const readTemplate = (packageFolder: string): Template =>
  JSON.parse(readFileSync(join(packageFolder, "cloudformation-template-update-stack.json"), "utf8")) as Template;

/** Packages the stack as `npm run package` does, and reads the compiled template. */
export const compileStack = (signal?: AbortSignal): Promise<Template> =>
  runServerless(["package"], (folder) => readTemplate(join(folder, ".serverless")), { signal });

/** The machines of a compiled template, with the names of the Lambdas that their Tasks point to. */
export const compiledMachines = ({ Resources }: Template): CompiledMachine[] =>
  Object.values(Resources)
    .filter(({ Type }) => Type === "AWS::StepFunctions::StateMachine")
    .map(({ Properties }) => {
      const definition = JSON.parse(
        (Properties.DefinitionString as { "Fn::Sub": string })["Fn::Sub"],
      ) as StateMachineDefinition;
      const functions = new Map<string, string>();
      for (const [state, { Resource }] of Object.entries(definition.States)) {
        const logicalId = typeof Resource === "string" ? /^\$\{(\w+)\.Arn\}$/.exec(Resource)?.[1] : undefined;
        const name = logicalId === undefined ? undefined : Resources[logicalId]?.Properties.FunctionName;
        if (typeof name === "string") functions.set(state, name);
      }
      const open = definition.States.open as unknown as { Parameters: { source: string } };
      return { source: open.Parameters.source, name: String(Properties.StateMachineName), definition, functions };
    });
