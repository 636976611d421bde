import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRICS_NAMESPACE } from "../metering/metrics-namespace.ts";
import { createRedactor } from "../secrets/redact.ts";

/** The redactor of this process. It masks everything that was read from Secrets Manager. */
export const redactor = createRedactor();

/** Structured logger. Every string passes the redactor. */
export const logger = new Logger({
  jsonReplacerFn: (_key, value) => (typeof value === "string" ? redactor.redact(value) : value),
});

/** Metrics in CloudWatch's embedded metric format, with few dimensions. */
export const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
