import { type OpenEvent, open } from "../../run/open.ts";
import { handler as chain } from "../handler.ts";
import { createAwsPorts } from "../ports.ts";

/** First state of every state machine: joins the source's open run, or opens one. */
export const handler = chain((event: OpenEvent, context) =>
  open(createAwsPorts(), event, Number(context.memoryLimitInMB)),
);
