import { secretsIn } from "../secrets/reference.ts";
import type { EndpointConfig, MergedResource, ResourceConfig } from "./merge-defaults.ts";
import type { OtherOrigin } from "./resolved.ts";
import type { SourceConfig } from "./schema/index.ts";

type ClientConfig = SourceConfig["client"];

const originOf = (url: string): string | null => (URL.canParse(url) ? new URL(url).origin : null);

/** Returns the origin that an endpoint's absolute path requests, if it is not that of base_url. */
const otherOriginOf = ({ base_url }: ClientConfig, { path, send_auth }: EndpointConfig): OtherOrigin | null => {
  const written = /^https?:\/\/[^/?#\\]*/i.exec(path ?? "")?.[0];
  if (written === undefined) return null;
  const origin = originOf(written) ?? written;
  return origin === originOf(base_url) ? null : { origin, sends_auth: send_auth ?? false };
};

/** Returns the entries without secrets, and those that the endpoint has itself. */
const withoutSecrets = <Value>(
  given: Record<string, Value> | null | undefined,
  own: object | null | undefined,
): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(given ?? {}).filter(
      ([name, value]) => Object.hasOwn(own ?? {}, name) || secretsIn(value).length === 0,
    ),
  );

/**
 * Removes the auth, headers and parameters with secrets that an endpoint of another origin inherits from the client and
 * resource_defaults, unless it has `send_auth: true`: they are for the API at base_url.
 *
 * @param given the resource as written, with its own keys.
 */
export const withoutInheritedSecrets = (
  client: ClientConfig,
  resource: MergedResource,
  given: string | ResourceConfig,
): { client: ClientConfig; resource: MergedResource; other_origin: OtherOrigin | null } => {
  const { endpoint } = resource;
  const other_origin = otherOriginOf(client, endpoint);
  if (other_origin === null || other_origin.sends_auth) return { client, resource, other_origin };
  const written = typeof given === "string" ? undefined : given.endpoint;
  const own: EndpointConfig = typeof written === "object" && written !== null ? written : {};
  return {
    client: { ...client, auth: null, headers: withoutSecrets(client.headers, {}) },
    resource: {
      ...resource,
      endpoint: {
        ...endpoint,
        auth: own.auth ?? null,
        headers: withoutSecrets(endpoint.headers, own.headers),
        params: withoutSecrets(endpoint.params, own.params),
      },
    },
    other_origin,
  };
};
