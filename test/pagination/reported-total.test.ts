import { expect, test } from "vitest";
import type { PagePaginator } from "../../lib/config/resolved.ts";
import type { Json } from "../../lib/json/index.ts";
import { reportedRows } from "../../lib/pagination/reported-total.ts";

const offset = { type: "offset", limit: 5, offset: 0, stop_after_empty_page: true };
const pages = { type: "page_number", base_page: 1, page_param: "page", stop_after_empty_page: true };
const link = { type: "json_link", next_url_path: "next" };

test.each<[string, object, Json, number | null]>([
  ["a total of the offset paginator", { ...offset, total_path: "found" }, { found: 12 }, 12],
  ["the default total", offset, { total: "12" }, 12],
  ["a total without the rows before the first offset", { ...offset, offset: 10 }, { total: 12 }, 2],
  ["a total_count, with any paginator", pages, { total_count: 12 }, 12],
  ["a total in an object about the page", link, { meta: { pagination: {}, total: 12 } }, 12],
  ["Django's count", link, { count: 12, next: null, previous: null, results: [] }, 12],
  ["nothing for a total that may count pages", pages, { total: 3 }, null],
  ["nothing for a count that may be that of the page", link, { count: 5, items: [] }, null],
  ["nothing for a total inside of a row or another object", link, { user: { total_count: 3 } }, null],
  ["nothing if the config reads a part", { ...offset, maximum_offset: 10 }, { total: 12 }, null],
  ["nothing if the config starts at a later page", { ...pages, page: 3 }, { total_count: 12 }, null],
])("the number of rows that a response reports is %s", (_, paginator, body, expected) => {
  expect(reportedRows(paginator as PagePaginator, { body, headers: new Headers(), rows: 5 })).toBe(expected);
});
