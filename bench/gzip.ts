/**
 * Subject: compresses JSON lines like `lib/parts/json.ts`. Arguments: the level, and the number of pages of 1,000 rows. The
 * `rows` of its sample are the compressed bytes, by which levels are compared.
 */
import { once } from "node:events";
import process from "node:process";
import { createGzip } from "node:zlib";
import { measureWork } from "./load.ts";
import { rowText } from "./rows.ts";

const [level, pages] = process.argv.slice(2).map(Number);
const lines = Array.from({ length: 5 }, (_, page) =>
  Buffer.from(Array.from({ length: 1000 }, (_row, row) => `${rowText(page * 1000 + row)}\n`).join("")),
);

await measureWork(async () => {
  const gzip = createGzip({ level, chunkSize: 256 * 1024 });
  let bytes = 0;
  gzip.on("data", (chunk: Buffer) => {
    bytes += chunk.byteLength;
  });
  for (let page = 0; page < (pages ?? 0); page++) {
    await new Promise<void>((resolve) => gzip.write(lines[page % lines.length], () => resolve()));
  }
  await once(gzip.end(), "end");
  return bytes;
});
