import type { SourceConfig, SourceSettings } from "./schema/index.ts";

export { type SecretReference, secret } from "../secrets/reference.ts";
export type { ApiResponse, AuthFunction, AuthRequest, AuthTools, ResponseFunction, Row } from "./callbacks.ts";
export type { Next, PageRequest, PageResponse, Paginator } from "./custom-paginator.ts";
export { registerAuth, registerPaginator } from "./registry.ts";

/** A source as its file exports it: the config as written, and the settings for its schedule and limits. */
export interface Source {
  readonly config: SourceConfig;
  readonly settings: SourceSettings;
}

/**
 * Defines a source in dlt's `rest_api` vocabulary. Validates nothing: `infra` and the CLI validate the config when they
 * build or run it, so that an error is one clear message instead of a failed import.
 *
 * @example
 * export const source = defineSource({
 *   name: "inventory_management",
 *   client: { base_url: "https://api.example.com", auth: { type: "api_key", api_key: secret("api_key"), location: "query" } },
 *   resources: [{ name: "inventory_items", endpoint: { path: "/v1/inventory", data_selector: "data", paginator: { type: "offset", limit: 100 } } }],
 * }, { schedule: "cron(0 3 * * ? *)" });
 */
export const defineSource = (config: SourceConfig, settings: SourceSettings = {}): Source => ({ config, settings });
