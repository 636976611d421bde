import { describe } from "vitest";
import { testConfig } from "../configs/case.fixture.ts";

const users = (endpoint: object, resource: object = {}) => ({
  name: "users",
  endpoint: { paginator: "single_page" as const, ...endpoint },
  ...resource,
});
const keyed = (endpoint: object = {}) => users({ data_selector: "data", key_column: "id", ...endpoint });
const ID_LIKE = 'whose keys look like ids of records: set data_selector: "data" and key_column: "id"';

describe("B.7: records keyed by id", () => {
  testConfig("are a row each, with the key in a column", {
    resources: [users({ data_selector: "data", key_column: "sku" }, { primary_key: "sku" })],
    api: [["GET /users", { data: { "b-1": { name: "bob" }, "a-2": { name: "ann" }, toString: { name: "cy" } } }]],
    rows: {
      users: [
        { sku: "b-1", name: "bob" },
        { sku: "a-2", name: "ann" },
        { sku: "toString", name: "cy" },
      ],
    },
    warns: {},
  });

  testConfig("have their number in the field of that name, if it is the key", {
    resources: [keyed()],
    api: [["GET /users", { data: { "17": { id: 17, n: 10.5 }, "18": { n: 2, id: 18 } } }]],
    rows: {
      users: [
        { id: 17, n: 10.5 },
        { id: 18, n: 2 },
      ],
    },
  });

  testConfig("are an error if a record has another value in that field", {
    resources: [keyed()],
    api: [["GET /users", { data: { "17": { id: 99 } } }]],
    fails: {
      users:
        /ResponseError: .*key_column "id" is a field of a record as well, with another value than its key \(it is a number\): choose another name/,
    },
  });

  testConfig("may be values and lists, which are in the column value", {
    resources: [keyed({ data_selector: "rates", key_column: "currency" })],
    api: [["GET /users", { rates: { EUR: 1, USD: 1.25, XXX: null, YYY: [1] } }]],
    rows: {
      users: [
        { currency: "EUR", value: 1, value__v_json: null },
        { currency: "USD", value: 1.25, value__v_json: null },
        { currency: "XXX", value: null, value__v_json: null },
        { currency: "YYY", value: null, value__v_json: "[1]" },
      ],
    },
  });

  testConfig("may be the whole response, and follow one another page by page until there is none", {
    resources: [keyed({ data_selector: "$", paginator: { type: "page_number", base_page: 1 } })],
    api: [
      ["GET /users?page=1", { a: { n: 1 }, b: { n: 2 } }],
      ["GET /users?page=2", { c: { n: 3 } }],
      ["GET /users?page=3", {}],
    ],
    rows: {
      users: [
        { id: "a", n: 1 },
        { id: "b", n: 2 },
        { id: "c", n: 3 },
      ],
    },
  });

  for (const [name, data] of [
    ["an empty object", {}],
    ["an empty list, as PHP writes an empty object", []],
    ["null", null],
  ] as const) {
    testConfig(`have no rows in ${name}`, {
      resources: [keyed()],
      api: [["GET /users", { data }]],
      rows: { users: [] },
    });
  }

  testConfig("may be at several places", {
    resources: [keyed({ data_selector: "groups[*].members" })],
    api: [["GET /users", { groups: [{ members: { a: { n: 1 } } }, { members: [] }, { members: { b: { n: 2 } } }] }]],
    rows: {
      users: [
        { id: "a", n: 1 },
        { id: "b", n: 2 },
      ],
    },
  });

  testConfig("have no rows where the key of the object is left out, with on_missing_data", {
    resources: [keyed({ on_missing_data: "empty" })],
    api: [["GET /users", { kind: "map" }]],
    rows: { users: [] },
  });

  for (const [name, data, found] of [
    ["a list", [{ id: 1 }], "a list, whose items have no keys"],
    ["a string", "busy", "a string"],
  ] as const) {
    testConfig(`are an error in ${name}`, {
      resources: [keyed()],
      api: [["GET /users", { data }]],
      fails: {
        users: new RegExp(`ResponseError: .*an object of records at data_selector "data" \\(it is ${found}\\)`),
      },
    });
  }

  testConfig("without key_column are one row with a warning", {
    resources: [users({ data_selector: "data" })],
    api: [["GET /users", { data: { "17": { name: "ann" }, "18": { name: "bob" } } }]],
    rows: { users: [{ _17__name: "ann", _18__name: "bob" }] },
    warns: { users: [/^the object at data_selector "data" is one row, although .* key_column: "id" makes each/] },
  });

  testConfig("without key_column and data_selector are an error, instead of the first list in one of them", {
    resources: [users({})],
    api: [["GET /users", { data: { "17": { orders: [{ no: 1 }] }, "18": { orders: [{ no: 2 }] } } }]],
    fails: { users: new RegExp(`ResponseError: .*${ID_LIKE} to load each record as a row`) },
  });

  testConfig("without key_column and data_selector are an error, instead of one row", {
    resources: [users({ on_missing_data: "empty" })],
    api: [["GET /users", { data: { ABC: { ticker: "ABC" }, DEF: { ticker: "DEF" } }, time: 1 }]],
    fails: { users: new RegExp(`ResponseError: .*${ID_LIKE}`) },
  });

  testConfig("are not what an object of objects is: it is one row, without a warning", {
    resources: [users({ data_selector: "data" }), { name: "one", endpoint: { paginator: "single_page" } }],
    api: [
      ["GET /users", { data: { billing: { city: "A" }, shipping: { city: "B" } } }],
      ["GET /one", { id: 1, prices: { "2024": { eur: 1 } } }],
    ],
    rows: {
      users: [{ billing__city: "A", shipping__city: "B" }],
      one: [{ id: 1, prices___2024__eur: 1 }],
    },
    warns: {},
  });
});
