import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { logger, metrics, redactor } from "./observability.ts";

/** Maximum length of an error message. Step Functions keeps it in the execution's state, which holds 256 KiB in all. */
const MAX_MESSAGE_LENGTH = 1000;

/**
 * Reduces an error to its stable name and a short, redacted message. The stack and the causes go to the log, redacted as
 * well, and not into the execution's history.
 */
const plainErrors = (): MiddlewareObj => ({
  onError(request) {
    const error = request.error ?? new Error("unknown error");
    logger.error(error.message, error);
    const plain = new Error(redactor.redact(error.message).slice(0, MAX_MESSAGE_LENGTH));
    plain.name = error.name;
    plain.stack = `${plain.name}: ${plain.message}`;
    request.error = plain;
  },
});

/** Publishes the metrics of an invocation, also of one that fails. */
const publishMetrics = (): MiddlewareObj => {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: publish, onError: publish };
};

/** Wraps a function as a Lambda handler: log context, metrics, redacted errors. Every Lambda of restlake uses it. */
export const handler = <Event, Result>(run: (event: Event, context: Context) => Promise<Result>) =>
  middy<Event, Result>().use(injectLambdaContext(logger)).use(publishMetrics()).use(plainErrors()).handler(run);
