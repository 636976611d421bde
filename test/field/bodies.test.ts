import { gzipSync } from "node:zlib";
import { describe } from "vitest";
import { reply, testConfig } from "../configs/case.fixture.ts";

const type = (contentType: string) => ({ "content-type": contentType });
const posts = (endpoint: object = {}) => ({
  name: "posts",
  endpoint: { paginator: "single_page" as const, ...endpoint },
});

const utf16be = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

describe("A.22: a body is decoded by its charset, when it is", () => {
  const rows = { posts: [{ city: "Zürich €" }] };
  const text = JSON.stringify(rows.posts);

  testConfig("UTF-16LE without a byte order mark", {
    resources: [posts()],
    api: [["GET /posts", reply(200, Buffer.from(text, "utf16le"), type("application/json; charset=utf-16le"))]],
    rows,
  });

  testConfig("UTF-16BE without a byte order mark, declared as UTF-16", {
    resources: [posts()],
    api: [["GET /posts", reply(200, utf16be(text), type("application/json; charset=UTF-16"))]],
    rows,
  });

  testConfig("UTF-16 that the content type does not declare", {
    resources: [posts()],
    api: [["GET /posts", reply(200, Buffer.from(text, "utf16le"))]],
    rows,
  });

  testConfig("UTF-16 with a byte order mark", {
    resources: [posts()],
    api: [["GET /posts", reply(200, utf16be(`\ufeff${text}`))]],
    rows,
  });

  testConfig("ISO-8859-1", {
    resources: [posts()],
    api: [
      ["GET /posts", reply(200, Buffer.from('[{"city":"Zürich"}]', "latin1"), type('text/json; charset="ISO-8859-1"'))],
    ],
    rows: { posts: [{ city: "Zürich" }] },
  });

  testConfig("in an unknown charset, which counts as UTF-8", {
    resources: [posts()],
    api: [["GET /posts", reply(200, text, type("application/json; charset=none"))]],
    rows,
  });

  testConfig("not valid in it, which is an error that names it", {
    resources: [posts()],
    api: [["GET /posts", reply(200, Buffer.from('["\xe9"]', "latin1"), type("application/json; charset=utf-8"))]],
    fails: { posts: /ResponseError: .*the response \(application\/json; charset=utf-8\) is not valid UTF-8/ },
  });
});

describe("B.7: JSON Lines", () => {
  const rows = { posts: [{ id: 1 }, { id: 2 }, { id: 3 }] };

  testConfig("are detected by the content type, each line a row", {
    resources: [posts()],
    api: [["GET /posts", reply(200, '{"id":1}\n{"id":2}\r\n\n{"id":3}', type("application/x-ndjson"))]],
    rows,
  });

  testConfig("are detected by two objects on two lines", {
    resources: [posts()],
    api: [["GET /posts", reply(200, '{"id":1}\n{"id":2}\n{"id":3}\n')]],
    rows,
  });

  testConfig("are read with response_format, and requested by their content type", {
    resources: [posts({ response_format: "jsonl" })],
    api: [
      [
        "GET /posts",
        { headers: { accept: "application/x-ndjson, */*;q=0.1" } },
        reply(200, '{"id":1}\n', type("text/plain")),
      ],
    ],
    rows: { posts: [{ id: 1 }] },
  });

  testConfig("of which the last is incomplete are retried", {
    resources: [posts()],
    api: [
      ["GET /posts", reply(200, '{"id":1}\n{"id":', type("application/x-ndjson"))],
      ["GET /posts", reply(200, '{"id":1}\n{"id":2}\n{"id":3}\n', type("application/x-ndjson"))],
    ],
    rows,
  });

  testConfig("of which one is not JSON are an error that names the line", {
    resources: [posts()],
    api: [["GET /posts", reply(200, '{"id":1}\noops\n{"id":3}', type("application/jsonl"))]],
    fails: { posts: /ResponseError: .*line 2 of the response is not JSON/ },
  });
});

describe("B.7: CSV", () => {
  testConfig("is detected by the content type; an empty field is null, and an empty text in quotes is not", {
    resources: [posts()],
    api: [["GET /posts", reply(200, 'id,note\r\n1,"a ""b"", c"\r\n2,\r\n3,""\r\n', type("text/csv; charset=utf-8"))]],
    rows: {
      posts: [
        { id: "1", note: 'a "b", c' },
        { id: "2", note: null },
        { id: "3", note: "" },
      ],
    },
  });

  testConfig("is read with response_format, and may be separated by semicolons", {
    resources: [posts({ response_format: "csv" })],
    api: [
      [
        "GET /posts",
        { headers: { accept: "text/csv, */*;q=0.1" } },
        reply(200, "id;note;c\n1;a,b;c\n", type("text/plain")),
      ],
    ],
    rows: { posts: [{ id: "1", note: "a,b", c: "c" }] },
  });

  testConfig("keeps columns with equal and with empty names", {
    resources: [posts()],
    api: [["GET /posts", reply(200, "id,id,\n1,2,3\n", type("text/csv"))]],
    rows: { posts: [{ id: "1", id_2: "2", column_3: "3" }] },
  });

  testConfig("that ends inside of quotes is retried", {
    resources: [posts()],
    api: [
      ["GET /posts", reply(200, 'id\n"1', type("text/csv"))],
      ["GET /posts", reply(200, 'id\n"1"', type("text/csv"))],
    ],
    rows: { posts: [{ id: "1" }] },
  });

  testConfig("with a value too many is an error that names the line", {
    resources: [posts()],
    api: [["GET /posts", reply(200, "id\n1\n2,3\n", type("text/csv"))]],
    fails: { posts: /ResponseError: .*is not CSV with "," .*line 3/ },
  });
});

