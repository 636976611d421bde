import { describe, expect, test } from "vitest";
import { reply } from "../configs/conversation.fixture.ts";
import { runDaily } from "./daily-runs.fixture.ts";

/** Returns the API's response with these rows, as text, which keeps the number literals. */
const rowsText = (...rows: string[]) => reply(200, `[${rows.join(",")}]`, { "content-type": "application/json" });
const things = (more: object = {}) => ({ resources: [{ name: "things", ...more }] });
const AMOUNTS = "select amount, typeof(amount) from shop.things order by _run_id, _seq";
const FORMATS = ["jsonl", "parquet"] as const;

describe.each(FORMATS)("A.19: the types of columns, as %s", (file_format) => {
  test("a number with a point or exponent is a double, whatever its value", async () => {
    const api = { "/things": rowsText('{"amount":0.0}', '{"amount":10.0}', '{"amount":1e3}') };
    const more = { "/things": rowsText('{"amount":2.5}') };
    const [first, second] = await runDaily(things({ file_format }), [{ api }, { api: more }], AMOUNTS);
    const expected = [0, 10, 1000].map((amount) => [amount, "DOUBLE"]);
    expect(first?.table).toEqual(expected);
    expect(second?.table).toEqual([...expected, [2.5, "DOUBLE"]]);
    expect(second?.warnings).toEqual({});
  });

  test("integers and fractions in one part are doubles, in any order", async () => {
    const api = { "/things": rowsText('{"amount":0}', '{"amount":1.5}', '{"amount":3}', '{"amount":4.5}') };
    const [run] = await runDaily(things({ file_format }), [{ api }], AMOUNTS);
    expect(run?.table).toEqual([0, 1.5, 3, 4.5].map((amount) => [amount, "DOUBLE"]));
  });
});

test("A.19: fractions that come after a Parquet file of integers go to a variant, with a warning that names the cure", async () => {
  const runs = [
    { api: { "/things": rowsText('{"amount":1}') } },
    { api: { "/things": rowsText('{"amount":2.5}', '{"amount":3}') } },
  ];
  const config = things({ file_format: "parquet" });
  const [, second] = await runDaily(
    config,
    runs.slice(0, 2),
    "select columns('amount.*') from shop.things order by _run_id, _seq",
  );
  expect(second?.warnings).toEqual({
    things: [
      'amount is bigint in the Parquet files of the table, and fractions came later (they are in amount__v_double, and null in amount). Declare it, columns: { amount: { data_type: "double" } }, with another table_name: files keep their types',
    ],
  });
  expect(second?.table).toEqual([
    [1n, null],
    [null, 2.5],
    [3n, null],
  ]);
});

describe.each(FORMATS)("A.20 and E.2: declared types convert, as %s", (file_format) => {
  test("epoch numbers, words and numeric text become times, days, bools and numbers", async () => {
    const columns = {
      seen: { data_type: "timestamp" },
      day: { data_type: "date" },
      ok: { data_type: "bool" },
      count: { data_type: "bigint" },
      rate: { data_type: "double" },
    } as const;
    const api = {
      "/things": rowsText(
        '{"seen":1700000000,"day":1700000000,"ok":"true","count":"7","rate":"1.50"}',
        '{"seen":1700000000123,"day":1700000000123,"ok":0,"count":" 08 ","rate":"1e3"}',
        '{"seen":1700000000123456,"day":"20231114","ok":"no","count":9.0,"rate":2}',
        '{"seen":"20231114T221320Z","day":20231114,"ok":true,"count":10,"rate":3.5}',
      ),
    };
    const [run] = await runDaily(
      things({ file_format, columns }),
      [{ api }],
      "select epoch_ms(seen), cast(day as text), ok, count, rate from shop.things order by _seq",
    );
    expect(run?.table).toEqual([
      [1700000000000n, "2023-11-14", true, 7n, 1.5],
      [1700000000123n, "2023-11-14", false, 8n, 1000],
      [1700000000123n, "2023-11-14", false, 9n, 2],
      [1700000000000n, "2023-11-14", true, 10n, 3.5],
    ]);
    expect(run?.warnings).toEqual({});
  });
});

test.each([
  ["seconds", "1700000000", "2023-11-14 22:13:20.000"],
  ["milliseconds", "1700000000123", "2023-11-14 22:13:20.123"],
  ["microseconds", "1700000000123456", "2023-11-14 22:13:20.123"],
  ["seconds with a fraction", "1700000000.5", "2023-11-14 22:13:20.500"],
  ["seconds in text", '"1700000000"', "2023-11-14 22:13:20.000"],
  ["the day before 1970", "-86400", "1969-12-31 00:00:00.000"],
  ["zero", "0", "1970-01-01 00:00:00.000"],
])("A.20: declared timestamp and date over %s are the time", async (_unit, epoch, time) => {
  const columns = { seen: { data_type: "timestamp" }, day: { data_type: "date" } } as const;
  const [run] = await runDaily(
    things({ columns }),
    [{ api: { "/things": rowsText(`{"seen":${epoch},"day":${epoch}}`) } }],
    "select strftime(seen, '%Y-%m-%d %H:%M:%S.%g'), cast(day as text) from shop.things",
  );
  expect(run?.table).toEqual([[time, time.slice(0, 10)]]);
  expect(run?.warnings).toEqual({});
});

