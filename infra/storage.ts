import { STATE_PREFIX } from "../lib/lake/keys.ts";
import { logGroupLogicalId, type StackName, secretLogicalId, secretName } from "./names.ts";
import type { DeployedSource } from "./sources.ts";

/** Days. */
const OLD_STATE = 30;
const UNFINISHED_UPLOADS = 1;

/** Kept when the stack goes; a first deployment that fails leaves nothing behind that would bar the second. */
const KEPT = { DeletionPolicy: "RetainExceptOnCreate", UpdateReplacePolicy: "Retain" };

/**
 * The lake: private, encrypted, TLS only, versioned. It outlives the stack.
 *
 * @param name "" when CloudFormation names it.
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
 * One secret per source. It is created without a value: that is the user's to put in, and outlives the stack. Before a
 * source that was removed comes back, its old secret has to be deleted by hand, or CloudFormation finds it in the way.
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

/** One log group per source, and one for the machine's own Lambdas. */
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
