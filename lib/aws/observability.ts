import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRICS_NAMESPACE } from "../metering/metrics-namespace.ts";
import { createRedactor } from "../secrets/redact.ts";

/** The one redactor of the process: whatever is read from Secrets Manager is masked wherever it shows up. */
export const redactor = createRedactor();

/** Structured logs; every text passes the redactor. */
export const logger = new Logger({
  jsonReplacerFn: (_key, value) => (typeof value === "string" ? redactor.redact(value) : value),
});

/** EMF metrics, few dimensions. */
export const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
