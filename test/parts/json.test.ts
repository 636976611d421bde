import { createGunzip, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { TableColumn } from "../../lib/columns/table-schema.ts";
import { createJsonPart } from "../../lib/parts/json.ts";
import type { Cells } from "../../lib/rows/shape.ts";

const COLUMNS: TableColumn[] = [
  { name: "id", data_type: "bigint", nullable: true },
  { name: "name", data_type: "text", nullable: true },
];
const createPart = () => createJsonPart(COLUMNS);

const cells = (first: number, count: number): Cells[] =>
  Array.from({ length: count }, (_, index) => [String(first + index), `Größe "${"x".repeat(index % 50)}"\n`]);
const lines = (rows: Cells[]) => rows.map(([id, name]) => `{"id":${id},"name":${JSON.stringify(name)}}\n`).join("");

test("a part is gzipped NDJSON with one line per row", async () => {
  const part = createPart();
  await part.add(cells(1, 3), 0);
  await part.add(cells(4, 2), 0);
  const text = gunzipSync(await part.finish()).toString();
  expect(text).toBe(lines(cells(1, 3)) + lines(cells(4, 2)));
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id),
  ).toEqual([1, 2, 3, 4, 5]);
});

test("cells of numeric and boolean types are JSON values, cells of other types are strings, and empty cells are null", async () => {
  const types = ["text", "bigint", "double", "bool", "timestamp", "date", "decimal", "json"] as const;
  const part = createJsonPart(types.map((data_type) => ({ name: data_type, data_type, nullable: true })));
  const values = ["7", "7", "7.5", "true", "2026-11-20 09:00:00.000", "2026-11-20", "12.50", "[1]"];
  await part.add([values, values.map(() => null)], 0);
  expect(gunzipSync(await part.finish()).toString()).toBe(
    '{"text":"7","bigint":7,"double":7.5,"bool":true,"timestamp":"2026-11-20 09:00:00.000","date":"2026-11-20","decimal":12.50,"json":"[1]"}\n' +
      '{"text":null,"bigint":null,"double":null,"bool":null,"timestamp":null,"date":null,"decimal":null,"json":null}\n',
  );
});

test("equal rows give equal bytes, at any time", async () => {
  const write = async (now: number) => {
    const part = createPart();
    for (let page = 0; page < 20; page++) await part.add(cells(page * 100, 100), now + page);
    return part.finish();
  };
  const [one, other] = [await write(0), await write(1_700_000_000_000)];
  expect(Buffer.compare(one, other)).toBe(0);
  // Bytes 4 to 7 of a gzip are its timestamp.
  expect(Buffer.from(one).readUInt32LE(4)).toBe(0);
});

test("a part counts rows and bytes before compression, and records the time of its first row", async () => {
  const part = createJsonPart([{ name: "a", data_type: "text", nullable: true }]);
  expect(part).toMatchObject({ rows: 0, bytes: 0, opened_at: null });
  await part.add([], 5);
  expect(part).toMatchObject({ rows: 0, bytes: 0, opened_at: null });
  await part.add([["ü"]], 7);
  await part.add([["u"]], 9);
  expect(part).toMatchObject({ rows: 2, bytes: 21, opened_at: 7 });
  part.discard();
});

test("a part that is finished twice is the same part", async () => {
  const part = createPart();
  await part.add(cells(1, 10), 0);
  expect(await part.finish()).toBe(await part.finish());
});

test("a part without rows is an empty gzip", async () => {
  expect(gunzipSync(await createPart().finish())).toHaveLength(0);
});

test("a part larger than the buffer of the stream is complete", async () => {
  const part = createPart();
  const noise = Array.from({ length: 40_000 }, (_, n): Cells => [String(n), String(Math.sin(n))]);
  for (let n = 0; n < 3; n++) await part.add(noise, 0);
  const gunzip = createGunzip();
  gunzip.end(await part.finish());
  let text = "";
  for await (const chunk of gunzip) text += chunk;
  expect(text).toBe(lines(noise).repeat(3));
});

test("lines wait until the lines before them are compressed, so that memory does not grow with the rows", async () => {
  const part = createPart();
  const page = Array.from({ length: 200 }, (_, index): Cells => [String(index), "x".repeat(10_000)]);
  const before = process.memoryUsage().arrayBuffers;
  let max = 0;
  for (let pages = 0; pages < 60; pages++) {
    await part.add(page, 0);
    max = Math.max(max, process.memoryUsage().arrayBuffers - before);
  }
  await part.finish();
  // Of 120 MB, one page is being compressed, one page waits, and some memory is not collected yet.
  expect(max).toBeLessThan(60e6);
});
