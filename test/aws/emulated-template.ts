import type { CompiledResource, CompiledTemplate } from "../infra/package.fixture.ts";

/**
 * Resources that the emulator does not make; the template is deployed without them. What becomes of them is tested on the
 * compiled template.
 */
export const LACKING: Record<string, (resource: CompiledResource) => boolean> = {
  "alarms on an expression of several metrics": ({ Type, Properties }) =>
    Type === "AWS::CloudWatch::Alarm" && "Metrics" in Properties,
};

/** Whether the emulator makes a resource. */
export const isEmulated = (resource: CompiledResource): boolean =>
  !Object.values(LACKING).some((lacks) => lacks(resource));

/** A function's Environment in a template. */
interface Environment {
  Variables: Record<string, unknown>;
}

/** What is changed for the emulator. */
export interface Changes {
  /** Variables by the function's id in the template: where it finds its AWS. */
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

/** The compiled template as the emulator takes it: nothing is changed but what has to be. */
export const emulatedTemplate = (template: CompiledTemplate, changes: Changes): CompiledTemplate => ({
  ...template,
  Resources: Object.fromEntries(
    Object.entries(template.Resources)
      .filter(([, resource]) => isEmulated(resource))
      .map(([id, resource]) => [id, changed(id, resource, changes)]),
  ),
});
