import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRICS_NAMESPACE } from "../metering/metrics-namespace.ts";
import { createRedactor } from "../secrets/redact.ts";

/** The redactor of this process. It masks everything that was read from Secrets Manager. */
export const redactor = createRedactor();

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** Redacts a value of a log line, and the names of its fields. JSON.stringify continues with what it contains. */
const redactValue = (_key: string, value: unknown): unknown => {
  if (typeof value === "string") return redactor.redact(value);
  // The logger itself turns an Error into an object.
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [redactor.redact(name), inner]));
};

/** Structured logger. Every string passes the redactor. */
export const logger = new Logger({ jsonReplacerFn: redactValue });

/** Metrics in CloudWatch's embedded metric format, with few dimensions. */
export const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
