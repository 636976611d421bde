import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { ids, json, runHostile as run, startOtherOrigin } from "./hostile.fixture.ts";
import { CANARY, type Row } from "./world.ts";

test("a page that repeats forever is a RepeatedPageError that names the parameter, and keeps the first page", async () => {
  const { error, rows } = await run((_page, _request, response) => json(response, { data: [{ id: 1 }, { id: 2 }] }));
  expect(error).toMatch(/^RepeatedPageError: hostile\.rows, page 2, GET \S+: .*the API seems to ignore "page"/);
  expect(ids(rows)).toEqual([1, 2]);
});

test("a page that repeats later in the run is a RepeatedPageError", async () => {
  const { error, rows } = await run((page, _request, response) =>
    // The API ends, so that a run without the check ends too, and the test fails.
    json(response, { data: page > 40 ? [] : [{ id: Math.min(page, 4) }] }),
  );
  expect(error).toMatch(
    /^RepeatedPageError: hostile\.rows, page 5, GET \S+: .*page 5 equals page 4: the API seems to repeat its last page/,
  );
  expect(ids(rows)).toEqual([1, 2, 3, 4]);
});

test("records that shift between pages are kept as served, twice if served twice", async () => {
  const pages = [[1, 2], [2, 3], [4]];
  const { outcome, rows } = await run((page, _request, response) =>
    json(response, { data: (pages[page - 1] ?? []).map((id) => ({ id })) }),
  );
  expect(outcome?.status).toBe("done");
  expect(ids(rows)).toEqual([1, 2, 2, 3, 4]);
});

test("an empty page before the configured total is retried, and then a ResponseError", async () => {
  let glitches = 0;
  const { outcome, rows } = await run(
    (page, _request, response) => {
      const isGlitch = page === 2 && glitches++ < 2;
      json(response, { meta: { pages: 3 }, data: isGlitch || page > 3 ? [] : [{ id: page }] });
    },
    { paginator: { type: "page_number", base_page: 1, total_path: "meta.pages" } },
  );
  expect(outcome?.status).toBe("done");
  expect(ids(rows)).toEqual([1, 2, 3]);

  const permanent = await run(
    (page, _request, response) => json(response, { meta: { pages: 3 }, data: page === 2 ? [] : [{ id: page }] }),
    { paginator: { type: "page_number", base_page: 1, total_path: "meta.pages" } },
  );
  expect(permanent.error).toMatch(
    /^ResponseError: hostile\.rows, page 2, GET \S+: .*no rows, but total_path meta\.pages is 3/,
  );
  expect(ids(permanent.rows)).toEqual([1]);
});

test("an empty page before the total at a default path ends the resource with a warning", async () => {
  const { outcome, logged } = await run((page, _request, response) =>
    json(response, { total: 5, data: page < 3 ? [{ id: page }] : [] }),
  );
  expect(outcome).toMatchObject({ status: "done", rows: 2 });
  expect(JSON.stringify(logged)).toMatch(/no rows, but total_path total is 5/);
});

test("an HTML page with status 200 is a ResponseError that names the content type", async () => {
  const { error } = await run((_page, _request, response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<html>Sign in</html>"),
  );
  expect(error).toMatch(/^ResponseError: hostile\.rows, page 1, GET \S+: .*text\/html/);
});

test("an error envelope with status 200 is a ResponseError with the API's text", async () => {
  const { error, rows } = await run((page, _request, response) =>
    json(response, page === 1 ? { data: [{ id: 1 }] } : { error: "quota", code: 7 }),
  );
  expect(error).toMatch(/^ResponseError: hostile\.rows, page 2, GET \S+: .*status is 200 \("quota, 7"\)/);
  expect(ids(rows)).toEqual([1]);
});

test("a null at data_selector is an empty page, and a missing key is a SelectorError", async () => {
  const empty = await run((page, _request, response) => json(response, { data: page === 1 ? [{ id: 1 }] : null }));
  expect(empty.outcome).toMatchObject({ status: "done", rows: 1 });
  const missing = await run((page, _request, response) => json(response, page === 1 ? { data: [{ id: 1 }] } : {}));
  expect(missing.error).toMatch(/^SelectorError: /);
});

test("a truncated body or a reset connection is retried, and no row is lost", async () => {
  let cut = 0;
  const { outcome, rows } = await run((page, request, response) => {
    if (page === 2 && cut++ === 0) {
      response.writeHead(200, { "content-length": "1000" }).write('{"data": [{"id"', () => response.destroy());
      return;
    }
    if (page === 2 && cut++ === 2) return void request.socket.destroy();
    json(response, { data: page < 4 ? [{ id: page }] : [] });
  });
  expect(outcome?.status).toBe("done");
  expect(ids(rows)).toEqual([1, 2, 3]);
});

test("a response that takes longer than request_timeout, byte by byte, is a TimeoutError after retries", async () => {
  const { error } = await run(
    (_page, _request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 50);
      response.on("close", () => clearInterval(drip));
    },
    { error_handler: { max_retries: 1 } },
    { request_timeout: 0.3 },
  );
  expect(error).toMatch(/^TimeoutError: hostile\.rows, page 1, GET \S+: no response within 0\.3 s \(after 1 retry\)/);
});

