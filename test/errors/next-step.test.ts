import { describe, expect, test } from "vitest";
import * as errors from "../../lib/errors/index.ts";
import { ERRORS, nextStepOf, OTHER_ERRORS } from "../../lib/errors/next-step.ts";

const names = Object.keys(errors).filter((name) => name !== "RestlakeError");
const UNKNOWN = nextStepOf("Surprise");

describe("next step of an error", () => {
  test.for([...names, "NotReached", "States.Timeout", "Lambda.TooManyRequestsException"])("%s has its own", (name) => {
    expect(nextStepOf(name)).toMatch(/^[A-Z].+\.$/);
    expect(nextStepOf(name)).not.toBe(UNKNOWN);
  });

  test.for(["Surprise", "constructor", "__proto__", ""])("an unknown name gets the general one: %j", (name) => {
    expect(nextStepOf(name)).toBe(UNKNOWN);
    expect(UNKNOWN).toContain("log");
  });
});

describe("the table of errors", () => {
  test("has each error class once", () => {
    expect(ERRORS.map(({ name }) => name).sort()).toEqual(names.sort());
  });

  test.for([...ERRORS, ...OTHER_ERRORS])("explains $name in sentences of plain text", ({ meaning, next_step }) => {
    for (const text of [meaning, next_step]) expect(text).toMatch(/^[A-Z][^`]+\.$/);
  });
});
