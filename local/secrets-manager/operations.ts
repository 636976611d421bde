import { DAY, SECOND } from "../../lib/time/durations.ts";
import type { Secret, Vault, Version } from "./vault.ts";

/** An error response. `code` is the name of the SDK's error. */
export class SecretsManagerError extends Error {
  override name = "SecretsManagerError";
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Body of a request, as the SDK sends it. */
export type Input = Record<string, unknown>;

/** Operations by the name in `X-Amz-Target`. Each takes the body of the request and returns that of the response. */
export const operations: Record<string, (vault: Vault, input: Input) => Record<string, unknown>> = {
  GetSecretValue(vault, input) {
    const secret = usable(vault, input);
    const version = requestedVersion(secret, input);
    return {
      ...identity(secret),
      VersionId: version.id,
      SecretString: version.value,
      VersionStages: [version === secret.current ? "AWSCURRENT" : "AWSPREVIOUS"],
      CreatedDate: seconds(version.created),
    };
  },

  CreateSecret(vault, input) {
    const name = text(input, "Name");
    const value = secretString(input);
    const existing = vault.find(name);
    if (existing?.deleted) {
      throw invalidRequest(
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      );
    }
    const token = input.ClientRequestToken as string | undefined;
    // The SDK retries a request whose response was lost, with the same token.
    const isRetry =
      existing?.current !== undefined && existing.current.id === token && existing.current.value === value;
    if (existing && !isRetry) {
      throw new SecretsManagerError(
        "ResourceExistsException",
        `The operation failed because the secret ${name} already exists.`,
      );
    }
    const secret = existing ?? vault.add(name, input.Description as string | undefined);
    if (value === undefined) return identity(secret);
    return { ...identity(secret), VersionId: vault.put(secret, value, token).id };
  },

  PutSecretValue(vault, input) {
    const secret = usable(vault, input);
    const value = secretString(input);
    if (value === undefined) throw invalidRequest("You must provide either SecretString or SecretBinary.");
    const version = vault.put(secret, value, input.ClientRequestToken as string | undefined);
    return { ...identity(secret), VersionId: version.id, VersionStages: ["AWSCURRENT"] };
  },

  DescribeSecret(vault, input) {
    const secret = find(vault, input);
    const stages = {
      ...(secret.current && { [secret.current.id]: ["AWSCURRENT"] }),
      ...(secret.previous && { [secret.previous.id]: ["AWSPREVIOUS"] }),
    };
    return {
      ...identity(secret),
      ...(secret.description !== undefined && { Description: secret.description }),
      ...(secret.current && { VersionIdsToStages: stages }),
      ...(secret.deleted && { DeletedDate: seconds(secret.deleted) }),
      CreatedDate: seconds(secret.created),
    };
  },

  DeleteSecret(vault, input) {
    const secret = find(vault, input);
    if (input.ForceDeleteWithoutRecovery === true) {
      vault.remove(secret);
      return { ...identity(secret), DeletionDate: seconds(new Date()) };
    }
    secret.deleted = new Date();
    const days = typeof input.RecoveryWindowInDays === "number" ? input.RecoveryWindowInDays : 30;
    return { ...identity(secret), DeletionDate: seconds(secret.deleted) + (days * DAY) / SECOND };
  },
};

function requestedVersion(secret: Secret, input: Input): Version {
  const { VersionId: id, VersionStage: stage } = input;
  const version = [secret.current, secret.previous].find((candidate) => {
    const label = candidate === secret.current ? "AWSCURRENT" : "AWSPREVIOUS";
    const labelFits = stage === undefined ? id !== undefined || label === "AWSCURRENT" : stage === label;
    return candidate !== undefined && labelFits && (id === undefined || id === candidate.id);
  });
  if (version) return version;
  const what = id === undefined ? `staging label: ${stage ?? "AWSCURRENT"}` : `VersionId: ${id}`;
  throw new SecretsManagerError(
    "ResourceNotFoundException",
    `Secrets Manager can't find the specified secret value for ${what}`,
  );
}

function find(vault: Vault, input: Input): Secret {
  const secret = vault.find(text(input, "SecretId"));
  if (secret) return secret;
  throw new SecretsManagerError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
}

function usable(vault: Vault, input: Input): Secret {
  const secret = find(vault, input);
  if (!secret.deleted) return secret;
  throw invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}

function text(input: Input, name: string): string {
  const value = input[name];
  if (typeof value === "string" && value !== "") return value;
  throw new SecretsManagerError("InvalidParameterException", `You must provide a value for the ${name} parameter.`);
}

function secretString(input: Input): string | undefined {
  if (input.SecretBinary !== undefined) {
    throw new SecretsManagerError("InvalidParameterException", "The local emulator supports SecretString only.");
  }
  return input.SecretString === undefined ? undefined : text(input, "SecretString");
}

function invalidRequest(message: string): SecretsManagerError {
  return new SecretsManagerError("InvalidRequestException", message);
}

function identity(secret: Secret): { ARN: string; Name: string } {
  return { ARN: secret.arn, Name: secret.name };
}

/** Times in AWS JSON are seconds since 1970. */
function seconds(time: Date): number {
  return time.getTime() / SECOND;
}
