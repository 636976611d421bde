/**
 * An auth of one's own under a name and with options, for several sources or several endpoints. Secrets among the options
 * are known before the run: `npm run check` lists them, and `npm run sync` says which one is missing.
 */
import { defineSource, registerAuth, secret } from "../lib/config/index.ts";

interface Options {
  tenant: string;
  key: ReturnType<typeof secret>;
}

const tenantKey = registerAuth<Options>("tenant_key", async ({ url, headers }, { text }, { tenant, key }) => ({
  url,
  headers: { ...headers, authorization: `Tenant ${tenant}:${await text(key)}` },
}));

export const source = defineSource({
  name: "example_registered_auth",
  client: {
    base_url: "https://api.example.com",
    auth: tenantKey({ tenant: "north", key: secret("tenant_key") }),
  },
  resources: [{ name: "books", endpoint: "books/with-tenant" }],
});
