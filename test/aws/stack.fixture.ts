import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type CompiledTemplate, ofType } from "../infra/package.fixture.ts";
import { until } from "../until.ts";
import type { Emulator } from "./emulator.fixture.ts";

const STACK = "restlake-dev";

/** A deployed stack. */
export interface DeployedStack {
  /** Physical ids by logical ids. */
  ids: Record<string, string>;
  /** Resource types by logical ids. */
  types: Record<string, string>;
  outputs: Record<string, string>;
}

/**
 * Deploys a packaged stack as the framework does: creates a stack with only the deployment bucket, uploads the zips and the
 * template into it, and updates the stack with the template.
 *
 * @param folder of the package
 * @param template replaces the packaged template
 * @throws Error with CloudFormation's reasons for the resources that failed
 */
export const deploy = async (
  emulator: Emulator,
  folder: string,
  template: CompiledTemplate,
): Promise<DeployedStack> => {
  const client = new CloudFormationClient(emulator.client);
  const s3 = new S3Client(emulator.client);
  const read = (name: string) => readFileSync(join(folder, name), "utf8");

  const settled = async (status: string) =>
    until(`the stack is ${status}`, async () => {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
      const stack = Stacks?.[0];
      if (stack?.StackStatus === status) return stack;
      if (!/FAILED|ROLLBACK/.test(stack?.StackStatus ?? "")) return null;
      const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: STACK }));
      const failed = StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith("FAILED"));
      throw new Error(
        failed.map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`).join("\n") ||
          `the stack is ${stack?.StackStatus}: ${stack?.StackStatusReason}`,
      );
    });
  const resources = async () => {
    const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: STACK }));
    return StackResources;
  };

  try {
    const TemplateBody = read("cloudformation-template-create-stack.json");
    await client.send(new CreateStackCommand({ StackName: STACK, TemplateBody }));
    await settled("CREATE_COMPLETE");
    const bucket = (await resources())[0]?.PhysicalResourceId;

    const keys = Object.values(ofType(template, "AWS::Lambda::Function")).map(
      ({ Properties }) => (Properties.Code as { S3Key: string }).S3Key,
    );
    for (const Key of new Set(keys)) {
      const Body = readFileSync(join(folder, basename(Key)));
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    }
    const { artifactDirectoryName } = JSON.parse(read("serverless-state.json")).package as Record<string, string>;
    const Key = `${artifactDirectoryName}/compiled-cloudformation-template.json`;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: JSON.stringify(template) }));
    await client.send(
      new UpdateStackCommand({
        StackName: STACK,
        TemplateURL: `${emulator.url}/${bucket}/${Key}`,
        Capabilities: ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
      }),
    );
    const stack = await settled("UPDATE_COMPLETE");
    const deployed = await resources();
    const by = (value: (resource: (typeof deployed)[number]) => string | undefined) =>
      Object.fromEntries(deployed.map((resource) => [String(resource.LogicalResourceId), String(value(resource))]));
    return {
      ids: by(({ PhysicalResourceId }) => PhysicalResourceId),
      types: by(({ ResourceType }) => ResourceType),
      outputs: Object.fromEntries(stack.Outputs?.map((output) => [output.OutputKey, output.OutputValue]) ?? []),
    };
  } finally {
    client.destroy();
    s3.destroy();
  }
};

/** Deletes the stack, but not the resources that it retains. */
export const deleteStack = async ({ client: settings }: Emulator): Promise<void> => {
  const client = new CloudFormationClient(settings);
  await client.send(new DeleteStackCommand({ StackName: STACK }));
  await until("the stack is gone", () =>
    client.send(new DescribeStacksCommand({ StackName: STACK })).then(
      ({ Stacks }) => Stacks?.[0]?.StackStatus === "DELETE_COMPLETE",
      (error: Error) => {
        if (error.message.includes("does not exist")) return true;
        throw error;
      },
    ),
  );
  client.destroy();
};
