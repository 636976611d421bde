import { lookup } from "node:dns/promises";
import { S3Client } from "@aws-sdk/client-s3";
import { ConfigError } from "../errors/index.ts";
import { type AllowedAddresses, createPublicFetch } from "../http/public-fetch.ts";
import type { Ports } from "../ports/index.ts";
import type { Secrets } from "../ports/secrets.ts";
import { systemClock } from "../time/clock.ts";
import { SECOND } from "../time/durations.ts";
import { logger, redactor } from "./observability.ts";
import { createS3Bucket } from "./s3.ts";

const s3 = new S3Client({
  maxAttempts: 5,
  requestHandler: { connectionTimeout: 5 * SECOND, requestTimeout: 60 * SECOND, throwOnRequestTimeout: true },
});

/** Returns a variable of the environment. @throws ConfigError when it is not set. */
export const environment = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "")
    throw new ConfigError(`environment variable ${name} is not set: deploy the stack again`);
  return value;
};

/** `open` and `finish` have no secret. */
const NO_SECRETS: Secrets = {
  get: () => Promise.reject(new ConfigError("this function has no secret")),
  put: () => Promise.reject(new ConfigError("this function has no secret")),
};

/** Settings of a source that say which addresses it may request. */
type AddressSettings = Omit<AllowedAddresses, "addresses">;

/** `open` and `finish` request no API. */
const NO_ADDRESSES: AddressSettings = { allow_private_addresses: false, allow_link_local: false };

/** Returns the addresses in `RESTLAKE_ALLOWED_ADDRESSES`, separated by commas: the option `allowed_addresses` of the stack. */
const allowedAddresses = (): Set<string> => new Set((process.env.RESTLAKE_ALLOWED_ADDRESSES ?? "").split(","));

/** Returns the side effects of a Lambda. `AWS_ENDPOINT_URL_S3` decides where S3 is. */
export const createAwsPorts = (secrets = NO_SECRETS, settings = NO_ADDRESSES): Ports => ({
  bucket: createS3Bucket(s3, environment("RESTLAKE_BUCKET")),
  secrets,
  fetch: createPublicFetch(
    fetch,
    (host) => lookup(host, { all: true }),
    { ...settings, addresses: allowedAddresses() },
    systemClock,
  ),
  clock: systemClock,
  logger: {
    debug: (message, fields = {}) => logger.debug(message, fields),
    info: (message, fields = {}) => logger.info(message, fields),
    warn: (message, fields = {}) => logger.warn(message, fields),
  },
  redactor,
});
