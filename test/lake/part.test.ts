import { createGunzip, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { createPartBuffer } from "../../lib/lake/part.ts";

const lines = (first: number, count: number) =>
  Array.from(
    { length: count },
    (_, index) => `{"id":${first + index},"name":"Größe ${"x".repeat(index % 50)}"}\n`,
  ).join("");

test("what was added is read back by any gunzip, line by line", async () => {
  const buffer = createPartBuffer();
  await buffer.add(lines(1, 3), 3, 0);
  await buffer.add(lines(4, 2), 2, 0);
  const text = gunzipSync(await buffer.finish()).toString();
  expect(text).toBe(lines(1, 3) + lines(4, 2));
  expect(
    text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id),
  ).toEqual([1, 2, 3, 4, 5]);
});

test("equal rows give equal bytes, whenever they are written", async () => {
  const write = async (now: number) => {
    const buffer = createPartBuffer();
    for (let page = 0; page < 20; page++) await buffer.add(lines(page * 100, 100), 100, now + page);
    return buffer.finish();
  };
  const [one, other] = [await write(0), await write(1_700_000_000_000)];
  expect(Buffer.compare(one, other)).toBe(0);
  // Bytes 4 to 7 of a gzip are its time.
  expect(Buffer.from(one).readUInt32LE(4)).toBe(0);
});

test("it counts rows and bytes before compression, and knows when its first row came", async () => {
  const buffer = createPartBuffer();
  expect(buffer).toMatchObject({ rows: 0, bytes: 0, opened_at: null });
  await buffer.add("", 0, 5);
  await buffer.add('{"a":"ü"}\n', 1, 7);
  await buffer.add('{"a":"u"}\n', 1, 9);
  expect(buffer).toMatchObject({ rows: 2, bytes: 21, opened_at: 5 });
  buffer.discard();
});

test("finishing twice gives the same part", async () => {
  const buffer = createPartBuffer();
  await buffer.add(lines(1, 10), 10, 0);
  expect(await buffer.finish()).toBe(await buffer.finish());
});

test("a part with no rows is a gzip of no bytes", async () => {
  expect(gunzipSync(await createPartBuffer().finish())).toHaveLength(0);
});

test("more than the stream buffers at once arrives whole", async () => {
  const buffer = createPartBuffer();
  const noise = Array.from({ length: 40_000 }, (_, n) => `{"n":"${Math.sin(n)}"}\n`).join("");
  for (let n = 0; n < 3; n++) await buffer.add(noise, 40_000, 0);
  const gunzip = createGunzip();
  gunzip.end(await buffer.finish());
  let text = "";
  for await (const chunk of gunzip) text += chunk;
  expect(text).toBe(noise.repeat(3));
});
