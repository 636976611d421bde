import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { FileFormat } from "../../lib/columns/table-schema.ts";
import { defineSource } from "../../lib/config/index.ts";
import { type ResolvedSource, resolveSource } from "../../lib/config/resolve.ts";
import { validateSource } from "../../lib/config/schema/validate.ts";

/** Rows of each page as JSON, by resource. */
export const PAGES: Record<string, string[][]> = {
  /** Keys with spaces and other characters, empty objects as `[]` like in PHP, columns that appear in later pages. */
  customers: [
    [
      '{"customerId":1,"Contact for Item":"Ann","trialing?":true,"address":{"postalCode":"01099","geo":{"lat":51.05}},"tags":["a",{"b":[1]}],"empty":{},"none":null}',
      '{"customerId":2,"Contact for Item":null,"trialing?":false,"address":[],"tags":[],"empty":{"inner":{}},"none":null}',
    ],
    ['{"customerId":3,"trialing?":1,"address":{"postalCode":1099,"geo":null},"tags":{},"none":[]}'],
    [
      '{"customerId":4,"trialing?":0,"__proto__":{"x":1},"constructor":"c","toString":null,"late":{"column":"2026-11-20T10:00:00+02:00"}}',
      String.raw`{"customerId":5,"line\nin key":"\n\t\"quoted\" \\ \u0000 end","emoji 😀":"😀👩‍👩‍👧","half":"a\ud83d","pairs":["\udc00",{"\ud800":"\ud800x"}]}`,
      "{}",
    ],
    ['{"late":null,"customerId":6,"none":{"at last":"something"},"address":{"geo":{"lat":"north","lon":13}}}'],
    ['{"late":"plain","tags":"one","customerId":"seven","_run_id":"mine","_seq":7,"_extracted_at":"never"}'],
  ],
  /** Keys that are equal after normalisation. */
  names: [
    ['{"a b":1,"a_b":2,"aB":3,"a-b":4,"A B":5}', '{"aB":6,"a_b":"seven"}'],
    ['{"aB":{"c":8},"a_b":{"c":9},"a_b__c":10}', '{"x":{"v_text":"mine"},"x__v_text":"also mine"}'],
    ['{"x":1,"x__v_text":2}', '{"x":"variant","x__v_text":"key","x__v_bigint":[]}'],
    [String.raw`{"a":{"b":"nested"},"a\u0000b":"one key","":"no name"," ":"blank","ü":1,"u":2}`],
    ['{"a_b":11,"aB":12,"A B":13,"a b":14}', '{"a-b":15}'],
  ],
  /** Numbers that exceed 2^53, 64 bits, 38 digits, or the range of a double. */
  numbers: [
    ['{"id":1,"grows":1,"big":9007199254740993,"price":"12.50","ratio":0.1,"flag":true}'],
    ['{"id":2,"grows":2.5,"big":9223372036854775807,"price":12.5,"ratio":1,"flag":1}'],
    [
      '{"id":3,"grows":9007199254740993,"big":-9223372036854775808,"price":99999999999999999999,"ratio":1e400}',
      '{"id":4,"grows":"n/a","big":"9007199254740995","price":null,"ratio":"0.10","flag":0}',
    ],
    ['{"id":5,"grows":1E3,"big":1234567890123456789012345678901234567890,"ratio":5e-324,"flag":"yes"}'],
    ['{"id":6,"grows":-0,"big":"1234567890123456789012345678901234567890","ratio":-0.0,"flag":null}'],
    ['{"id":7,"grows":1e21,"big":1e22,"ratio":1.7976931348623157e308,"flag":false,"price":true}'],
  ],
  /** Integers beyond 64 bits become decimals. DuckDB's JSON reader reads a decimal with a fraction as a double. */
  amounts: [
    [String.raw`{"total":9223372036854775808,"note":"\"total\":17,"}`],
    ['{"total":"12345678901234567890.123456789","note":null}', '{"total":-0.5,"note":"x"}'],
    ['{"total":1e-7,"note":5}', '{"total":"0.1234567891","total amount":1}'],
    [String.raw`{"total":99999999999999999999999999999,"note":"{\"total\":1}"}`, '{"total":null}'],
    ['{"total":100000000000000000000000000000}', '{"total":12345678901234567890123456789012345678}'],
  ],
  times: [
    ['{"at":"2026-11-20T10:00:00Z"}', '{"at":"2026-11-20T10:00:00.123456789+05:30"}'],
    ['{"at":"2026-11-20 10:00"}', '{"at":"2026-12-31T23:30:00-0130"}', '{"at":"2026-11-20"}'],
    ['{"at":"2024-02-29T00:00:00+01"}', '{"at":"2023-02-29T00:00:00Z"}', '{"at":"soon"}'],
    ['{"at":1763632800}', '{"at":"0001-01-01T00:00:00Z"}', '{"at":"9999-12-31T23:59:59.999Z"}'],
    ['{"at":"0001-01-01T00:00:00+01:00"}', '{"at":"1969-12-31T23:59:59,9999Z"}', '{"at":null}'],
    ['{"at":"0000-03-01T00:00:00Z"}', '{"at":"0000-01-01T00:00:00+01:00"}', '{"at":""}'],
  ],
  /** All types that can be declared. Values that are not representable go into variant columns. */
  declared: [
    [
      '{"aText":"x","aBigint":1,"aDouble":1,"aBool":true,"aTimestamp":"2026-11-20","aDate":"2024-02-29","aDecimal":1,"money":"12.50","aJson":{"a":[1]}}',
    ],
    [
      '{"aText":1.50,"aBigint":"12","aDouble":"0.5","aBool":0,"aTimestamp":"2026-11-20T23:00:00-02:00","aDate":"2023-02-29","aDecimal":"12345678901234567890.000000001","money":99999999.99,"aJson":"text"}',
      '{"aText":true,"aBigint":1.5,"aDouble":9007199254740993,"aBool":"true","aTimestamp":0,"aDate":"2024-02-29T00:00:00Z","aDecimal":1e-10,"money":100000000,"aJson":null}',
    ],
    [
      '{"aText":["list"],"aBigint":9223372036854775808,"aDouble":"much","aBool":null,"aTimestamp":"later","aDate":"0000-01-01","aDecimal":"x","money":"0.001","aJson":12345678901234567890}',
      String.raw`{"aText":{"k":1},"aBigint":{},"aDate":"9999-12-31","aJson":["\ud800",{},[],null,1e400,-0,0.1]}`,
    ],
  ],
};