test("A.20: values that a declared type cannot represent are a warning", async () => {
  const api = { "/things": rowsText('{"seen":1700000000}', '{"seen":"soon"}') };
  const [run] = await runDaily(
    things({ columns: { seen: { data_type: "timestamp" } } }),
    [{ api }],
    "select epoch_ms(seen), seen__v_text from shop.things order by _seq",
  );
  expect(run?.table).toEqual([
    [1700000000000n, null],
    [null, "soon"],
  ]);
  expect(run?.warnings.things).toEqual([
    "values of seen do not fit its declared type timestamp (they are in seen__v_text, and null in seen): declare another data_type in columns, or convert them in processing_steps",
  ]);
});

test.each(FORMATS)("A.21: a declared decimal keeps all digits of a JSON number, as %s", async (file_format) => {
  const api = {
    "/things": rowsText('{"price":1234567890.123456789}', '{"price":12345678901234567890.5}', '{"price":10.0}'),
  };
  const columns = { price: { data_type: "decimal" } } as const;
  const [run] = await runDaily(
    things({ file_format, columns }),
    [{ api }],
    "select cast(price as text) from shop.things order by _seq",
  );
  const digits = ["1234567890.123456789", "12345678901234567890.500000000", "10.000000000"];
  // DuckDB reads numbers of JSON as doubles.
  if (file_format === "parquet") expect(run?.table.flat()).toEqual(digits);
  expect(run?.warnings).toEqual({});
});

test("A.21: digits stay through processing steps, and in JSON columns", async () => {
  const api = { "/things": rowsText('{"list":[{"price":12345678901234567.89}],"amount":10.0}') };
  const [run] = await runDaily(
    things({ processing_steps: [{ map: (row: object) => ({ ...row, seen: true }) }] }),
    [{ api }],
    "select list, typeof(amount) from shop.things",
  );
  expect(run?.table).toEqual([['[{"price":12345678901234567.89}]', "DOUBLE"]]);
});

describe("A.22 and E.3: rows that are not objects", () => {
  const values = things({ endpoint: { path: "things", paginator: "single_page" as const } });

  test("have one column, value", async () => {
    const api = { "/things": [{ value: "a" }, "b", [1, 2], null] };
    const [run] = await runDaily(values, [{ api }], "select value, value__v_json from shop.things order by _seq");
    expect(run?.table).toEqual([
      ["a", null],
      ["b", null],
      [null, "[1,2]"],
      [null, null],
    ]);
  });

  test("are parents of other resources", async () => {
    const config = {
      resources: [{ name: "ids" }, { name: "things", endpoint: { path: "ids/{resources.ids.value}" } }],
    };
    const api = { "/ids": [7, 8], "/ids/7": { name: "seven" }, "/ids/8": { name: "eight" } };
    const [run] = await runDaily(config, [{ api }], "select name from shop.things order by all");
    expect(run?.failures).toEqual({});
    expect(run?.table).toEqual([["eight"], ["seven"]]);
  });

  test("that are null among objects are a warning", async () => {
    const api = { "/things": { data: [{ id: 1 }, null] } };
    const [run] = await runDaily(values, [{ api }], "select id from shop.things order by _seq");
    expect(run?.table).toEqual([[1n], [null]]);
    expect(run?.warnings.things).toEqual([
      'the list at "data" has null among its rows, which is stored as a row without values: data_selector "data[?@ != null]" skips it',
    ]);
  });
});

test("A.19: a field of the parent keeps the type that its literal has", async () => {
  const config = {
    resources: [
      { name: "carts" },
      { name: "things", endpoint: { path: "carts/{resources.carts.id}" }, include_from_parent: ["price"] },
    ],
  };
  const api = { "/carts": rowsText('{"id":1,"price":10.0}'), "/carts/1": [{ name: "a" }] };
  const [run] = await runDaily(config, [{ api }], "select _carts_price, typeof(_carts_price) from shop.things");
  expect(run?.table).toEqual([[10, "DOUBLE"]]);
});

test("A.19: schema_contract keeps a bigint column a bigint, which 10.0 fits", async () => {
  const config = things({ schema_contract: { columns: "evolve", data_type: "freeze", tables: "evolve" } });
  const runs = [{ api: { "/things": rowsText('{"amount":1}') } }, { api: { "/things": rowsText('{"amount":10.0}') } }];
  const [, second] = await runDaily(config, runs, AMOUNTS);
  expect(second?.failures).toEqual({});
  expect(second?.table).toEqual([
    [1n, "BIGINT"],
    [10n, "BIGINT"],
  ]);
});
