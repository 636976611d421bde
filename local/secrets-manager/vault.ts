import { randomBytes, randomUUID } from "node:crypto";

/** One version of a secret. */
export interface Version {
  id: string;
  value: string;
  created: Date;
}

/** A secret in memory. Like AWS's it may exist without a value, and may be marked for deletion. */
export interface Secret {
  name: string;
  arn: string;
  created: Date;
  description?: string;
  /** AWSCURRENT: what GetSecretValue returns. */
  current?: Version;
  /** AWSPREVIOUS: what was current before. */
  previous?: Version;
  deleted?: Date;
}

/** The secrets of one stand-in. */
export interface Vault {
  /** By name, by ARN, or by ARN without its random end. */
  find(id: string): Secret | undefined;
  /** A secret without a value. */
  add(name: string, description?: string): Secret;
  /** A new current version. The same id again changes nothing: a retried request must not push the previous one out. */
  put(secret: Secret, value: string, id?: string): Version;
  remove(secret: Secret): void;
}

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
