import { S3Client } from "@aws-sdk/client-s3";
import { ConfigError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { systemClock } from "../time/clock.ts";
import { logger, redactor } from "./observability.ts";
import { createS3Bucket } from "./s3.ts";

const SECOND = 1000;

const s3 = new S3Client({
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 5 * SECOND, requestTimeout: 60 * SECOND, throwOnRequestTimeout: true },
});

/** @throws ConfigError when the variable is not set. */
export const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new ConfigError(`the environment variable ${name} is not set`);
  return value;
};

/** The machine's own steps have none. */
const NO_SECRETS: Secrets = {
  get: () => Promise.reject(new ConfigError("this function has no secret")),
};

/** The side effects of a Lambda: S3 as the SDK's own variables say, the machine's clock. */
export const createAwsPorts = (secrets = NO_SECRETS): Ports => ({
  bucket: createS3Bucket(s3, environment("RESTLAKE_BUCKET")),
  secrets,
  fetch,
  clock: systemClock,
  logger: {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
  },
  redactor,
});
