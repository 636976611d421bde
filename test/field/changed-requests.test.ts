import { expect, test } from "vitest";
import { reply, startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

/** Rows of a tenant, two per page on two pages, by the parts of a request that select the tenant. */
const tenantApi = () => {
  let fails = true;
  return startApi(({ url, text }) => {
    const page = Number(url.searchParams.get("page"));
    if (page === 2 && fails) {
      fails = false;
      return reply(418, {});
    }
    const tenant = /tenant[:=" /]*([ab])/i.exec(text)?.[1] ?? "a";
    return page > 2 ? [] : [1, 2].map((id) => ({ id: 2 * page + id, tenant }));
  });
};

const paginator = { type: "page_number", base_page: 1, total_path: null } as const;
const client = { error_handler: { max_retries: 0 } };
const resources = (endpoint: object): Config["resources"] => [{ name: "orders", endpoint: { paginator, ...endpoint } }];

test.each<[string, Config, Config]>([
  ...(["tenant header", "header of an endpoint", "parameter", "JSON body", "path", "path of base_url"] as const).map(
    (what): [string, Config, Config] => {
      const of = (tenant: string): Config => {
        switch (what) {
          case "tenant header":
            return { client: { ...client, headers: { "X-Tenant": tenant } }, resources: resources({}) };
          case "header of an endpoint":
            return { client, resources: resources({ headers: { "X-Tenant": tenant } }) };
          case "parameter":
            return { client, resources: resources({ params: { tenant } }) };
          case "JSON body":
            return { client, resources: resources({ method: "POST", json: { tenant } }) };
          case "path":
            return { client, resources: resources({ path: `tenant/${tenant}/orders` }) };
          default:
            return { client: { ...client, base_url: `/tenant/${tenant}` as "" }, resources: resources({}) };
        }
      };
      return [what, of("a"), of("b")];
    },
  ),
])(
  "B.4: a run that has parts does not resume after a change of the %s, and a new run has one tenant",
  async (_, before, after) => {
    await using api = await tenantApi();
    const world = createWorld();
    const settings = { file_max_items: 1 };
    const failed = await runSource(world, sourceOf(api.url, { ...before, settings }));
    expect(failed.failures.orders).toMatch(/^HttpError/);
    const changed = await runSource(world, sourceOf(api.url, { ...after, settings }));
    expect(changed.failures.orders).toMatch(
      /^CheckpointError: .*the config changed .*: undo the change, or start with new_run/,
    );
    const fresh = await runSource(world, sourceOf(api.url, { ...after, settings }), { input: { new_run: true } });
    expect(fresh.rows.orders).toEqual([3, 4, 5, 6].map((id) => ({ id, tenant: "b" })));
  },
);
