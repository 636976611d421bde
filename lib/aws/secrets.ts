import { getSecret } from "@aws-lambda-powertools/parameters/secrets";
import { PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Secrets } from "../ports/secrets.ts";
import { createSecrets } from "../secrets/index.ts";
import type { MaskedFields } from "../secrets/roles.ts";
import { redactor } from "./observability.ts";

/** Seconds that a secret is cached. A rotation is detected from the 401 that it causes. */
const SECRET_AGE = 15 * 60;

/**
 * Returns a source's secret in Secrets Manager. `AWS_ENDPOINT_URL` decides where that is. Lambdas without a secret do not
 * load this module, and so no client.
 *
 * @param id name or ARN of the secret.
 */
export const createAwsSecrets = (id: string, masked: MaskedFields): Secrets =>
  createSecrets(id, ({ force }) => getSecret<string>(id, { maxAge: SECRET_AGE, forceFetch: force }), redactor, {
    masked,
    // The cache keeps the old text: a field that may have been written is read with `force`.
    putSecret: (text) =>
      new SecretsManagerClient().send(new PutSecretValueCommand({ SecretId: id, SecretString: text })),
  });