describe("B.7: a first line of CSV that names the delimiter, as Excel writes it,", () => {
  for (const [line, delimiter] of [
    ["sep=;", ";"],
    ['"sep=,"', ","],
    ["SEP=\t", "\t"],
    ["\ufeffsep=^ ", "^"],
  ] as const) {
    testConfig(`is not the header: ${JSON.stringify(line)}`, {
      resources: [posts()],
      api: [
        [
          "GET /posts",
          reply(
            200,
            `${line}\r\n${["id", "a,b"].map((name) => `"${name}"`).join(delimiter)}\r\n1${delimiter}2\r\n`,
            type("text/csv"),
          ),
        ],
      ],
      rows: { posts: [{ id: "1", a_b: "2" }] },
    });
  }

  testConfig("counts as a line in messages", {
    resources: [posts()],
    api: [["GET /posts", reply(200, "sep=;\nid;note\n1;2;3\n", type("text/csv"))]],
    fails: { posts: /is not CSV with ";" .*line 3/ },
  });
});

describe("B.7: an empty line of CSV", () => {
  testConfig("is a row with null between the rows of one column, and none around them", {
    resources: [posts()],
    api: [["GET /posts", reply(200, "\r\nnote\r\na\r\n\r\n\r\nb\r\n\r\n", type("text/csv"))]],
    rows: { posts: [{ note: "a" }, { note: null }, { note: null }, { note: "b" }] },
  });

  testConfig("is skipped in a CSV with several columns", {
    resources: [posts()],
    api: [["GET /posts", reply(200, "id,note\n1,a\n\n2,b\n", type("text/csv"))]],
    rows: {
      posts: [
        { id: "1", note: "a" },
        { id: "2", note: "b" },
      ],
    },
  });
});

describe("B.7: gzip without a header", () => {
  testConfig("is decompressed", {
    resources: [posts()],
    api: [["GET /posts", reply(200, gzipSync('[{"id":1}]'), type("application/gzip"))]],
    rows: { posts: [{ id: 1 }] },
  });

  testConfig("may hold CSV", {
    resources: [posts({ response_format: "csv", headers: { Accept: "application/json" } })],
    api: [["GET /posts", reply(200, gzipSync("id\n1\n"), type("application/octet-stream"))]],
    rows: { posts: [{ id: "1" }] },
  });

  testConfig("is retried when it ends early", {
    resources: [posts()],
    api: [
      ["GET /posts", reply(200, gzipSync('[{"id":1}]').subarray(0, 20))],
      ["GET /posts", reply(200, gzipSync('[{"id":1}]'))],
    ],
    rows: { posts: [{ id: 1 }] },
  });
});

describe("B.7: 204", () => {
  testConfig("is a response without rows", {
    resources: [{ name: "posts", endpoint: { data_selector: "data" } }],
    api: [["GET /posts", reply(204)]],
    rows: { posts: [] },
  });

  testConfig("of a child continues with the parent's next row", {
    resources: [
      posts(),
      { name: "tags", endpoint: { path: "posts/{resources.posts.id}/tags", data_selector: "tags" } },
    ],
    api: [
      ["GET /posts", [{ id: 1 }, { id: 2 }]],
      ["GET /posts/1/tags", reply(204)],
      ["GET /posts/2/tags", { tags: [{ tag: "a" }] }],
    ],
    rows: { posts: [{ id: 1 }, { id: 2 }], tags: [{ tag: "a" }] },
  });
});

describe("C: a body that is not JSON names what is there, and is not retried,", () => {
  for (const [name, body, message] of [
    ["NaN", '[{"amount": NaN}]', "is not JSON at character 13: NaN"],
    ["a trailing comma", '[{"id": 1},]', "is not JSON at character 12: ]"],
    ["single quotes", "{'id': 1}", "is not JSON at character 2: '"],
    [
      "a PHP warning",
      '<br />\n<b>Warning</b>: Undefined index\n[{"id": 1}]',
      'it begins with "<br /> <b>Warning</b>: Undefined index [{\\"id\\": 1}]"',
    ],
  ] as const) {
    testConfig(`when it is ${name}`, {
      resources: [posts()],
      api: [["GET /posts", reply(200, body)]],
      fails: { posts: new RegExp(`ResponseError: .*${message.replaceAll(/[[\]{}\\/]/g, "\\$&")}`) },
    });
  }

  testConfig("but an incomplete one is retried, and the message counts the retries", {
    client: { error_handler: { max_retries: 1 } },
    resources: [posts()],
    api: [
      ["GET /posts", reply(200, '[{"id": 1')],
      ["GET /posts", reply(200, '[{"id": 1')],
    ],
    fails: { posts: /ResponseError: .*is incomplete JSON \(after 1 retry\)/ },
  });
});

testConfig("B.7: an HTML page where CSV is expected is an error, and not rows", {
  resources: [posts({ response_format: "csv" })],
  api: [["GET /posts", { headers: { accept: "text/csv, */*;q=0.1" } }, reply(200, "<!DOCTYPE html>\n<html>\n</html>")]],
  fails: { posts: /ResponseError: .*the response is HTML or XML where CSV is expected/ },
});
