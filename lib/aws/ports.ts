import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
import { S3Client } from "@aws-sdk/client-s3";
import { systemClock } from "../clock.ts";
import { ConfigError } from "../errors.ts";
import { createS3Bucket } from "../lake/s3.ts";
import type { Ports, Secrets } from "../ports.ts";
import { createSecrets } from "../secrets/index.ts";
import { logger, redactor } from "./observability.ts";

const SECOND = 1000;
/** Seconds that a secret is kept; a rotation is noticed at once by the 401 it brings. */
const SECRET_AGE = 15 * 60;

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

const noSecrets: Secrets = {
  get: () => Promise.reject(new ConfigError("this function has no secret")),
};

/**
 * The side effects of a Lambda: S3 and Secrets Manager as the SDK's own variables say, the machine's clock.
 *
 * @param options.secret id of the source's secret; the machine's own steps have none.
 */
export const createAwsPorts = ({ secret }: { secret?: string } = {}): Ports => ({
  bucket: createS3Bucket(s3, environment("RESTLAKE_BUCKET")),
  secrets:
    secret === undefined
      ? noSecrets
      : createSecrets(
          secret,
          ({ force }) => getSecret<string>(secret, { maxAge: SECRET_AGE, forceFetch: force }),
          redactor,
        ),
  fetch,
  clock: systemClock,
  log: {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
  },
  redactor,
});
