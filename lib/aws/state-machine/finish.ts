import { type FinishEvent, finish } from "../../run/finish.ts";
import { handler as chain } from "../handler.ts";
import { countRun } from "../metrics.ts";
import { createAwsPorts } from "../ports.ts";

/** Last state of every state machine: closes the run, or fails the execution with a named error. */
export const handler = chain((event: FinishEvent, context) =>
  finish(createAwsPorts(), event, Number(context.memoryLimitInMB), countRun),
);
