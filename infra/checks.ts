import type { StackOptions } from "./options.ts";
import type { DeployedSource } from "./sources.ts";

/** CloudFormation takes 500; the rest is room for what a framework or a user adds. */
export const MOST_RESOURCES = 480;
/** CloudFormation's limit of a template in S3. Bytes. */
export const LARGEST_TEMPLATE = 1_048_576;

/** How to get below a stack's limits. */
const SUBSET =
  "deploy a part of the sources as a stack of its own, each with a stage name of its own: npm run deploy -- --stage prod-a --param='only=crm,shop', and the others with --stage prod-b";

/**
 * What CloudFormation would refuse after everything was uploaded.
 *
 * @returns null for a template that fits.
 */
export const wrongSize = (template: { Resources?: Record<string, { Type: string }> }): string | null => {
  const resources = Object.keys(template.Resources ?? {}).length;
  if (resources > MOST_RESOURCES) {
    return `the stack has ${resources} resources, more than the ${MOST_RESOURCES} that fit into one: ${SUBSET}`;
  }
  const bytes = Buffer.byteLength(JSON.stringify(template));
  if (bytes <= LARGEST_TEMPLATE) return null;
  const megabytes = (size: number) => (size / 1e6).toFixed(2);
  return `the stack's template has ${megabytes(bytes)} MB, more than the ${megabytes(LARGEST_TEMPLATE)} MB that CloudFormation takes: ${SUBSET}`;
};

/** Names that belong to nobody (RFC 2606, RFC 6761): what a config is written with before it is known whose API it is. */
const NOBODYS = /(^|\.)(example\.(com|net|org)|example|test|invalid|localhost)$/;

/** A line for each source whose base_url nobody set: found now, and not by the first execution at night. */
export const unsetBaseUrls = (sources: DeployedSource[], { overrides, stage }: StackOptions): string[] =>
  sources.flatMap(({ file, resolved }) => {
    const base_url = overrides[resolved.name]?.base_url ?? resolved.base_url;
    if (!NOBODYS.test(new URL(base_url).hostname)) return [];
    return `${resolved.name}: base_url is ${base_url}, which is nobody's: set it in ${file}, or for a stage in serverless.yml (params.${stage}.${resolved.name}_url, or custom.restlake.sources.${resolved.name}.base_url), or leave the source out (--param='only=...' names those to deploy)`;
  });
