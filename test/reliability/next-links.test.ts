import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { advanceCycleDetection, startCycleDetection } from "../../lib/pagination/cycle-detection.ts";
import { type Handler, ids, json, runHostile, startOtherOrigin } from "./hostile.fixture.ts";
import { CANARY } from "./world.ts";

const LINK = { paginator: { type: "json_link" as const } };
const CURSOR = { paginator: { type: "cursor" as const, cursor_path: "next" } };

/** Returns an API of three pages that are connected by links of this form. */
const linked =
  (link: (page: number, url: string) => string | null): Handler =>
  (page, request, response) => {
    const here = Number.isNaN(page) || page === 0 ? 1 : page;
    json(response, { data: [{ id: here }], next: here < 3 ? link(here + 1, request.url ?? "") : null });
  };

test.each([
  ["absolute", (page: number) => `http://127.0.0.1:PORT/rows?page=${page}`],
  ["relative to the host", (page: number) => `/rows?page=${page}`],
  ["only a query", (page: number) => `?page=${page}`],
])("a next link that is %s is followed to the last page", async (_, link) => {
  const { outcome, rows } = await runHostile(
    (page, request, response) =>
      linked((next) => link(next).replace("PORT", String((request.socket.address() as AddressInfo).port)))(
        page,
        request,
        response,
      ),
    LINK,
  );
  expect(outcome?.status).toBe("done");
  expect(ids(rows)).toEqual([1, 2, 3]);
});

test("a next link to another origin is rejected, and that origin receives no request", async () => {
  const other = await startOtherOrigin();
  const { error, rows } = await runHostile(
    linked((page) => `${other.url}/rows?page=${page}`),
    LINK,
  );
  expect(error).toMatch(/^ResponseError: hostile\.rows, page 1, GET \S+: .*another origin/);
  expect(rows).toEqual([]);
  expect(other.requests()).toBe(0);
});

test("a next link to a link-local address is rejected as another origin", async () => {
  const { error } = await runHostile(
    linked(() => "http://169.254.169.254/latest/meta-data"),
    LINK,
  );
  expect(error).toMatch(/^ResponseError: .*another origin, http:\/\/169\.254\.169\.254/);
});

test("a key in a next link is not stored, and is sent once with every request", async () => {
  const urls: string[] = [];
  const { outcome, rows } = await runHostile(
    (page, request, response) => {
      urls.push(request.url ?? "");
      linked((next) => `/rows?page=${next}&key=${CANARY}&also=${CANARY}`)(page, request, response);
    },
    LINK,
    { file_max_items: 1 },
  );
  expect(outcome?.status).toBe("done");
  expect(ids(rows)).toEqual([1, 2, 3]);
  expect(urls.map((url) => url.split(CANARY).length - 1)).toEqual([1, 1, 1]);
});

test("a cursor that contains the key is a ResponseError, because it would be stored in the position", async () => {
  const { error } = await runHostile(
    (_page, _request, response) => json(response, { data: [{ id: 1 }], next: CANARY }),
    CURSOR,
  );
  expect(error).toMatch(/^ResponseError: hostile\.rows, page 1, GET \S+: .*holds the key/);
});

test("a repeated cursor is a RepeatedPageError even if every page has different rows", async () => {
  let id = 0;
  const { error, rows } = await runHostile(
    (_page, _request, response) => json(response, { data: [{ id: ++id }], next: "same" }),
    CURSOR,
  );
  expect(error).toMatch(/^RepeatedPageError: hostile\.rows, page 2, GET \S+: .*pagination loop/);
  expect(ids(rows)).toEqual([1]);
});

test("a pagination loop of seven cursors after five others is detected", async () => {
  let requests = 0;
  const { error, rows } = await runHostile((_page, _request, response) => {
    requests++;
    const cursor = requests <= 5 ? requests : 5 + ((requests - 5) % 7);
    json(response, { data: [{ id: requests }], next: `c${cursor}` });
  }, CURSOR);
  expect(error).toMatch(/^RepeatedPageError: .*pagination loop/);
  expect(rows.length).toBeLessThan(40);
});

test("a link back to the first page is detected", async () => {
  let id = 0;
  const { error } = await runHostile(
    (page, _request, response) => json(response, { data: [{ id: ++id }], next: `/rows?page=${(page % 3) + 1}` }),
    LINK,
  );
  expect(error).toMatch(/^RepeatedPageError: .*pagination loop/);
});

test("cycle detection detects every cycle, and nothing else", () => {
  for (let prefix = 0; prefix < 20; prefix++) {
    for (let cycle = 1; cycle < 20; cycle++) {
      let state: ReturnType<typeof advanceCycleDetection> = startCycleDetection("0");
      let steps = 0;
      while (state !== null) {
        steps++;
        state = advanceCycleDetection(state, String(steps < prefix ? steps : prefix + ((steps - prefix) % cycle)));
        expect(steps).toBeLessThanOrEqual(3 * (prefix + cycle) + 2);
      }
    }
  }
  let straight: ReturnType<typeof advanceCycleDetection> = startCycleDetection("0");
  for (let step = 1; step < 5000; step++) straight = straight && advanceCycleDetection(straight, String(step));
  expect(straight).not.toBeNull();
});