test("a small gzip that expands beyond the limit is stopped during decompression", async () => {
  const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, " "));
  const { error } = await run((_page, _request, response) =>
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" }).end(bomb),
  );
  expect(error).toMatch(/^ResponseError: hostile\.rows, page 1, GET \S+: .*larger than \d+ bytes after decompression/);
});

test("a body that is not UTF-8 is a ResponseError, and a byte order mark is ignored", async () => {
  const latin = await run((_page, _request, response) =>
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(Buffer.from('{"data":[{"id":"\xe9"}]}', "latin1")),
  );
  expect(latin.error).toMatch(/^ResponseError: .*not valid UTF-8/);
  const marked = await run((page, _request, response) =>
    json(response, `\uFEFF{"data":${page === 1 ? '[{"id":1}]' : "[]"}}`),
  );
  expect(ids(marked.rows)).toEqual([1]);
});

test("integers beyond 2^53 keep all their digits", async () => {
  const body =
    '{"data":[{"id":9007199254740993,"n":-9223372036854775808,"big":12345678901234567890123456789,"huge":123456789012345678901234567890}]}';
  const { lines } = await run((page, _request, response) => json(response, page === 1 ? body : { data: [] }));
  expect(lines[0]).toContain(
    '"id":9007199254740993,"n":-9223372036854775808,"big":12345678901234567890123456789,"huge":"123456789012345678901234567890"}',
  );
});

test("keys such as __proto__ and constructor are ordinary columns", async () => {
  const { rows } = await run((page, _request, response) =>
    json(response, page === 1 ? '{"data":[{"id":1,"__proto__":{"polluted":true},"constructor":"x"}]}' : { data: [] }),
  );
  expect(({} as Row).polluted).toBeUndefined();
  expect(rows[0]).toMatchObject({ id: 1, constructor: "x" });
  expect(Object.values(rows[0] ?? {})).toContain(true);
});

test("a redirect to another origin is rejected, and the other origin receives no request", async () => {
  const other = await startOtherOrigin();
  const { error } = await run((_page, request, response) =>
    response.writeHead(302, { location: `${other.url}${request.url}` }).end(),
  );
  expect(error).toMatch(/^ResponseError: hostile\.rows, page 1, GET \S+: .*another origin/);
  expect(other.requests()).toBe(0);
});

test("a key that the API echoes in rows, links and errors is masked wherever it is stored", async () => {
  const { rows } = await run((page, request, response) =>
    json(response, {
      next: request.url,
      data: page === 1 ? [{ id: 1, self: `http://api${request.url}`, escaped: "x" }] : [],
    }),
  );
  expect(rows[0]?.self).toContain("***");
  const { error } = await run((_page, request, response) => json(response, { error: `no ${request.url}` }, 404));
  expect(error).toMatch(/^HttpError: .*404.*\*\*\*/);
});

test("a key that the API echoes in \\u escapes is masked", async () => {
  const escaped = [...CANARY].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  const { rows } = await run((page, _request, response) =>
    json(response, page === 1 ? `{"data":[{"id":1,"echo":"${escaped}"}]}` : { data: [] }),
  );
  expect(rows[0]?.echo).toBe("***");
});
