import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";

/** Starts a local API. Every path is a list of pages, requested as `?page=1`, each `{"data": [...]}`. */
export async function startApi(pages: Record<string, unknown[][]>) {
  const requests: string[] = [];
  let hook: ((url: string) => Promise<void> | void) | undefined;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", "http://api");
    requests.push(url.pathname + url.search);
    await hook?.(url.pathname + url.search);
    const rows = pages[url.pathname]?.[Number(url.searchParams.get("page") ?? 1) - 1] ?? [];
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: rows }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pages,
    /** Path and query of each request, in order. */
    requests,
    /** Calls a function before each response. */
    beforeResponse(callback: typeof hook) {
      hook = callback;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type Api = Awaited<ReturnType<typeof startApi>>;

/** Returns a source of the API; its pages are numbered from 1. */
export const sourceOf = (
  api: Api,
  resources: SourceConfig["resources"],
  settings: SourceSettings = {},
): ResolvedSource =>
  resolveSource(
    defineSource(
      {
        name: "shop",
        client: { base_url: api.url, paginator: { type: "page_number", base_page: 1 } },
        resource_defaults: { endpoint: { data_selector: "data" } },
        resources,
      },
      settings,
    ),
  );
