import { describe, expect, test } from "vitest";
import { firstRun } from "../../cli/check/request-line.ts";
import { SYSTEM_COLUMNS } from "../../lib/columns/table-schema.ts";
import { incrementalState } from "../../lib/lake/incremental-state.ts";
import { manifestDocument } from "../../lib/lake/manifest.ts";
import { runRecord } from "../../lib/lake/run-record.ts";
import { schemaDocument } from "../../lib/lake/schemas.ts";
import type { StoredDocument } from "../../lib/lake/stored-document.ts";
import { reportDocument } from "../../lib/report/history.ts";
import { resourceReport, runReport } from "../report/report.fixture.ts";
import { RUN_ID } from "./lake.fixture.ts";
import { manifestOf } from "./manifest.fixture.ts";

type JsonDocument = Record<string, unknown>;

const MANIFEST_KEY = `manifests/shop/orders/${RUN_ID}-orders.json`;
const cursors = { "": { value: "2026-01-01", hashes: ["a"] } };

/** Valid documents, by the words of a test title. */
const DOCUMENTS: [string, StoredDocument<unknown>, object][] = [
  [
    "manifest",
    manifestDocument(MANIFEST_KEY, { source: "shop" }),
    manifestOf({
      ...{ resource: "orders", table: "orders", run_id: RUN_ID, cursors },
      reported_rows: 2,
      dedup_sort: { column: "at", order: "desc" },
      parts: [{ key: "data/shop/orders/1", rows: 2 }],
    }),
  ],
  [
    "schema",
    schemaDocument("shop", "orders"),
    {
      version: 1,
      file_formats: ["jsonl"],
      columns: SYSTEM_COLUMNS,
      history: [{ version: 1, run_id: RUN_ID, changed_at: "2026-11-20T09:00:00Z", added: [], changed: [] }],
    },
  ],
  ["incremental state", incrementalState("shop", "orders"), { version: 1, run_id: RUN_ID, cursors }],
  [
    "run record",
    runRecord("shop"),
    {
      ...firstRun(),
      window: { start: 1, end: 2 },
      incremental: { orders: cursors },
      lease: { owner: "a", expires_at: "2026-11-20T09:00:00Z" },
      rate: { at: 1, requests: 1 },
    },
  ],
  ["report", reportDocument("shop", "reports/shop/latest.json"), runReport({ resources: [resourceReport("orders")] })],
];

/** Returns the message of the error for this content; null if it is accepted. */
const messageFor = ({ parse }: StoredDocument<unknown>, content: string): string | null => {
  try {
    parse(content);
    return null;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
};

/** Returns copies of a document in each of which one value, at any depth, has another type. */
const withWrongTypes = (value: unknown): unknown[] => {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => withWrongTypes(item).map((wrong) => value.with(index, wrong)));
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    [Symbol.for("wrong"), ...withWrongTypes(item)].map((wrong) => ({
      ...value,
      [key]: typeof wrong === "symbol" ? (typeof item === "object" ? 7 : { wrong: item }) : wrong,
    })),
  );
};

describe.each(DOCUMENTS)("a damaged %s", (_kind, document, valid) => {
  const text = JSON.stringify(valid);

  const expectNamed = (content: string) => {
    const message = messageFor(document, content);
    expect(message, content).toMatch(/^(Checkpoint|SchemaContract)Error: shop.* is corrupt \(.+\): (delete|restore) /);
    expect(message).toContain(document.key);
  };

  test("is accepted when it is whole", () => {
    expect(messageFor(document, text)).toBeNull();
  });

  test("is a named error with its key and what to do when it is cut off, empty or other JSON", () => {
    for (let length = 0; length < text.length; length += 7) expectNamed(text.slice(0, length));
    for (const content of ["null", "[]", "1", '"text"', "{}", "[{}]", '{"version":1}', "<Error/>"])
      expectNamed(content);
  });
});

/** Documents that runs depend on. Only those values of a report are checked that later reports contain. */
const REQUIRED = DOCUMENTS.filter(([kind]) => kind !== "report");

test.each(REQUIRED)("a %s without a required key is a named error", (_kind, document, valid) => {
  for (const key of Object.keys(valid).filter((name) => name !== "rate")) {
    const { [key]: _removed, ...rest } = valid as JsonDocument;
    expect(messageFor(document, JSON.stringify(rest)), key).toMatch(/expected .*, got nothing/);
  }
});

test.each(REQUIRED)("any value of another type makes a %s a named error", (_kind, document, valid) => {
  const wrong = withWrongTypes(valid);
  expect(wrong.length).toBeGreaterThan(4);
  for (const value of wrong) expect(messageFor(document, JSON.stringify(value)), JSON.stringify(value)).not.toBeNull();
});

describe("a document that contradicts its key or itself is a named error", () => {
  const manifest = { resource: "orders", table: "orders", run_id: RUN_ID, parts: [{ key: "data/x", rows: 2 }] };
  const problemOf = (facts: object) =>
    /\((.*)\)/.exec(
      messageFor(manifestDocument(MANIFEST_KEY, {}), JSON.stringify(manifestOf({ ...manifest, ...facts }))) ?? "",
    )?.[1];

  test("the manifest of another resource, run or source", () => {
    expect(problemOf({ resource: "items" })).toBe(`it is the manifest of manifests/shop/orders/${RUN_ID}-items.json`);
    expect(problemOf({ source: "store" })).toBe(`it is the manifest of manifests/store/orders/${RUN_ID}-orders.json`);
    expect(problemOf({ run_id: "20200101T000000Z-00000000" })).toContain(
      "it is the manifest of manifests/shop/orders/2020",
    );
  });

  test("a manifest without one of its parts, or with other row counts", () => {
    expect(problemOf({ parts: [{ part: 2, key: "data/x", rows: 2 }] })).toBe("parts[0].part: expected 1, got 2");
    expect(problemOf({ rows: 3 })).toBe("rows: expected 2, the sum of its parts, got 3");
  });

  test("a schema with two columns of one name", () => {
    const columns = [...SYSTEM_COLUMNS, SYSTEM_COLUMNS[0]];
    const schema = { version: 1, file_formats: ["jsonl"], columns, history: [] };
    expect(messageFor(schemaDocument("shop", "orders"), JSON.stringify(schema))).toContain(
      "(two columns are named _run_id): restore an older version of the object",
    );
  });
});
