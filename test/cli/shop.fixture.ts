import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Key of the shop's API. No output and no file may contain it, plain or encoded. */
export const KEY = "shop-key-4c1d9e72ab";
/** Rows per page of `/items`. */
export const PAGE = 5;

/** A request that the shop received. */
export interface ShopRequest {
  path: string;
  page: number;
  query: Record<string, string>;
}

/** An API whose responses a test can delay or replace. */
export interface Shop {
  url: string;
  /** Folder of the test's configs and lakes. */
  folder: string;
  requests: ShopRequest[];
  /** Returns the requested pages of a path, in order. */
  pages(path: string): number[];
  /** Leaves the next request for this page without a response. Resolves when it arrives. */
  hangAt(path: string, page: number): Promise<void>;
  /** Sets the response to the next request for this page. */
  respondAt(path: string, page: number, status: number, headers?: Record<string, string>): void;
  /** Responds to all hanging requests. */
  release(): void;
  /** Rows of `/orders`. A test may add some. */
  orders: { id: number; updated_at: string }[];
  /** Writes the shop's config into its folder. */
  config(name: string, changes?: ConfigChanges): string;
  close(): Promise<void>;
}

/** Changes to the default config. */
export interface ConfigChanges {
  settings?: Record<string, unknown>;
  error_handler?: Record<string, unknown>;
  base_url?: string;
}

const paged = (name: string, path: string) => ({
  name,
  primary_key: "id",
  endpoint: { path, data_selector: "data", paginator: { type: "page_number", base_page: 1 } },
});

/** Returns a config with many `items`, and incremental `orders` with `lines`. */
export const shopConfig = ({ settings = {}, error_handler = {}, base_url }: ConfigChanges) => ({
  name: "shop",
  client: {
    base_url,
    // Without parallel requests, a test can predict the requested pages.
    max_concurrency: 1,
    auth: { type: "api_key", name: "x-api-key", api_key: { secret: "api_key" }, location: "header" },
    error_handler: { max_retries: 1, ...error_handler },
  },
  resources: [
    paged("items", "/items"),
    {
      ...paged("orders", "/orders"),
      endpoint: {
        ...paged("orders", "/orders").endpoint,
        incremental: { cursor_path: "updated_at", start_param: "updated_at_min", end_param: "updated_at_max" },
      },
    },
    {
      ...paged("lines", "/orders/{order}/lines"),
      endpoint: {
        ...paged("lines", "/orders/{order}/lines").endpoint,
        params: { order: { type: "resolve", resource: "orders", field: "id" } },
      },
    },
  ],
  settings,
});

const rowsAt = (shop: Shop, path: string, page: number, query: Record<string, string>, pages: number): object[] => {
  const [, order] = /^\/orders\/(\d+)\/lines$/.exec(path) ?? [];
  if (order !== undefined) return page === 1 ? [{ id: Number(order) * 10, order_id: Number(order) }] : [];
  if (path === "/orders") {
    const { updated_at_min: from = "" } = query;
    return page === 1 ? shop.orders.filter(({ updated_at }) => updated_at >= from) : [];
  }
  return page > pages
    ? []
    : Array.from({ length: PAGE }, (_, index) => ({
        id: (page - 1) * PAGE + index + 1,
        name: `item ${page}.${index}`,
      }));
};

/**
 * Starts the shop.
 *
 * @param options.pages pages of `/items`.
 * @param options.latency milliseconds before each response.
 */
export const startShop = async ({ pages = 12, latency = 0 } = {}): Promise<Shop> => {
  const hanging: ServerResponse[] = [];
  const special = new Map<string, (response: ServerResponse) => void>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://shop");
    const query = Object.fromEntries(url.searchParams);
    const page = Number(query.page);
    shop.requests.push({ path: url.pathname, page, query });
    if (request.headers["x-api-key"] !== KEY) return response.writeHead(401).end("{}");
    const place = `${url.pathname} ${page}`;
    const respond = special.get(place);
    if (respond !== undefined) {
      special.delete(place);
      return respond(response);
    }
    await sleep(latency);
    const data = rowsAt(shop, url.pathname, page, query, pages);
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base_url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const shop: Shop = {
    url: base_url,
    folder: mkdtempSync(join(tmpdir(), "restlake-shop-")),
    requests: [],
    orders: [
      { id: 1, updated_at: "2026-01-01T00:00:00Z" },
      { id: 2, updated_at: "2026-02-01T00:00:00Z" },
      { id: 3, updated_at: "2026-03-01T00:00:00Z" },
    ],
    pages: (path) => shop.requests.filter((request) => request.path === path).map(({ page }) => page),
    hangAt: (path, page) =>
      new Promise((arrived) => {
        special.set(`${path} ${page}`, (response) => {
          hanging.push(response);
          arrived();
        });
      }),
    respondAt: (path, page, status, headers = {}) => {
      special.set(`${path} ${page}`, (response) => response.writeHead(status, headers).end("{}"));
    },
    release() {
      for (const response of hanging.splice(0)) {
        response.writeHead(503, { "retry-after": "0" }).end("{}");
      }
    },
    config(name, changes) {
      const path = join(shop.folder, name);
      writeFileSync(path, JSON.stringify(shopConfig({ base_url, ...changes })));
      return path;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      rmSync(shop.folder, { recursive: true, force: true });
    },
  };
  return shop;
};
