/** What any Lambda that talks to S3 and to Secrets Manager imports at least: what a source's Lambda is compared to. */
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

/** Made when the module is loaded, as a Lambda does. */
export const clients = { s3: new S3Client({}), secrets: new SecretsManagerClient({}) };
export const handler = () => Object.keys(clients);
