import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
import type { Secrets } from "../ports/secrets.ts";
import { createSecrets } from "../secrets/index.ts";
import { redactor } from "./observability.ts";

/** Seconds that a secret is kept; a rotation is noticed at once by the 401 it brings. */
const SECRET_AGE = 15 * 60;

/**
 * A source's secret, from Secrets Manager as the SDK's own variables say. Not among the ports of every Lambda: those that need
 * none load no client for it.
 *
 * @param id name or ARN of the secret.
 */
export const createAwsSecrets = (id: string): Secrets =>
  createSecrets(id, ({ force }) => getSecret<string>(id, { maxAge: SECRET_AGE, forceFetch: force }), redactor);
