import { expect, test } from "vitest";
import * as errors from "../../lib/errors/index.ts";
import { nextStepOf } from "../../lib/errors/next-step.ts";

const names = Object.keys(errors).filter((name) => name !== "RestlakeError");
const UNKNOWN = nextStepOf("Surprise");

test.for([...names, "NotReached", "States.Timeout", "Lambda.TooManyRequestsException"])(
  "%s has a next step of its own",
  (name) => {
    expect(nextStepOf(name)).toMatch(/^[A-Z].+\.$/);
    expect(nextStepOf(name)).not.toBe(UNKNOWN);
  },
);

test.for(["Surprise", "constructor", "__proto__", ""])("an error that nobody foresaw has one as well: %j", (name) => {
  expect(nextStepOf(name)).toBe(UNKNOWN);
  expect(UNKNOWN).toContain("log");
});
