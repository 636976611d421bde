/**
 * Subject: the minimum work to get rows from the API into gzipped JSON lines, in one loop: fetch, parse, stringify each row,
 * gzip, write. It has no types, no retries, no schema, and a crash leaves an incomplete file.
 */
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { measureWork, pathOf, readLoad } from "./load.ts";

const load = readLoad();

await measureWork(async () => {
  const gzip = createGzip({ level: 6 });
  const written = pipeline(gzip, createWriteStream(join(load.out, "rows.json.gz")));
  let rows = 0;
  let pages = 1;
  for (let page = 1; page <= pages; page += 1) {
    const response = await fetch(`${load.api}/${pathOf(load)}?page=${page}`);
    const { total_pages, data } = JSON.parse(await response.text()) as { total_pages: number; data: object[] };
    pages = total_pages;
    rows += data.length;
    let lines = "";
    for (const row of data) lines += `${JSON.stringify(row)}\n`;
    if (!gzip.write(lines)) await once(gzip, "drain");
  }
  gzip.end();
  await written;
  return rows;
});
