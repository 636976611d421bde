import { STATE_PREFIX } from "../lib/lake/keys.ts";
import { logGroupLogicalId, type StackName, secretLogicalId, secretName } from "./names.ts";
import type { DeployedSource } from "./sources.ts";

/** Days after which replaced versions of state objects are deleted. */
const OLD_STATE = 30;
/** Days after which incomplete uploads are deleted. */
const UNFINISHED_UPLOADS = 1;

/** Keeps a resource when the stack is deleted, but not when its first deployment fails: it would block the next one. */
const KEPT = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };

/**
 * Returns the lake's bucket: private, encrypted, TLS only, versioned. It is kept when the stack is deleted.
 *
 * @param name "" when CloudFormation generates it.
 */
export const bucket = (name: string) => ({
  Lake: {
    Type: "AWS::S3::Bucket",
    ...KEPT,
    Properties: {
      ...(name === "" ? {} : { BucketName: name }),
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } }],
      },
      VersioningConfiguration: { Status: "Enabled" },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: "abort-incomplete-uploads",
            Status: "Enabled",
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: UNFINISHED_UPLOADS },
          },
          {
            Id: "expire-old-state",
            Status: "Enabled",
            Prefix: STATE_PREFIX,
            NoncurrentVersionExpiration: { NoncurrentDays: OLD_STATE },
          },
        ],
      },
    },
  },
  LakePolicy: {
    Type: "AWS::S3::BucketPolicy",
    Properties: {
      Bucket: { Ref: "Lake" },
      PolicyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [{ "Fn::GetAtt": ["Lake", "Arn"] }, { "Fn::Sub": "${Lake.Arn}/*" }],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    },
  },
});

/**
 * Returns one secret per source, without a value: the user sets it. It is kept when the stack is deleted. To add a removed
 * source again, delete its old secret first: CloudFormation does not replace it.
 */
export const secrets = (stack: StackName, sources: DeployedSource[]) =>
  Object.fromEntries(
    sources.map(({ resolved: { name } }) => [
      secretLogicalId(name),
      {
        Type: "AWS::SecretsManager::Secret",
        ...KEPT,
        Properties: { Name: secretName(stack, name), Description: `restlake: credentials of ${name}, as JSON` },
      },
    ]),
  );

/** Returns a log group per name. */
export const logGroups = (stack: StackName, names: string[], retentionDays: number) =>
  Object.fromEntries(
    names.map((name) => [
      logGroupLogicalId(name),
      {
        Type: "AWS::Logs::LogGroup",
        Properties: {
          LogGroupName: `/restlake/${stack.service}-${stack.stage}/${name}`,
          RetentionInDays: retentionDays,
        },
      },
    ]),
  );
