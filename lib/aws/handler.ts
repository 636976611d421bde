import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import { logger, metrics, redactor } from "./observability.ts";

/** Step Functions keeps an error's text in the execution's state, which holds 256 KiB in all. */
const LONGEST_MESSAGE = 1000;

/**
 * What leaves the Lambda of an error: its stable name and a short message, redacted. The stack and the causes go
 * to the log, redacted too, and not into the execution's history.
 */
const plainErrors = (): MiddlewareObj => ({
  onError(request) {
    const error = request.error ?? new Error("unknown");
    logger.error(error.message, error);
    const plain = new Error(redactor.redact(error.message).slice(0, LONGEST_MESSAGE));
    plain.name = error.name;
    plain.stack = `${plain.name}: ${plain.message}`;
    request.error = plain;
  },
});

/** Publishes what was counted, also on the way to an error; a step that counts nothing says nothing. */
const publishMetrics = (): MiddlewareObj => {
  const publish = () => {
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return { after: publish, onError: publish };
};

/** The middy chain that every Lambda of restlake runs in. */
export const handler = <Event, Result>(step: (event: Event, context: Context) => Promise<Result>) =>
  middy<Event, Result>().use(injectLambdaContext(logger)).use(publishMetrics()).use(plainErrors()).handler(step);
