/**
 * The API of the benchmark, in its own process. Its pages are prepared, and only their ids are written per request, so that
 * the API costs little of the measured time.
 *
 *     GET /<latency>/rows/<pages>/<rows>?page=1       a page with this number of rows, after this many milliseconds
 *     GET /<latency>/parents/<count>/<rows>           all parents on one page
 *     GET /<latency>/parents/<count>/<rows>/<id>      the page with a parent's children
 *
 * All responses are `{"page", "total_pages", "data"}`. The first line on stdout is the URL. It exits with its parent process.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../local/s3/http/listen.ts";
import { FIRST_ID, ID_DIGITS, rowText } from "./rows.ts";

const ROWS_PER_PAGE = 1000;
/** Number of pages that differ in more than their ids. */
const VARIANTS = 5;

/** The rows of a page, and the byte offsets of their ids. */
interface Template {
  rows: Buffer;
  ids: number[];
}

const ID_AT = '{"id":'.length;

const createTemplate = (variant: number, rows: number): Template => {
  const ids: number[] = [];
  let length = 0;
  const texts = Array.from({ length: rows }, (_, index) => {
    const text = rowText(variant * ROWS_PER_PAGE + index);
    ids.push(length + ID_AT);
    length += text.length + 1;
    return text;
  });
  return { rows: Buffer.from(texts.join(",")), ids };
};

const templates = new Map<string, Template>();
const templateOf = (variant: number, rows: number): Template => {
  const key = `${variant} ${rows}`;
  const template = templates.get(key) ?? createTemplate(variant, rows);
  templates.set(key, template);
  return template;
};
for (let variant = 0; variant < VARIANTS; variant += 1) templateOf(variant, ROWS_PER_PAGE);

const bodyOf = (page: number, pages: number, rows: number, first: number): Buffer => {
  const template = templateOf(first % VARIANTS, rows);
  const head = Buffer.from(`{"page":${page},"total_pages":${pages},"data":[`);
  const body = Buffer.concat([head, template.rows, Buffer.from("]}")]);
  for (const [index, at] of template.ids.entries()) {
    body.write(String(FIRST_ID + first * rows + index), head.length + at, ID_DIGITS, "latin1");
  }
  return body;
};

const bodyFor = (kind: string, count: number, rows: number, page: number, id: string | undefined): Buffer | null => {
  if (kind === "rows") return page < 1 || page > count ? null : bodyOf(page, count, rows, page - 1);
  if (kind !== "parents") return null;
  return id === undefined ? bodyOf(1, 1, count, 0) : bodyOf(1, 1, rows, Number(id) - FIRST_ID);
};

const { url } = await listen(0, async (request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://api");
  const [latency, kind = "", count, rows, id] = pathname.slice(1).split("/");
  const body = bodyFor(kind, Number(count), Number(rows), Number(searchParams.get("page") ?? 1), id);
  if (Number(latency) > 0) await sleep(Number(latency));
  if (body === null) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
});
console.log(url);
