/** Minimum of a Lambda that uses S3 and Secrets Manager. A source's Lambda is compared with it. */
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Created when the module is loaded, as in a Lambda. */
export const clients = { s3: new S3Client({}), secrets: new SecretsManagerClient({}) };
export const handler = () => Object.keys(clients);
