import { commandForm } from "./command-form.ts";
import type { StackOptions } from "./options.ts";
import type { DeployedSource } from "./sources.ts";

/** Maximum number of resources in a stack. CloudFormation allows 500; the rest is for the framework and the user. */
export const MAX_RESOURCES = 480;
/** CloudFormation's maximum size of a template in S3. Bytes. */
export const MAX_TEMPLATE_BYTES = 1_048_576;

/** How to stay below a stack's limits. */
const SPLIT = `deploy some of the sources as a separate stack, under another stage name: ${commandForm("deploy", "--stage prod-a --param='only=crm,shop'")}, and the others with --stage prod-b`;

/**
 * Returns why CloudFormation would refuse a template after everything was uploaded.
 *
 * @returns null for a template within the limits.
 */
export const wrongSize = (template: { Resources?: Record<string, { Type: string }> }): string | null => {
  const resources = Object.keys(template.Resources ?? {}).length;
  if (resources > MAX_RESOURCES) {
    return `the stack has too many resources (${resources}, maximum ${MAX_RESOURCES}): ${SPLIT}`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(template));
  if (bytes <= MAX_TEMPLATE_BYTES) return null;
  const megabytes = (size: number) => (size / 1e6).toFixed(2);
  return `the stack's template is too large (${megabytes(bytes)} MB, CloudFormation's maximum is ${megabytes(MAX_TEMPLATE_BYTES)} MB): ${SPLIT}`;
};

/** Reserved host names (RFC 2606, RFC 6761), which configs use as placeholders. */
const PLACEHOLDER = /(^|\.)(example\.(com|net|org)|example|test|invalid|localhost)$/;

/** Returns a message for each source whose base_url is still a placeholder, so that a deployment fails instead of a run. */
export const unsetBaseUrls = (sources: DeployedSource[], { overrides, stage }: StackOptions): string[] =>
  sources.flatMap(({ file, resolved }) => {
    const { name } = resolved;
    const base_url = overrides[name]?.base_url ?? resolved.base_url;
    if (!PLACEHOLDER.test(new URL(base_url).hostname)) return [];
    return `${name}: base_url is still the placeholder ${base_url}: set it in ${file}, set it for a stage in serverless.yml (params.${stage}.${name}_url, or custom.restlake.sources.${name}.base_url), or deploy only other sources (--param='only=...')`;
  });
