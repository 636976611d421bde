import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { MAX_RESPONSE_BYTES } from "../../lib/config/defaults.ts";
import { readBody } from "../../lib/http/body.ts";
import { type Json, stringifyJson } from "../../lib/json/index.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { json, type Responder } from "./server.ts";

const body =
  (content: string | Buffer, headers: Record<string, string> = { "content-type": "application/json" }): Responder =>
  (_, response) =>
    response.writeHead(200, headers).end(content);

/** Returns the body that the client reads from one response. */
const bodyOf = async (respond: Responder) => {
  await using api = await startClient(respond);
  return (await api.get()).body;
};
const errorOf = async (respond: Responder) => {
  await using api = await startClient(respond, { error_handler: { max_retries: 1 } });
  const error = await rejection(api.get());
  return { error, requests: api.seen.length };
};

describe("a response that is not JSON fails without retries", () => {
  test.each([
    [
      "an HTML page",
      body("<!doctype html><p>Sign in</p>", { "content-type": "text/html" }),
      '(text/html, it begins with "<!doctype html><p>Sign in</p>")',
    ],
    ["an HTML page with the content type of JSON", body("<html>"), '(application/json, it begins with "<html>")'],
    ["an empty body", body(""), "(an empty body)"],
    ["white space", body(" \r\n\t"), "(an empty body)"],
    ["text without a type", body("OK", {}), '(no content type, it begins with "OK")'],
    ["XML", body("<rows/>", { "content-type": "application/xml" }), '(application/xml, it begins with "<rows/>")'],
    ["NaN, as Python writes it", body("NaN"), '(application/json, it begins with "NaN")'],
  ])("when it is %s", async (_, respond, found) => {
    const { error, requests } = await errorOf(respond);
    expect(error).toMatchObject({
      name: "ResponseError",
      message: `the response is not JSON ${found}: check base_url and path`,
    });
    expect(requests).toBe(1);
  });

  test.each([
    ["Latin-1", Buffer.from('{"city":"Zürich"}', "latin1")],
    ["half a character at the end", Buffer.from('"é"').subarray(0, 2)],
    ["a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
  ])("when it is %s, which is not UTF-8", async (_, bytes) => {
    const { error, requests } = await errorOf(body(bytes));
    expect(error).toMatchObject({
      name: "ResponseError",
      message: "the response (application/json) is not valid UTF-8: check base_url and path",
    });
    expect(requests).toBe(1);
  });
});

describe("an incomplete JSON body is retried", () => {
  test.each([
    ["an object", body('{"rows":[{"id":1}')],
    ["a list", body("[1,2")],
    ["a list after white space", body("\n  [1,")],
    [
      "a gzip that ends early",
      body(gzipSync("[".padEnd(9999, "1,2,")).subarray(0, 30), { "content-encoding": "gzip" }),
    ],
  ])("when it is %s", async (_, respond) => {
    const { error, requests } = await errorOf(respond);
    expect(error).toMatchObject({ name: "ResponseError", message: "the response is incomplete JSON (after 1 retry)" });
    expect(requests).toBe(2);
  });
});

describe("a JSON body", () => {
  test("may start with a byte order mark", async () => {
    expect(await bodyOf(body('\ufeff{"a":"ü"}'))).toEqual({ a: "ü" });
  });

  test("keeps characters that arrive in two chunks", async () => {
    const bytes = Buffer.from('["ü€😀"]');
    const respond: Responder = async (_, response) => {
      response.writeHead(200);
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      response.end();
    };
    expect(await bodyOf(respond)).toEqual(["ü€😀"]);
  });

  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9007199254740993", -9007199254740993n],
    ["12345678901234567890123456789", 12345678901234567890123456789n],
    ["0.1234567890123456789", 0.12345678901234568],
    ["1234567890123456.5", 1234567890123456.5],
    ['"9007199254740993"', "9007199254740993"],
  ])("keeps the digits of %s", async (text, value) => {
    const rows = (await bodyOf(body(`[{"id":${text}}]`))) as [{ id: Json }];
    expect(rows[0].id).toBe(value);
    expect(stringifyJson(rows)).toBe(`[{"id":${text}}]`);
  });

  test("keeps the sign of -0", async () => {
    expect(await bodyOf(body('[{"id":-0}]'))).toEqual([{ id: -0 }]);
  });

  test("keeps all other values next to a long number", async () => {
    expect(await bodyOf(body('{"a":9007199254740993,"b":[1,1.5,null,"x",true],"c":{"__proto__":{"d":2}}}'))).toEqual(
      JSON.parse('{"a":0,"b":[1,1.5,null,"x",true],"c":{"__proto__":{"d":2}}}', (key, value) =>
        key === "a" ? 9007199254740993n : value,
      ),
    );
  });

  test.each(["1", "9007199254740993"])("may have keys like __proto__ and constructor, next to %s", async (number) => {
    const text = `{"__proto__":{"polluted":${number}},"constructor":{"prototype":{"polluted":1}}}`;
    const value = (await bodyOf(body(text))) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__", "constructor"]);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test("is decompressed from gzip and brotli", async () => {
    const text = JSON.stringify({ rows: Array.from({ length: 999 }, (_, id) => ({ id })) });
    expect(await bodyOf(body(gzipSync(text), { "content-encoding": "gzip" }))).toEqual(JSON.parse(text));
    expect(await bodyOf(body(brotliCompressSync(text), { "content-encoding": "br" }))).toEqual(JSON.parse(text));
  });
});

