import { handler as chain } from "../../lib/aws/handler.ts";
import { countRun } from "../../lib/aws/metrics.ts";
import { createAwsPorts } from "../../lib/aws/ports.ts";
import { type FinishEvent, finish } from "../../lib/run/finish.ts";

/** Last state of every state machine: closes the run, or fails the execution with a named error. */
export const handler = chain((event: FinishEvent, context) =>
  finish(createAwsPorts(), event, Number(context.memoryLimitInMB), countRun),
);
