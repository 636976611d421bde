import { StorageError } from "../../lib/errors/index.ts";
import type { Bucket, PutCondition } from "../../lib/ports/bucket.ts";

/** A role from `infra/roles.ts`. */
export interface Role {
  Properties: {
    Policies: {
      PolicyDocument: {
        Statement: { Effect: "Allow" | "Deny"; Action: string[]; Resource: unknown; Condition?: object }[];
      };
    }[];
  };
}

/** An object in the lake. */
export interface Stored {
  body: Uint8Array;
  etag: string;
  metadata: Record<string, string>;
}

const LAKE = "${Lake.Arn}/";

/** Whether a key matches a pattern of IAM, whose `*` includes slashes. */
export const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

/** Returns a statement's resource as a pattern of `grantsOf`. */
const patternOf = (resource: { "Fn::Sub"?: string; Ref?: string }): string[] => {
  const { "Fn::Sub": text, Ref: id } = resource;
  if (id !== undefined) return [id];
  return text?.startsWith(LAKE) ? [text.slice(LAKE.length)] : [];
};

/** Returns a role's grants: an action, and a pattern of keys in the lake or another logical id. */
export const grantsOf = (role: Role): { effect: "Allow" | "Deny"; action: string; pattern: string }[] =>
  role.Properties.Policies[0]?.PolicyDocument.Statement.flatMap(({ Effect, Action, Resource, Condition }) => {
    const prefixes = (Condition as { StringLike?: { "s3:prefix": string[] } })?.StringLike?.["s3:prefix"];
    const patterns = prefixes ?? [Resource].flat().flatMap((resource) => patternOf(resource as object));
    return patterns.flatMap((pattern) => Action.map((action) => ({ effect: Effect, action, pattern })));
  }) ?? [];

/** Whether a role allows an action on a key of the lake, or on a secret. The matching grants are added to `used`. */
export const may = (role: Role, action: string, key: string, used = new Set<string>()): boolean => {
  const matching = grantsOf(role).filter((grant) => grant.action === action && matches(grant.pattern, key));
  for (const { pattern } of matching) used.add(`${action} ${pattern}`);
  return matching.length > 0 && matching.every(({ effect }) => effect === "Allow");
};

/**
 * Creates a bucket in memory that behaves like S3 for a Lambda with this role: 403 for what the role does not allow, and
 * for an absent key that it may not list.
 */
export const guardedBucket = (objects: Map<string, Stored>, role: Role, used: Set<string>): Bucket => {
  let writes = 0;
  const check = (action: string, key: string) => {
    if (!may(role, action, key, used)) throw new StorageError(`403: ${action} ${key}`);
  };
  const get = (key: string) => {
    check("s3:GetObject", key);
    const object = objects.get(key);
    if (object === undefined) check("s3:ListBucket", key);
    return object === undefined ? null : { ...object, size: object.body.byteLength };
  };
  const holds = (key: string, condition: PutCondition): boolean => {
    if (!("if_match" in condition)) return !objects.has(key);
    check("s3:GetObject", key);
    return objects.get(key)?.etag === condition.if_match;
  };
  return {
    name: "lake",
    head: async (key) => get(key),
    get: async (key) => get(key),
    async put(key, body, { condition, metadata = {} } = {}) {
      check("s3:PutObject", key);
      if (condition !== undefined && !holds(key, condition)) return "precondition_failed";
      const etag = `"${++writes}-${Math.random()}"`;
      objects.set(key, { body: Buffer.from(body), etag, metadata });
      return { etag };
    },
  };
};
