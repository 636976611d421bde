import type { CompiledResource, CompiledTemplate } from "../infra/package.fixture.ts";

/**
 * Resources that the emulator does not support. The template is deployed without them; other tests check them in the
 * compiled template.
 */
export const LACKING: Record<string, (resource: CompiledResource) => boolean> = {
  "alarms on an expression of several metrics": ({ Type, Properties }) =>
    Type === "AWS::CloudWatch::Alarm" && "Metrics" in Properties,
};

/** Whether the emulator supports a resource. */
export const isEmulated = (resource: CompiledResource): boolean =>
  !Object.values(LACKING).some((lacks) => lacks(resource));

/** Environment of a function in a template. */
interface Environment {
  Variables: Record<string, unknown>;
}

/** Changes to a template for the emulator. */
export interface Changes {
  /** Environment variables with the endpoint of AWS, by the function's id in the template. */
  variables: Record<string, Record<string, string>>;
  /** Expressions of schedules that are on, by the schedule's id in the template. */
  schedules?: Record<string, string>;
}

const changed = (id: string, resource: CompiledResource, { variables, schedules = {} }: Changes): CompiledResource => {
  const { Properties } = resource;
  const more = variables[id];
  if (more !== undefined) {
    const environment = Properties.Environment as Environment;
    const Environment = { ...environment, Variables: { ...environment.Variables, ...more } };
    return { ...resource, Properties: { ...Properties, Environment } };
  }
  const expression = schedules[id];
  if (expression === undefined) return resource;
  return { ...resource, Properties: { ...Properties, State: "ENABLED", ScheduleExpression: expression } };
};

/** Returns the compiled template with only the changes that the emulator requires. */
export const emulatedTemplate = (template: CompiledTemplate, changes: Changes): CompiledTemplate => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, resource]) => isEmulated(resource))
      .map(([id, resource]) => [id, changed(id, resource, changes)]),
  ),
});