describe("the limit on the size of a body", () => {
  const stream = (...sizes: number[]) => ReadableStream.from(sizes.map((size) => new Uint8Array(size)));

  test("allows exactly that many bytes, in any number of chunks", async () => {
    expect(await readBody(stream(4, 0, 6), 10)).toHaveLength(10);
    expect(await readBody(null, 10)).toHaveLength(0);
  });

  test.each([[[11]], [[4, 6, 1]]])("fails at one byte more (%j), and reads no further chunk", async (sizes) => {
    let taken = 0;
    const source = async function* () {
      for (const size of [...sizes, 1, 1]) {
        taken++;
        yield new Uint8Array(size);
      }
    };
    const error = await rejection(readBody(ReadableStream.from(source()), 10));
    expect(error).toMatchObject({
      name: "ResponseError",
      message: "the response is larger than 10 bytes after decompression: request smaller pages",
    });
    expect(taken).toBeLessThanOrEqual(sizes.length + 1);
  });

  test("counts the bytes that a small gzip expands to, fails without retries, and closes the connection", async () => {
    const bomb = gzipSync(Buffer.alloc(MAX_RESPONSE_BYTES + 1, " "), { level: 1 });
    expect(bomb.length).toBeLessThan(MAX_RESPONSE_BYTES / 100);
    await using api = await startClient(body(bomb, { "content-encoding": "gzip" }));
    expect(await rejection(api.get())).toMatchObject({
      name: "ResponseError",
      message: expect.stringMatching(/^the response is larger than 67108864 bytes after decompression/),
    });
    expect(api.seen).toHaveLength(1);
  });

  test("applies to a body that never ends", async () => {
    let closed = () => {};
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    await using api = await startClient((_, response) => {
      const flood = () => {
        while (response.write(Buffer.alloc(1 << 20, " ")));
      };
      response.on("drain", flood).on("close", closed);
      flood();
    });
    expect(await rejection(api.get())).toMatchObject({ name: "ResponseError" });
    await gone;
  });

  test("applies to the body of an error", async () => {
    await using api = await startClient((_, response) =>
      response
        .writeHead(500, { "content-encoding": "gzip" })
        .end(gzipSync(Buffer.alloc(MAX_RESPONSE_BYTES + 1), { level: 1 })),
    );
    expect(await rejection(api.get())).toMatchObject({ name: "ResponseError" });
  });
});

test("a message quotes at most 200 characters of an error page, on one line", async () => {
  await using api = await startClient((_, response) => json(response, `line\n${"long ".repeat(500)}`, 404));
  const { message } = (await rejection(api.get())) as Error;
  expect(message).toMatch(/^the API returned 404: .{200}$/);
});
