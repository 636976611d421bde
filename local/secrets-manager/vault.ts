import { randomBytes, randomUUID } from "node:crypto";

/** One version of a secret. */
export interface Version {
  id: string;
  value: string;
  created: Date;
}

/** A secret in memory. As in AWS, it may have no value, and may be marked for deletion. */
export interface Secret {
  name: string;
  arn: string;
  created: Date;
  description?: string;
  /** AWSCURRENT: the version that GetSecretValue returns. */
  current?: Version;
  /** AWSPREVIOUS: the version before the current one. */
  previous?: Version;
  deleted?: Date;
}

/** The secrets of an emulator. */
export interface Vault {
  /** Returns a secret by name, by ARN, or by ARN without its random suffix. */
  find(id: string): Secret | undefined;
  /** Adds a secret without a value. */
  add(name: string, description?: string): Secret;
  /** Adds a new current version. A retry with the same id changes nothing: it must not replace the previous version. */
  put(secret: Secret, value: string, id?: string): Version;
  remove(secret: Secret): void;
}

/** Returns an empty vault. */
export function createVault(): Vault {
  const secrets = new Map<string, Secret>();
  return {
    find(id) {
      const byName = secrets.get(id);
      if (byName || !id.startsWith("arn:")) return byName;
      return [...secrets.values()].find(({ arn }) => arn === id || arn.slice(0, -"-123456".length) === id);
    },
    add(name, description) {
      const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}-${randomBytes(3).toString("hex")}`;
      const secret: Secret = { name, arn, created: new Date(), description };
      secrets.set(name, secret);
      return secret;
    },
    put(secret, value, id = randomUUID()) {
      if (secret.current?.id === id) return secret.current;
      secret.previous = secret.current;
      secret.current = { id, value, created: new Date() };
      return secret.current;
    },
    remove(secret) {
      secrets.delete(secret.name);
    },
  };
}
