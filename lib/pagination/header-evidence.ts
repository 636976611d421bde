import { asTotal } from "./stop-conditions.ts";

/** A value in a response, or a header, that shows more pages. */
export interface Evidence {
  /** The value and its path, for a message. */
  found: string;
  /** Paginator to write. */
  suggestion: string;
}

/** A header of a response. */
interface Header {
  name: string;
  value: string;
}

/** Headers with the next page, as a cursor or a number. A URL is followed. */
const NEXT = /^(x-)?(\w+-)?next(-?(page|cursor|token|offset|marker|key|start))?$|^(x-)?(\w+-)?continuation(-?token)?$/;
/** Headers with the number of all rows. */
const TOTAL =
  /^(x-)?((wp|pagination|page|paging|result|results|resource|list|collection|api)-)?total(-?(count|results|items|records|rows|elements|hits|entries))?$/;
/** Headers with the number of pages. */
const PAGES = /^(x-)?((wp|pagination|page|paging|result|results)-)?(total-?pages|page-?count|last-?page)$/;
/** A range of rows out of a total: `items 0-24/600`. */
const RANGE = /^(?!bytes)[\w-]+[ =]\d+-\d+\/(\d+)$/;

const NOTHING = /^(|0|-1|null|none|false|undefined)$/i;

/** Returns the number of all rows that a header reports; null for any other header. */
const totalOf = ({ name, value }: Header): number | null => {
  if (name === "content-range") return asTotal(RANGE.exec(value.trim())?.[1]);
  return TOTAL.test(name) ? asTotal(value) : null;
};

const evidenceOf = (header: Header, rows: number): Evidence | null => {
  const { name, value } = header;
  const found = `the header ${name} is ${value.slice(0, 60)}`;
  if (NEXT.test(name) && !NOTHING.test(value.trim())) {
    const parameter = name.endsWith("page") ? "page" : "...";
    return { found, suggestion: `{ type: "header_cursor", cursor_key: "${name}", cursor_param: "${parameter}" }` };
  }
  if (PAGES.test(name) && (asTotal(value) ?? 0) > 1) {
    return { found, suggestion: '{ type: "page_number", base_page: 1, total_path: null }' };
  }
  const total = totalOf(header);
  return total !== null && total > rows
    ? {
        found: `${found}, and the page has ${rows} rows`,
        suggestion: 'a paginator such as { type: "offset", limit: 100 }',
      }
    : null;
};

const headersOf = (headers: Headers): Header[] => [...headers].map(([name, value]) => ({ name, value }));

/** Returns the first header that shows more rows than a page has; null when there is none. */
export const headerEvidence = (headers: Headers, rows: number): Evidence | null => {
  for (const header of headersOf(headers)) {
    const evidence = evidenceOf(header, rows);
    if (evidence !== null) return evidence;
  }
  return null;
};

/** Returns the number of all rows that the headers of a response report; null if they report none. */
export const totalInHeaders = (headers: Headers): number | null => {
  for (const header of headersOf(headers)) {
    const total = totalOf(header);
    if (total !== null) return total;
  }
  return null;
};
