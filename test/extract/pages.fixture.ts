import type { Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import type { SourceConfig, SourceSettings } from "../../lib/config/schema/index.ts";
import { work } from "../../lib/run/work.ts";
import { json, startServer } from "../http/server.ts";
import type { Lake } from "../lake/lake.fixture.ts";

/** Config of an endpoint. */
export type Endpoint = Record<string, unknown>;

/** Options of an API with pages of two rows each. */
interface Shop {
  pages: number;
  /** Whether responses have a total. */
  total?: boolean;
  /** Whether responses have the cursor of the next page. */
  cursors?: boolean;
  /** Characters of each response in addition to its rows. */
  padding?: number;
  /** Called with the connection of each request. */
  onConnection?: (socket: Socket) => void;
  /** Called before each response with the page, from 0. May delay the response, or return another one. */
  beforeResponse?: (
    page: number,
    number: number,
  ) => Promise<undefined | [status: number, headers: Record<string, string>]>;
}

/** Rows per page. */
export const ROWS = 2;
/** Returns the ids of all rows in a number of pages. */
export const idsOf = (pages: number) => Array.from({ length: pages * ROWS }, (_, id) => id);

/** Starts the API. It records the requested pages, and the requests in flight. */
export const startShop = async ({
  pages,
  total = false,
  cursors = false,
  padding = 0,
  onConnection,
  beforeResponse = async () => undefined,
}: Shop) => {
  let [inFlight, peak] = [0, 0];
  const requested: number[] = [];
  const server = await startServer(async ({ url = "", socket }, response, number) => {
    onConnection?.(socket);
    const { searchParams } = new URL(url, "http://shop");
    const page = searchParams.has("offset")
      ? Number(searchParams.get("offset")) / ROWS
      : Number(searchParams.get("page") ?? searchParams.get("cursor") ?? 0);
    requested.push(page);
    peak = Math.max(peak, ++inFlight);
    response.on("close", () => inFlight--);
    const other = await beforeResponse(page, number);
    if (other) return json(response, {}, other[0], other[1]);
    const data = page < pages ? idsOf(pages).slice(page * ROWS, (page + 1) * ROWS) : [];
    json(response, {
      data: data.map((id) => ({ id })),
      padding: "x".repeat(padding),
      ...(total && { total: searchParams.has("offset") ? pages * ROWS : pages, total_pages: pages }),
      ...(cursors && page + 1 < pages && { cursors: { next: String(page + 1) } }),
    });
  });
  return { ...server, requested, peak: () => peak, inFlight: () => inFlight };
};

/** Config of a paginator with page numbers. */
export const NUMBERED = { type: "page_number", base_page: 0 };

/** Returns a source with the resource `items` of the API. */
export const sourceOf = (url: string, endpoint: Endpoint = {}, client: object = {}, settings: SourceSettings = {}) =>
  resolveSource(
    defineSource(
      {
        name: "shop",
        client: { base_url: url, error_handler: { backoff_factor: 1 }, ...client },
        resources: [{ name: "items", endpoint: { paginator: NUMBERED, data_selector: "data", ...endpoint } }],
      } as SourceConfig,
      settings,
    ),
  );

let invocations = 0;
/** Invokes the resource once. */
export const invoke = (lake: Lake, source: ReturnType<typeof sourceOf>, stop?: AbortSignal) =>
  work(lake.ports, source, "items", {}, { id: `invocation-${++invocations}`, time: 60_000, stop });

/** Invokes the resource until it is done. */
export const loadUntilDone = async (lake: Lake, source: ReturnType<typeof sourceOf>) => {
  for (let n = 0; n < 100; n++) {
    const outcome = await invoke(lake, source);
    if (outcome.status === "done") return outcome;
    lake.clock.advance((outcome.retry_after_seconds ?? 0) * 1000);
  }
  throw new Error("not done after 100 invocations");
};

/** Returns the ids of all rows in the lake. */
export const idsIn = async (lake: Lake): Promise<number[]> => {
  const ids: number[] = [];
  for (const key of await lake.keys("data/shop/items/")) {
    const lines = gunzipSync(await lake.read(key)).toString();
    for (const line of lines.split("\n").filter(Boolean)) ids.push(JSON.parse(line).id);
  }
  return ids;
};
