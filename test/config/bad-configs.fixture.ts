import { BAD_AUTH } from "./bad-configs/auth.fixture.ts";
import { BAD_CLIENT } from "./bad-configs/client.fixture.ts";
import { BAD_COLUMNS } from "./bad-configs/columns.fixture.ts";
import { BAD_DEFAULTS } from "./bad-configs/defaults.fixture.ts";
import { BAD_ENDPOINT } from "./bad-configs/endpoint.fixture.ts";
import { BAD_INCREMENTAL } from "./bad-configs/incremental.fixture.ts";
import { BAD_PAGINATORS } from "./bad-configs/paginators.fixture.ts";
import { BAD_PLACEHOLDERS } from "./bad-configs/placeholders.fixture.ts";
import { BAD_RESOURCE } from "./bad-configs/resource.fixture.ts";
import { BAD_SETTINGS } from "./bad-configs/settings.fixture.ts";
import { BAD_SOURCE } from "./bad-configs/source.fixture.ts";
import { BAD_STATIC_ROWS } from "./bad-configs/static-rows.fixture.ts";

export { LITERAL_KEY } from "./bad-configs/messages.fixture.ts";

/** A source that a case makes invalid, typed as loosely as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: a case may write any value
type Loose = any;

/** Returns a valid config. */
export const goodConfig = (): Loose => ({
  name: "crm",
  client: { base_url: "https://api.acme.dev", auth: { type: "api_key", api_key: { secret: "api_key" } } },
  resources: [{ name: "users", endpoint: { path: "/users", paginator: { type: "page_number", base_page: 1 } } }],
});

/** Short names for parts of the source. Other paths begin at the config. */
const PREFIXES: Record<string, string[]> = {
  settings: ["settings"],
  resource: ["config", "resources", "0"],
  endpoint: ["config", "resources", "0", "endpoint"],
};

/** Returns a valid source with changes by path: `{ "client.auth.type": "digest" }`. */
export const sourceWith = (changes: Record<string, unknown>): { config: Loose; settings: Loose } => {
  const source: Loose = { config: goodConfig(), settings: {} };
  for (const [path, value] of Object.entries(changes)) {
    const [head = "", ...rest] = path.split(".");
    const keys = [...(PREFIXES[head] ?? ["config", head]), ...rest];
    const last = keys.pop() as string;
    const object = keys.reduce((current, key) => current[key], source);
    if (value === undefined) delete object[last];
    else object[last] = value;
  }
  return source;
};

/** Invalid configs with their messages, by part of the config. */
export const BAD_CONFIGS = {
  source: BAD_SOURCE,
  client: BAD_CLIENT,
  auth: BAD_AUTH,
  paginators: BAD_PAGINATORS,
  placeholders: BAD_PLACEHOLDERS,
  endpoint: BAD_ENDPOINT,
  resource: BAD_RESOURCE,
  rows: BAD_STATIC_ROWS,
  columns: BAD_COLUMNS,
  incremental: BAD_INCREMENTAL,
  resource_defaults: BAD_DEFAULTS,
  settings: BAD_SETTINGS,
};
