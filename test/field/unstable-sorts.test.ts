import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { restlake } from "../cli/command.fixture.ts";
import { reply, testConfig } from "../configs/case.fixture.ts";
import { startApi } from "../configs/conversation.fixture.ts";
import { createWorld, runSource, sourceOf } from "../configs/run.fixture.ts";

const rows = (...ids: number[]) => ids.map((id) => ({ id }));
const paginator = { type: "offset", limit: 5, stop_after_empty_page: true } as const;
const orders = (more: object = {}) => [
  { name: "orders", primary_key: "id", endpoint: { data_selector: "data", paginator }, ...more },
];
const PAGES: Record<string, object> = {
  "0": { data: rows(0, 1, 2, 3, 4), total: 10 },
  "5": { data: rows(4, 5, 6, 7, 8), total: 10 },
};
const api: [string, object][] = Object.entries(PAGES).map(([offset, page]) => [
  `GET /orders?offset=${offset}&limit=5`,
  page,
]);
const REPEATED = /^1 of 10 rows repeat a primary key of this run \(the API reports 10\): rows moved between pages/;

describe("A.10: a sort that is not stable", () => {
  // The second form of the test resumes after each page: the keys survive.
  testConfig("is a warning with the rows that repeat a key, also after a resume", {
    resources: orders(),
    api,
    rows: { orders: rows(0, 1, 2, 3, 4, 4, 5, 6, 7, 8) },
    warns: { orders: [REPEATED] },
  });

  testConfig("is not a warning where dedup_sort expects several rows of a key", {
    resources: orders({ columns: { id: { dedup_sort: "desc" } } }),
    api,
    warns: {},
  });

  testConfig("or a total that differs from the rows that were read is a warning with both", {
    resources: [
      { name: "orders", endpoint: { data_selector: "data", paginator: { type: "json_link", next_url_path: "next" } } },
    ],
    api: [["GET /orders", { data: rows(1, 2), total: 3, next: null }]],
    warns: { orders: [/^the number of rows differs from the total of the API \(2 read, the API reports 3\): check/] },
  });

  testConfig("or a total in a header that differs from the rows that were read", {
    resources: [{ name: "orders", endpoint: { data_selector: "data", paginator: "single_page" } }],
    api: [["GET /orders", reply(200, { data: rows(1, 2) }, { "X-Total-Count": "3" })]],
    warns: { orders: [/^the number of rows differs from the total of the API \(2 read, the API reports 3\)/] },
  });

  test("is shown in the summary of a run, with the rows read and the total", async () => {
    await using server = await startApi(({ url }) => PAGES[url.searchParams.get("offset") ?? ""] ?? {});
    const folder = mkdtempSync(join(tmpdir(), "restlake-field-"));
    const config = { client: { base_url: server.url, max_concurrency: 1 }, resources: orders() };
    writeFileSync(join(folder, "shop.json"), JSON.stringify(config));
    const { code, out } = await restlake(["sync", "shop.json", "--out", "out"], folder);
    rmSync(folder, { recursive: true });
    expect(code).toBe(0);
    expect(out).toMatch(/^shop\.orders +done .* 10\/10 /m);
    expect(out).toContain("Warning: shop.orders: 1 of 10 rows repeat a primary key of this run (the API reports 10)");
  });

  test("is shown in manifest and report with the rows read and the total, after a resume at each page", async () => {
    await using server = await startApi(({ url }) => PAGES[url.searchParams.get("offset") ?? ""] ?? {});
    const world = createWorld();
    await runSource(world, sourceOf(server.url, { resources: orders() }), { pages: () => 1 });
    const documents = [...world.objects].filter(([key]) => /^(manifests|reports)\/.*Z-.*\.json$/.test(key));
    const [manifest, report] = documents.map(([, { body }]) => JSON.parse(Buffer.from(body).toString()));
    const expected = { read_rows: 10, reported_rows: 10, repeated_rows: 1 };
    expect(manifest).toMatchObject({ ...expected, differing_lists: 0, warnings: [expect.stringMatching(REPEATED)] });
    expect(report.resources).toMatchObject([{ ...expected, warnings: [expect.stringMatching(REPEATED)] }]);
  });
});