const DECLARED = {
  aText: { data_type: "text" },
  aBigint: { data_type: "bigint" },
  aDouble: { data_type: "double" },
  aBool: { data_type: "bool" },
  aTimestamp: { data_type: "timestamp" },
  aDate: { data_type: "date" },
  aDecimal: { data_type: "decimal" },
  money: { data_type: "decimal", precision: 10, scale: 2 },
  aJson: { data_type: "json" },
} as const;

/** Expected names and types for these rows as NDJSON, written manually, without variants and contested names. */
export const COLUMNS: Record<string, Record<string, string>> = {
  customers: {
    customer_id: "bigint",
    contact_for_item: "text",
    trialingx: "bool",
    address__postal_code: "text",
    address__geo__lat: "double",
    address__geo__lon: "bigint",
    address: "json",
    tags: "json",
    none: "json",
    proto__x: "bigint",
    constructor: "text",
    late__column: "timestamp",
    line_in_key: "text",
    emojix: "text",
    half: "text",
    pairs: "json",
    late: "text",
  },
  names: { a_b: "bigint", x: "bigint", a__b: "text", u: "bigint" },
  numbers: { id: "bigint", grows: "double", big: "bigint", price: "text", ratio: "double", flag: "bool" },
  amounts: { total: "decimal", note: "text", total_amount: "bigint" },
  times: { at: "timestamp" },
  declared: {
    a_text: "text",
    a_bigint: "bigint",
    a_double: "double",
    a_bool: "bool",
    a_timestamp: "timestamp",
    a_date: "date",
    a_decimal: "decimal",
    money: "decimal",
    a_json: "json",
  },
};

/** Starts an API that serves these rows; the first page is 0. */
export const startAwkwardApi = async () => {
  const server = createServer(({ url = "/" }, response) => {
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const rows = PAGES[pathname.slice(1)]?.[Number(searchParams.get("page"))] ?? [];
    response.writeHead(200, { "content-type": "application/json" }).end(`{"data":[${rows.join()}]}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Returns a source that loads this API. */
export const awkwardSource = (base_url: string, file_format: FileFormat, file_max_items: number): ResolvedSource => {
  const source = defineSource(
    {
      name: "awkward",
      client: { base_url, paginator: "page_number" },
      resource_defaults: { endpoint: { data_selector: "data" }, write_disposition: "append", file_format },
      resources: Object.keys(PAGES).map((name) => ({ name, ...(name === "declared" && { columns: DECLARED }) })),
    },
    { file_max_items },
  );
  validateSource("awkward.ts", source);
  return resolveSource(source);
};
