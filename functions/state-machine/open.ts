import { handler as chain } from "../../lib/aws/handler.ts";
import { createAwsPorts } from "../../lib/aws/ports.ts";
import { type OpenEvent, open } from "../../lib/run/open.ts";

/** First state of every state machine: joins the source's open run, or opens one. */
export const handler = chain((event: OpenEvent, context) =>
  open(createAwsPorts(), event, Number(context.memoryLimitInMB)),
);
