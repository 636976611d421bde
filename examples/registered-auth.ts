/**
 * A custom auth with a name and options, for several sources or endpoints. The secrets in its options are known before the
 * run: `npm run check` lists them, and `npm run sync` reports a missing one.
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
